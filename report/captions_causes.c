/* captions_causes.c - why theory fails, in sentences that rules wrote */
#include <math.h>
#include <stdlib.h>

#include "analysis/causes.h"
#include "report/figures.h"
#include "report/names.h"
#include "report/numbers.h"

/* "8 of 8 groups: 2.5 MB to 5 MB" */
static void put_range(const struct causes *causes, const struct cause *cause,
                      const char *unit, struct buf *out)
{
    char low[NUMBER_TEXT_MAX], high[NUMBER_TEXT_MAX];

    buf_printf(out, "%zu of %zu groups, %s", cause->groups, causes->groups,
               number_si(cause->least, unit, low));
    if (cause->most > cause->least)
        buf_printf(out, " to %s", number_si(cause->most, unit, high));
}

static void put_cause(const struct causes *causes, enum cause_kind kind,
                      struct buf *out)
{
    const struct cause *cause = &causes->at[kind];
    char text[NUMBER_TEXT_MAX];

    switch (kind) {
    case CAUSE_PINNED:
        buf_printf(out, "weights are pinned on the chip and fit (");
        put_range(causes, cause, "B", out);
        buf_printf(out, ")");
        break;
    case CAUSE_CACHED:
        buf_printf(out, "weights fit in a cache that was measured to be (");
        put_range(causes, cause, "", out);
        buf_printf(out, ") times as fast as memory");
        break;
    case CAUSE_REUSE:
        buf_printf(out, "weights are reused across a batch (");
        put_range(causes, cause, "", out);
        buf_printf(out,
                   " times what memory could deliver once an image, and over "
                   "twice the smallest batch's throughput)");
        break;
    case CAUSE_OVERHEAD:
        buf_printf(out,
                   "at the smallest batch a fixed cost of up to %s a batch "
                   "takes up to %.0f %% of the time (%zu of %zu groups)",
                   number_si(causes->overhead_s, "s", text), 100 * cause->most,
                   cause->groups, causes->groups);
        break;
    case CAUSE_ABOVE_PEAK:
        buf_printf(out,
                   "%zu of %zu groups are above peak, up to %.0f %%: operation "
                   "count or peak is not what it says",
                   cause->groups, causes->groups, 100 * cause->most);
        break;
    case CAUSES:
        break;
    }
}

/* The sentence about one platform, none if it is as predicted. */
static void put_unit(const struct report_data *data,
                     const struct report_source *source, const char *unit,
                     const struct causes *causes, struct buf *out)
{
    size_t said = 0;

    if (!causes->groups || (causes->high_pct < 100 * CAUSES_CLOSE &&
                            causes->low_pct > 100 / CAUSES_CLOSE))
        return;
    name_begin(data, source, "", out);
    buf_printf(out, "%s, %.4g to %.4g %% of the prediction: ", unit,
               causes->low_pct, causes->high_pct);
    for (enum cause_kind k = 0; k < CAUSES; k++)
        if (causes->at[k].groups) {
            buf_printf(out, "%s", said++ ? "; " : "");
            put_cause(causes, k, out);
        }
    if (said && causes->unexplained)
        buf_printf(out,
                   "; the best batch of %zu of %zu groups is not explained",
                   causes->unexplained, causes->groups);
    buf_printf(out, "%s.\n", said ? "" : "not explained");
}

static void put_units(const struct report_data *data,
                      const struct report_source *source,
                      const struct estimate *estimates,
                      const struct classes *units, const struct classes *groups,
                      struct buf *out)
{
    for (size_t u = 0; u < units->count; u++) {
        const struct point *first =
            &source->points.at[units->member[units->start[u]]];
        struct causes causes;
        char unit[192];

        causes_find(&source->points, estimates, source->facts, units, groups, u,
                    &causes);
        put_unit(data, source, point_unit(first, unit, sizeof(unit)), &causes,
                 out);
    }
}

void caption_efficiency(const struct report_data *data, struct buf *out)
{
    if (data->said != SCOPE_KIND_COMP) /* what rules look at */
        return;
    for (size_t s = 0; s < data->len; s++) {
        const struct report_source *source = &data->sources[s];
        const struct points *points = &source->points;
        struct estimate *estimates =
            calloc(points->len + 1, sizeof(*estimates));
        struct classes units = { 0 };

        if (estimates &&
            !estimate_points(points, source->facts, SCOPE_KIND_COMP, estimates,
                             NULL) &&
            !classes_create(points, CLASSES_BY_UNIT, &units, NULL))
            put_units(data, source, estimates, &units, points->groups, out);
        classes_free(&units);
        free(estimates);
    }
}
