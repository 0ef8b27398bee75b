/* plan_rename.c - names of a plan exchanged, its cells left alone */
#include "orchestrator/sched/plan_rename.h"

#include <stdio.h>

#include "orchestrator/sched/plan_state.h"

struct renaming {
    struct plan *plan;
    plan_rename_f *rename;
    void *ctx;
};

static int text_rename(const struct renaming *r, const char **text,
                       struct err *err)
{
    struct buf out = { 0 };
    int rc = r->rename(r->ctx, *text, &out, err);

    if (!rc)
        *text = pool_text(r->plan->pool, buf_text(&out));
    buf_free(&out);
    if (!rc && !*text)
        rc = err_set(err, ERR_NOMEM, "no memory for a plan");
    return rc;
}

/* A value of a text axis under its new name, into 'table'. */
static int value_rename(const struct renaming *r, struct op_table *table,
                        size_t axis, struct op_value value, uint32_t *ret_index,
                        struct err *err)
{
    struct buf out = { 0 };
    int rc = 0;

    if (op_table_axis(table, axis)->type == AXIS_TEXT) {
        rc = r->rename(r->ctx, value.text, &out, err);
        snprintf(value.text, sizeof(value.text), "%s", buf_text(&out));
    }
    buf_free(&out);
    return rc ? rc : op_table_intern(table, axis, &value, ret_index, err);
}

static int row_rename(const struct renaming *r, struct op_table *table,
                      size_t row, struct err *err)
{
    const uint32_t *old = op_table_row(r->plan->table, row);
    uint32_t indexes[AXES_MAX];
    int rc = 0;

    for (size_t i = 0; !rc && i < op_table_axes(table); i++) {
        indexes[i] = OP_TABLE_OPEN;
        if (old[i] != OP_TABLE_OPEN)
            rc = value_rename(r, table, i,
                              *op_table_value(r->plan->table, i, old[i]),
                              &indexes[i], err);
    }
    return rc ? rc : op_table_append(table, indexes, err);
}

static int table_rename(const struct renaming *r, struct err *err)
{
    struct op_table *old = r->plan->table;
    struct op_table *table =
        op_table_create(op_table_axis(old, 0), op_table_axes(old));
    int rc = table ? 0 : err_set(err, ERR_NOMEM, "no memory for a plan");

    for (size_t row = 0; !rc && row < op_table_rows(old); row++)
        rc = row_rename(r, table, row, err);
    if (rc) {
        op_table_destroy(table);
        return rc;
    }
    r->plan->table = table;
    op_table_destroy(old);
    return 0;
}

int plan_rename(struct plan *plan, plan_rename_f *rename, void *ctx,
                struct err *err)
{
    struct renaming r = { plan, rename, ctx };
    int rc = 0;

    for (size_t i = 0; !rc && i < plan->boards.len; i++) {
        rc = text_rename(&r, &plan->boards.at[i].name, err);
        if (!rc)
            rc = text_rename(&r, &plan->boards.at[i].sisters, err);
    }
    for (size_t i = 0; !rc && i < plan->groups.len; i++)
        rc = text_rename(&r, &plan->groups.at[i], err);
    for (size_t i = 0; !rc && i < plan->reasons.len; i++)
        rc = text_rename(&r, &plan->reasons.at[i], err);
    return rc ? rc : table_rename(&r, err);
}
