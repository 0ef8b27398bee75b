/* html.h - a report as one page that needs no network
 *
 * The page holds data, Vega-Lite specifications, and the libraries that
 * draw them; it loads nothing, and forbids itself to.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/facts.h"
#include "core/buf.h"
#include "core/err.h"
#include "hdf5_schema/dataset.h"

struct report_options {
    const char *title;         /* NULL: the first archive's */
    const char *where;         /* select_rows(); NULL: every cell */
    const struct facts *facts; /* one an archive; NULL: none are known */
    unsigned flags;            /* of report_data_create() */
    int64_t generated_unix_ns; /* 0: not said */
};

/* Append the page of 'n' datasets (of different provenance or campaigns:
 * they are told apart, never mixed).  Returns 0; ERR_USAGE ('where', no
 * dataset), ERR_NOMEM. */
int report_html(const struct dataset *const *datasets, size_t n,
                const struct report_options *options, struct buf *out,
                struct err *err);

#endif
