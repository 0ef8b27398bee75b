/* rule.h - one entry of an adapter's "collect", compiled; for this room only
 */
#ifndef WORKERS_COLLECT_RULE_H
#define WORKERS_COLLECT_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/vec.h"
#include "hdf5_schema/columns.h"
#include "inventory/adapter.h"
#include "workers/collect/collect.h"
#include "workers/collect/json_find.h"
#include "workers/collect/pattern.h"
#include "workers/collect/quantity.h"

#define SOURCE_FORMS (ADAPTER_FORM_TABLE + 1)

/* An output and what was parsed of it, so that every path does not parse it
 * again; by form, stream, and object or array. */
struct source_doc {
    struct json_doc *doc;
    bool tried;
    struct err why; /* why there is no doc */
};

struct source {
    const struct collect_output *output;
    struct source_doc docs[SOURCE_FORMS][2][2];
};

struct rule {
    const struct adapter_collect *entry;
    const struct column *column; /* NULL: a capture */
    struct pattern *pattern;     /* exactly one of the two */
    struct json_path *path;
    bool has_comma; /* the pattern itself speaks of commas */
    bool is_text;
    bool is_list;
    double factor; /* number as read -> column's unit, or SI */
    struct dimension dimension;
    /* as read last */
    VEC(double) numbers;
    char *text;
    int64_t whole; /* an integer beyond what a double holds, or missing */
};

/* Compile 'entry' of 'adapter'; 'where' names it ("collect[3]").  Returns 0,
 * ERR_FORMAT, ERR_NOMEM; free with rule_free() in any case. */
int rule_compile(struct rule *rule, const struct adapter *adapter,
                 const struct adapter_collect *entry, const char *where,
                 struct err *err);
void rule_free(struct rule *rule);

/* Read the rule from its job's outputs; what was read before is forgotten.
 * Returns 0 (optional things may be missing), ERR_FORMAT, ERR_NOMEM. */
int rule_read(struct rule *rule, struct source *sources, size_t len,
              struct err *err);

/* Whether anything was read. */
bool rule_there(const struct rule *rule);

/* Put what was read into its column.  Returns 0; ERR_FORMAT if it cannot be
 * a value of the column. */
int rule_store(const struct rule *rule, struct attempt_row *row,
               struct err *err);

/* Set a number of the column's unit.  ERR_FORMAT for what no measurement of
 * this column can be (negative time, 120 percent, a zero latency, a count
 * that is not whole). */
int column_store(const struct column *column, double value,
                 struct attempt_row *row, struct err *err);

/* The column of that name that an adapter may fill.  Returns 0; ERR_FORMAT
 * (unknown, with a near miss; one of labsweep's own). */
int column_find(const char *name, const struct column **ret_column,
                struct err *err);

/* The value in 'form' of a source's stream (form_read()).  Returns NULL with a sentence
 * if there is none; borrowed from the source. */
const struct json_doc *source_json(struct source *source,
                                   enum adapter_form form,
                                   enum adapter_stream stream, bool array,
                                   struct err *err);

/* A number from a place in JSON: a number, true or false, or a text that is
 * wholly a number.  Returns 0, ERR_FORMAT with what was found. */
int json_number(const struct json *at, double *ret_value, struct err *err);

#endif
