/* report_data.h - archives turned into the tables that figures draw
 *
 * Tables are tidy: one row an observation, SI units, names without
 * brackets or points, so that Vega-Lite and Altair read them as they are.
 */
#ifndef REPORT_REPORT_DATA_H
#define REPORT_REPORT_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/facts.h"
#include "analysis/points.h"
#include "core/err.h"
#include "hdf5_schema/dataset.h"
#include "report/sheet.h"

/* Rows of one table that go into a page; beyond, only the best batches. */
#define REPORT_ROWS_MAX 2000

/* Digits of a digest that tables show. */
#define REPORT_DIGEST_MAX 8

/* Best batches in a scope that go into a page, beside those on a front. */
#define REPORT_BEST_MAX 400

/* One archive, prepared: its points and the best batch of each group. */
struct report_source {
    const struct dataset *dataset;
    const struct facts *facts; /* of this archive, borrowed, may be NULL */
    char *name;                /* report_source_name() */
    struct points points;
    size_t *best[SCOPE_KINDS]; /* places in points */
    bool *front[SCOPE_KINDS];  /* of each best place */
    size_t best_len[SCOPE_KINDS];
    size_t *sets; /* of weights, of each point; weights.h */
    size_t n_sets;
};

struct holding; /* names.c */

struct report_data {
    struct report_source *sources;
    size_t len;
    const char *where; /* borrowed, may be NULL */
    bool whole;        /* tables have every row, not only those a page holds */
    bool any_weights;  /* fronts may mix differently trained weights */
    enum scope_kind said; /* what sentences are about, where there is such */
    bool networks;        /* there is more than one topology, */
    bool images;          /* more than one data set */
    struct holding *holdings; /* units, for names.h */
    size_t holdings_len;
};

enum report_data_flags {
    REPORT_WHOLE = 1,
    REPORT_ANY_WEIGHTS = 2,
};

/* Prepare 'n' datasets, and what is known of the platforms of each ('n'
 * facts, or NULL), all borrowed: what one archive states or measured of a
 * platform says nothing of another's.  'where' (select_rows(), NULL for all)
 * picks cells.  Returns 0 and data for report_data_free(); ERR_USAGE,
 * ERR_NOMEM. */
int report_data_create(const struct dataset *const *datasets, size_t n,
                       const struct facts *facts, const char *where,
                       unsigned flags, struct report_data *ret_data,
                       struct err *err);
void report_data_free(struct report_data *data);

/* A table of the report.  'make' returns 0 and a sheet for sheet_destroy();
 * ERR_NOMEM. */
struct report_table {
    const char *name; /* as figures name it: "best.json" is "best" */
    bool in_page;     /* carried by a page */
    const char *help;
    int (*make)(const struct report_data *data, struct sheet **ret_sheet,
                struct err *err);
};

/* The i-th table of tables.def; NULL beyond the last. */
const struct report_table *report_table_at(size_t i);

/* The table called 'name'; NULL if there is none. */
const struct report_table *report_table_find(const char *name);

/* Add the rows of one archive to a table.  Returns 0, or what the table's
 * maker may. */
typedef int report_put_f(struct sheet *sheet, const struct report_data *data,
                         const struct report_source *source, struct err *err);

/* Make a sheet of 'columns' with the rows of each archive in turn.  Returns 0
 * and a sheet for sheet_destroy(); ERR_NOMEM, or what 'put' does. */
int report_table_make(const struct report_data *data,
                      const struct sheet_column *columns, report_put_f *put,
                      struct sheet **ret_sheet, struct err *err);

/* The same without rows that an earlier archive had word for word. */
int report_table_make_distinct(const struct report_data *data,
                               const struct sheet_column *columns,
                               report_put_f *put, struct sheet **ret_sheet,
                               struct err *err);

/* The makers of tables.def, as above. */
#define TABLE(name, in_page, help)                                             \
    int report_table_##name(const struct report_data *data,                    \
                            struct sheet **ret_sheet, struct err *err);
#include "report/tables.def"
#undef TABLE

/* Whether there are more points than a page holds, so that the table of
 * points has only the best batches. */
bool report_points_bounded(const struct report_data *data);

/* Rows at which a table stops. */
size_t report_rows_max(const struct report_data *data);

/* Whether the i-th best place of a source in a scope goes into a table: all,
 * while there is room; else those on the front, and others evenly. */
bool report_keeps(const struct report_data *data,
                  const struct report_source *source, enum scope_kind scope,
                  size_t i);

/* The set of weights of a point of a source, from 1 on, as tables say it;
 * NaN where the archive holds only one. */
double report_weights_set(const struct report_source *source,
                          const struct point *point);

/* Number what may compete on one front, for each of 'places' of a source.
 * Returns 0 or ERR_NOMEM. */
int report_fields(const struct report_data *data,
                  const struct report_source *source, const size_t *places,
                  size_t len, size_t *ret_fields, struct err *err);

/* What the front of a point is over: archive, provenance, topology, data set
 * and, if they matter, weights; cut at 'size'.  Returns 'text'. */
const char *report_front_of(const struct report_data *data,
                            const struct report_source *source,
                            const struct point *point, char *text, size_t size);

/* The word that tells sources apart, borrowed: the title of the archive's
 * experiment, with its folder where another source has the same title. */
const char *report_source_name(const struct report_source *source);

#endif
