/* plan_amend.c - two plans laid over each other by the ids of their cells */
#include "orchestrator/sched/plan_amend.h"

#include <stdlib.h>
#include <string.h>

#include "orchestrator/sched/plan_rows.h"

#define RETIRED_REASON "no longer in the experiment"

struct amend {
    const struct plan *before;
    struct plan *grown;     /* becomes the amended one */
    struct op_table *table; /* of the amended one */
    size_t cells;
    uint64_t *ids;
    uint32_t *class_of, *order;
    uint32_t *row_of;     /* amended row of a row of 'grown' */
    uint32_t *retired_as; /* amended class of a class of 'before' */
    struct plan_change change;
};

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for an amended plan");
}

void plan_change_free(struct plan_change *change)
{
    free(change->retired);
    *change = (struct plan_change){ 0 };
}

/* ---- axes */

/* Axes of both plans; board and repeat last, as everywhere. */
static int table_create_both(struct amend *a, struct err *err)
{
    size_t old_len, len;
    const struct axis *old = plan_axes(a->before, &old_len);
    const struct axis *new = plan_axes(a->grown, &len);
    struct axis axes[AXES_MAX];
    int rc;

    memcpy(axes, new, len * sizeof(axes[0]));
    rc = plan_axes_join(axes, &len, old, old_len, err);
    if (rc)
        return rc;
    a->table = op_table_create(axes, len);
    return a->table ? 0 : no_memory(err);
}

/* ---- rows */

/* Append a row of 'from' to the amended table. */
static int row_append(struct amend *a, const struct plan_source *from,
                      size_t row, struct err *err)
{
    uint32_t indexes[AXES_MAX];
    int rc = plan_row_map(a->table, from, row, indexes, err);

    return rc ? rc : op_table_append(a->table, indexes, err);
}

/* The class of a retired cell: na, of the same mode and size. */
static int class_retire(struct amend *a, uint32_t class, struct err *err)
{
    struct plan_class c = a->before->classes.at[class];
    const struct plan_mode *mode = &a->before->modes.at[c.mode];
    int rc;

    if (a->retired_as[class] != PLAN_NONE)
        return 0;
    c.pinned = PLAN_NONE;
    c.expected_s = 0;
    rc =
        plan_intern_mode(a->grown, mode->platform, mode->op_mode, &c.mode, err);
    if (!rc)
        rc = plan_intern_reason(a->grown, RETIRED_REASON, &c.reason, err);
    if (!rc)
        rc = plan_intern_set(a->grown, NULL, 0, &c.set, err);
    if (!rc && !VEC_PUSH(&a->grown->classes, c))
        rc = no_memory(err);
    if (!rc)
        a->retired_as[class] = (uint32_t)a->grown->classes.len - 1;
    return rc;
}

static int row_retire(struct amend *a, size_t row, struct err *err)
{
    uint32_t class = a->before->class_of[row];
    int rc = class_retire(a, class, err);

    if (rc)
        return rc;
    a->class_of[row] = a->retired_as[class];
    a->change.retired[a->change.retired_len++] = row;
    return 0;
}

static void row_keep(struct amend *a, size_t row, size_t grown_row)
{
    bool was = plan_cell_na(a->before, row);
    bool is = plan_cell_na(a->grown, grown_row);

    a->class_of[row] = a->grown->class_of[grown_row];
    a->row_of[grown_row] = (uint32_t)row;
    a->change.kept++;
    a->change.opened += was && !is;
    a->change.closed += is && !was;
}

static int rows_before(struct amend *a, struct err *err)
{
    struct plan_source from = plan_source_of(a->table, a->before->table);
    int rc = 0;

    for (size_t i = 0; !rc && i < a->before->cells; i++) {
        size_t at;

        a->ids[i] = a->before->ids[i];
        rc = row_append(a, &from, i, err);
        if (!rc && plan_find(a->grown, a->ids[i], &at))
            row_keep(a, i, at);
        else if (!rc)
            rc = row_retire(a, i, err);
    }
    return rc;
}

static int rows_new(struct amend *a, struct err *err)
{
    struct plan_source from = plan_source_of(a->table, a->grown->table);
    size_t row = a->before->cells;
    int rc = 0;

    for (size_t i = 0; !rc && i < a->grown->cells; i++) {
        if (a->row_of[i] != PLAN_NONE)
            continue;
        rc = row_append(a, &from, i, err);
        a->ids[row] = a->grown->ids[i];
        a->class_of[row] = a->grown->class_of[i];
        a->row_of[i] = (uint32_t)row++;
        a->change.added++;
    }
    a->cells = row;
    return rc;
}

/* The order of the grown plan; retired rows, which nobody runs, behind. */
static void order_make(struct amend *a)
{
    size_t at = 0;

    for (size_t i = 0; i < a->grown->cells; i++)
        a->order[at++] = a->row_of[a->grown->order[i]];
    for (size_t i = 0; i < a->change.retired_len; i++)
        a->order[at++] = (uint32_t)a->change.retired[i];
}

/* ---- all of it */

static int room_make(struct amend *a, struct err *err)
{
    size_t before = a->before->cells, grown = a->grown->cells;
    size_t most = before + grown + 1, classes = a->before->classes.len;

    a->ids = malloc(most * sizeof(*a->ids));
    a->class_of = malloc(most * sizeof(*a->class_of));
    a->order = malloc(most * sizeof(*a->order));
    a->row_of = malloc((grown + 1) * sizeof(*a->row_of));
    a->retired_as = malloc((classes + 1) * sizeof(*a->retired_as));
    a->change.retired = malloc((before + 1) * sizeof(*a->change.retired));
    if (!a->ids || !a->class_of || !a->order || !a->row_of || !a->retired_as ||
        !a->change.retired)
        return no_memory(err);
    for (size_t i = 0; i < grown; i++)
        a->row_of[i] = PLAN_NONE;
    for (size_t i = 0; i < classes; i++)
        a->retired_as[i] = PLAN_NONE;
    return 0;
}

/* Give the grown plan its new rows. */
static int rows_take(struct amend *a, struct err *err)
{
    struct plan *plan = a->grown;
    int rc;

    op_table_destroy(plan->table);
    free(plan->ids);
    free(plan->class_of);
    free(plan->order);
    free(plan->by_id);
    plan->table = a->table;
    plan->ids = a->ids;
    plan->class_of = a->class_of;
    plan->order = a->order;
    plan->by_id = NULL;
    plan->cells = a->cells;
    plan->totals.len = 0;
    a->table = NULL;
    a->ids = NULL;
    a->class_of = a->order = NULL;
    rc = plan_index(plan, err);
    return rc ? rc : plan_sum(plan, err);
}

static void room_free(struct amend *a)
{
    op_table_destroy(a->table);
    free(a->ids);
    free(a->class_of);
    free(a->order);
    free(a->row_of);
    free(a->retired_as);
}

int plan_amend(const struct plan *before, struct plan *own_grown,
               struct plan **ret_plan, struct plan_change *ret_change,
               struct err *err)
{
    struct amend a = { .before = before, .grown = own_grown };
    int rc = table_create_both(&a, err);

    if (!rc)
        rc = room_make(&a, err);
    if (!rc)
        rc = rows_before(&a, err);
    if (!rc)
        rc = rows_new(&a, err);
    if (!rc) {
        order_make(&a);
        rc = rows_take(&a, err);
    }
    room_free(&a);
    if (rc) {
        plan_change_free(&a.change);
        plan_destroy(own_grown);
        return rc;
    }
    *ret_plan = own_grown;
    *ret_change = a.change;
    return 0;
}
