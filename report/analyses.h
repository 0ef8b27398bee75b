/* analyses.h - what `labsweep analyze` knows: a table, seen one way */
#ifndef REPORT_ANALYSES_H
#define REPORT_ANALYSES_H

#include "analysis/points.h"
#include "core/err.h"
#include "report/report_data.h"

struct report_analysis {
    const char *name, *help;
    const char *table;          /* of tables.def */
    const char *const *columns; /* in order, ends with NULL */
    const char *needs;          /* rows that miss this column go; or NULL */
    bool front;                 /* only rows on the front */
    const char *kind;           /* only rows of this "kind"; or NULL */
    const char *sort;           /* unless told otherwise; or NULL */
    const char *absent;         /* said when no row is left */
};

/* The i-th analysis, NULL beyond the last; and by name. */
const struct report_analysis *report_analysis_at(size_t i);
const struct report_analysis *report_analysis_find(const char *name);

/* What a reader wants to see of an analysis. */
struct report_view {
    enum scope_kind scope;
    const char *sort;  /* sheet_sort(); NULL: the analysis' own order */
    const char *model; /* only rows of this "model"; NULL: all */
};

/* Make its sheet as 'view' wants it.  Returns 0 and a sheet for sheet_destroy(); ERR_USAGE (no such
 * column), ERR_NOMEM. */
int report_analysis_make(const struct report_analysis *analysis,
                         const struct report_data *data,
                         const struct report_view *view,
                         struct sheet **ret_sheet, struct err *err);

#endif
