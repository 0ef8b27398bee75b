/* causes.c - rules about one group at a time, folded over a platform */
#include "analysis/causes.h"

#include <math.h>
#include <string.h>

#include "analysis/efficiency.h"

#define GAIN  2.0 /* of a batch over the smallest, to call it reuse */
#define SHARE 0.5 /* of a fixed cost in the smallest batch's time */

/* A group: its best point and its smallest batch, and what is known. */
struct look {
    const struct point *best, *least;
    const struct estimate *best_estimate, *least_estimate;
    const struct platform_facts *row; /* NULL: not stated */
    double peak_op_s, bw_byte_s, cache_byte_s;
    double weight_bytes, stored_bytes;
};

static double fps_of(const struct point *point)
{
    return point->scope[SCOPE_KIND_COMP].fps;
}

static bool look_make(const struct points *points,
                      const struct estimate *estimates,
                      const struct facts *facts, const struct classes *groups,
                      size_t group, struct look *look)
{
    memset(look, 0, sizeof(*look));
    for (size_t m = groups->start[group]; m < groups->start[group + 1]; m++) {
        size_t i = groups->member[m];
        const struct point *p = &points->at[i];

        if (isnan(fps_of(p)) || isnan(estimates[i].seed_fps))
            continue;
        if (!look->best || fps_of(p) > fps_of(look->best)) {
            look->best = p;
            look->best_estimate = &estimates[i];
        }
        if (!look->least || p->batch < look->least->batch) {
            look->least = p;
            look->least_estimate = &estimates[i];
        }
    }
    if (!look->best)
        return false;
    look->row = facts_find(facts, look->best->platform, look->best->op_mode,
                           look->best->precision);
    estimate_roof(look->best, facts, &look->peak_op_s, &look->bw_byte_s);
    look->weight_bytes = look->best->params * look->best->weight_bits / 8;
    look->stored_bytes = look->row && look->row->storage_bits
                             ? look->best->params * look->row->storage_bits / 8
                             : look->weight_bytes;
    look->cache_byte_s =
        facts_machine_read(facts, look->best->platform, look->stored_bytes);
    return true;
}

/* Each returns the number that its rule is about, or NaN if it is silent. */

static double pinned(const struct look *look)
{
    bool fires = look->row && look->row->pinned &&
                 look->stored_bytes <= look->row->on_chip_bytes &&
                 fps_of(look->best) > look->best_estimate->seed_fps;

    return fires ? look->stored_bytes : (double)NAN;
}

static double cached(const struct look *look)
{
    bool fires = look->cache_byte_s > look->bw_byte_s &&
                 fps_of(look->best) > look->best_estimate->seed_fps;

    return fires ? look->cache_byte_s / look->bw_byte_s : (double)NAN;
}

static double reuse(const struct look *look)
{
    double times = fps_of(look->best) * look->weight_bytes / look->bw_byte_s;
    bool fires = isnan(pinned(look)) && isnan(cached(look)) && times > 1 &&
                 look->best->batch > 1 &&
                 fps_of(look->best) >= GAIN * fps_of(look->least);

    return fires ? times : (double)NAN;
}

static double overhead(const struct look *look)
{
    double share = look->least_estimate->overhead_s * fps_of(look->least) /
                   look->least->batch;
    bool fires =
        share >= SHARE && fps_of(look->least) < look->least_estimate->seed_fps;

    return fires ? fmin(share, 1) : (double)NAN;
}

static double above_peak(const struct look *look)
{
    double share = fps_of(look->best) * look->best->ops_image / look->peak_op_s;

    return share > 1 ? share : (double)NAN;
}

/* Whether a rule fired for the way in which the best batch is off: what
 * makes it faster, or a fixed cost that still weighs there. */
static bool explained(const struct look *look, double pct)
{
    double share = look->best_estimate->overhead_s * fps_of(look->best) /
                   look->best->batch;

    if (pct > 100 * CAUSES_CLOSE)
        return !isnan(pinned(look)) || !isnan(cached(look)) ||
               !isnan(reuse(look));
    return pct >= 100 / CAUSES_CLOSE || share >= SHARE;
}

static void fold(struct cause *cause, double value)
{
    if (isnan(value))
        return;
    cause->least = cause->groups ? fmin(cause->least, value) : value;
    cause->most = cause->groups ? fmax(cause->most, value) : value;
    cause->groups++;
}

static void fold_look(struct causes *causes, const struct look *look)
{
    double (*const rules[CAUSES])(const struct look *look) = {
        [CAUSE_PINNED] = pinned,         [CAUSE_CACHED] = cached,
        [CAUSE_REUSE] = reuse,           [CAUSE_OVERHEAD] = overhead,
        [CAUSE_ABOVE_PEAK] = above_peak,
    };
    double pct =
        efficiency_pct(fps_of(look->best), look->best_estimate->seed_fps);

    causes->low_pct = causes->groups ? fmin(causes->low_pct, pct) : pct;
    causes->high_pct = causes->groups ? fmax(causes->high_pct, pct) : pct;
    causes->groups++;
    causes->unexplained += !explained(look, pct);
    for (size_t i = 0; i < CAUSES; i++)
        fold(&causes->at[i], rules[i](look));
    if (!isnan(overhead(look)))
        causes->overhead_s =
            fmax(causes->overhead_s, look->least_estimate->overhead_s);
}

void causes_find(const struct points *points, const struct estimate *estimates,
                 const struct facts *facts, const struct classes *units,
                 const struct classes *groups, size_t unit,
                 struct causes *ret_causes)
{
    memset(ret_causes, 0, sizeof(*ret_causes));
    for (size_t m = units->start[unit]; m < units->start[unit + 1]; m++) {
        size_t i = units->member[m], group = groups->of[i];
        struct look look;

        if (groups->member[groups->start[group]] == i && /* once a group */
            look_make(points, estimates, facts, groups, group, &look))
            fold_look(ret_causes, &look);
    }
}
