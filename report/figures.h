/* figures.h - the figures of a report: specification, table and sentences */
#ifndef REPORT_FIGURES_H
#define REPORT_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "report/report_data.h"

struct figure {
    const char *id, *table, *heading;
    const char *absent; /* said where there is nothing to draw */
    const char *spec;   /* Vega-Lite, JSON text */
    /* Append what the figure shows in sentences computed from the data, one
     * a line; nothing if there is nothing to draw. */
    void (*caption)(const struct report_data *data, struct buf *out);
};

/* The i-th figure in the report's order; NULL beyond the last. */
const struct figure *figure_at(size_t i);

/* The figure called 'id', or NULL. */
const struct figure *figure_find(const char *id);

/* Append the figure's specification, the word BASIS in its subtitle replaced
 * by what numbers rest on: repeats, power scope, weights; or ORIGIN by the
 * latter two. */
void figure_print_spec(const struct figure *figure,
                       const struct report_data *data, struct buf *out);

/* The captions of figures.def, as above. */
#define FIGURE(id, table, heading, absent)                                     \
    void caption_##id(const struct report_data *data, struct buf *out);
#include "report/figures.def"
#undef FIGURE

#endif
