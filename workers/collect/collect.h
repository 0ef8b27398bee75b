/* collect.h - what a tool printed becomes columns, with units
 *
 * Pure.  An adapter's patterns, paths and expressions are compiled once
 * (a collector, of one thread) and tried on the output of every cell; what
 * cannot be read stays missing, and the first thing that is wrong gives one
 * sentence.  docs/lane.md has the rules.
 */
#ifndef WORKERS_COLLECT_COLLECT_H
#define WORKERS_COLLECT_COLLECT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "hdf5_schema/columns.h"
#include "inventory/adapter.h"
#include "inventory/inventory.h"
#include "inventory/template.h"

#define COLLECT_LIST_MAX (1u << 24) /* numbers in one list */

struct collector;

/* What one run of a job printed, cleaned (collect_clean()), each with a zero
 * after it; indexed by enum adapter_stream.  A job with "each" has one for
 * every value, in order. */
struct collect_output {
    const char *job;
    const char *text[2];
    size_t len[2];
};

/* Which of an adapter's two lists is read. */
enum collect_part {
    COLLECT_MEASURED, /* "collect" and "derive" */
    COLLECT_ACCURACY, /* "collect" of "accuracy" */
};

/* Compile and check: patterns, paths, columns, units, names and dimensions
 * of expressions.  'adapter' is borrowed as long as the collector.
 * Returns 0 and a collector for collector_destroy(); ERR_FORMAT naming the
 * file and the place; ERR_NOMEM. */
int collector_create(const struct adapter *adapter,
                     struct collector **ret_collector, struct err *err);
void collector_destroy(struct collector *collector); /* NULL is fine */

/* collector_create() for its errors alone, as `labsweep validate` asks. */
int collect_check_adapter(const struct adapter *adapter, struct err *err);
/* The same of all adapters of a lab: before anything is planned or run. */
int collect_check_inventory(const struct inventory *inventory, struct err *err);

/* Whether the outputs fulfil the adapter's "valid".  Returns 0; ERR_REFUSED
 * with the rule's reason; ERR_FORMAT if a pattern gave up. */
int collector_valid(struct collector *collector,
                    const struct collect_output *outputs, size_t len,
                    struct err *err);

/* Read one part into 'row'.  'names' gives expressions what no output holds:
 * axes, parameters, ops_image, params (numbers as text).
 *
 * Everything that can be read is set, also on failure.  Returns 0;
 * ERR_FORMAT with the first thing that is missing, twice there with
 * different values, or not of its form; ERR_NOMEM. */
int collector_read(struct collector *collector, enum collect_part part,
                   const struct collect_output *outputs, size_t len,
                   const struct template_names *names, struct attempt_row *row,
                   struct err *err);

/* What became of one entry of "collect" or "derive". */
struct collect_found {
    const char *name; /* of the column or capture */
    bool is_capture;
    const char *unit;      /* of 'value', "" for a pure number */
    size_t count;          /* numbers read, 0: none (see 'text') */
    double value;          /* the first: column's unit; captures in SI */
    const char *text;      /* or NULL; borrowed for the call */
    const struct err *why; /* NULL: nothing wrong; it may be missing */
};

/* collector_read(), telling of every entry in order: for people who look at
 * what an adapter reads. */
int collector_read_telling(struct collector *collector, enum collect_part part,
                           const struct collect_output *outputs, size_t len,
                           const struct template_names *names,
                           struct attempt_row *row,
                           void (*tell)(void *ctx,
                                        const struct collect_found *found),
                           void *ctx, struct err *err);

/* The samples "name" ("lat_sys", "lat_comp") in SI.  Returns 0 and
 * 'ret_len' numbers for free() (none and NULL if the adapter has no such
 * samples); ERR_FORMAT; ERR_NOMEM. */
int collector_samples(struct collector *collector, const char *name,
                      const struct collect_output *outputs, size_t len,
                      double **ret_values, size_t *ret_len, struct err *err);

/* Group 1 of the first match of 'pattern' in raw output; without a pattern
 * the first line that is not blank.  Copied into 'value'.
 * Returns 0; ERR_NOT_FOUND or ERR_FORMAT with a sentence; ERR_NOMEM. */
int collect_first(const char *pattern, const void *data, size_t data_len,
                  char *value, size_t size, struct err *err);

#endif
