/* corners.c - the ends of the axes of each (platform, precision) */
#include "orchestrator/sched/corners.h"

#include <string.h>

#include "core/vec.h"

struct ends {
    struct op_value platform, precision;
    struct op_value low[AXES_MAX], high[AXES_MAX];
};

struct finder {
    const struct axis *axes;
    size_t len, platform, precision, board, repeat;
    VEC(struct ends) ends;
};

static bool same_text(const struct op_value *a, const struct op_value *b)
{
    return a->there == b->there && !strcmp(a->text, b->text);
}

static struct ends *find(struct finder *f, const struct op_point *point)
{
    for (size_t i = f->ends.len; i-- > 0;) {
        struct ends *e = &f->ends.at[i];

        if (same_text(&e->platform, &point->at[f->platform]) &&
            same_text(&e->precision, &point->at[f->precision]))
            return e;
    }
    return NULL;
}

/* Below 0 if 'a' is less; words are in the order in which they came. */
static int compare(const struct axis *axis, const struct op_value *a,
                   const struct op_value *b)
{
    switch (axis->type) {
    case AXIS_TEXT:
        return 1;
    case AXIS_I64:
        return (a->i64 > b->i64) - (a->i64 < b->i64);
    case AXIS_F64:
        return (a->f64 > b->f64) - (a->f64 < b->f64);
    }
    return 0;
}

/* Let the ends of the point's class reach to it. */
static bool extend(struct finder *f, const struct op_point *point)
{
    struct ends *e = find(f, point);

    if (!e) {
        struct ends first = { .platform = point->at[f->platform],
                              .precision = point->at[f->precision] };

        memcpy(first.low, point->at, sizeof(first.low));
        memcpy(first.high, point->at, sizeof(first.high));
        return VEC_PUSH(&f->ends, first);
    }
    for (size_t i = 0; i < f->len; i++) {
        const struct op_value *value = &point->at[i];

        if (!value->there)
            continue;
        if (!e->low[i].there || compare(&f->axes[i], value, &e->low[i]) < 0)
            e->low[i] = *value;
        if (!e->high[i].there || compare(&f->axes[i], value, &e->high[i]) > 0)
            e->high[i] = *value;
    }
    return true;
}

static bool is_corner(struct finder *f, const struct op_point *point)
{
    const struct ends *e = find(f, point);

    for (size_t i = 0; i < f->len; i++) {
        const struct op_value *value = &point->at[i];
        bool low = axis_same_value(&f->axes[i], value, &e->low[i]);
        bool high = axis_same_value(&f->axes[i], value, &e->high[i]);

        if (i == f->board || i == f->platform || i == f->precision)
            continue;
        if (!low && (i == f->repeat || !high))
            return false;
    }
    return true;
}

int corners_rank(const struct plan *plan, uint8_t *rank, struct err *err)
{
    struct finder f = { .len = 0 };
    struct op_point point;
    int rc = 0;

    f.axes = plan_axes(plan, &f.len);
    f.platform = axes_index(f.axes, f.len, "platform");
    f.precision = axes_index(f.axes, f.len, "precision");
    f.board = axes_index(f.axes, f.len, "board");
    f.repeat = axes_index(f.axes, f.len, "repeat");
    for (size_t i = 0; !rc && i < plan_cells(plan); i++) {
        plan_cell_point(plan, i, &point);
        if (!plan_cell_na(plan, i) && !extend(&f, &point))
            rc = err_set(err, ERR_NOMEM, "no memory for corners");
    }
    for (size_t i = 0; !rc && i < plan_cells(plan); i++) {
        plan_cell_point(plan, i, &point);
        rank[i] = plan_cell_na(plan, i) || !is_corner(&f, &point);
    }
    VEC_FREE(&f.ends);
    return rc;
}
