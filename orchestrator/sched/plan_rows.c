/* plan_rows.c - axes joined, rows carried over */
#include "orchestrator/sched/plan_rows.h"

#include <string.h>

struct plan_source plan_source_of(const struct op_table *into,
                                  const struct op_table *from)
{
    const struct axis *axes = op_table_axis(from, 0);
    struct plan_source source = { .table = from };

    for (size_t i = 0; i < op_table_axes(into); i++)
        source.axis[i] =
            axes_index(axes, op_table_axes(from), op_table_axis(into, i)->name);
    return source;
}

int plan_row_map(struct op_table *into, const struct plan_source *source,
                 size_t row, uint32_t indexes[AXES_MAX], struct err *err)
{
    const uint32_t *old = op_table_row(source->table, row);
    int rc = 0;

    for (size_t i = 0; !rc && i < op_table_axes(into); i++) {
        size_t at = source->axis[i];

        indexes[i] = OP_TABLE_OPEN;
        if (at == op_table_axes(source->table))
            rc = op_table_intern(into, i, &op_table_axis(into, i)->dflt,
                                 &indexes[i], err);
        else if (old[at] != OP_TABLE_OPEN)
            rc = op_table_intern(into, i,
                                 op_table_value(source->table, at, old[at]),
                                 &indexes[i], err);
    }
    return rc;
}

int plan_axes_join(struct axis axes[AXES_MAX], size_t *len,
                   const struct axis *more, size_t more_len, struct err *err)
{
    for (size_t i = 0; i < more_len; i++) {
        size_t at = axes_index(axes, *len, more[i].name);
        size_t last = axes_index(axes, *len, "board");

        if (at < *len && axes[at].type != more[i].type)
            return err_set(err, ERR_FORMAT, "axis '%s': its type was %s, is %s",
                           more[i].name, axis_type_word(more[i].type),
                           axis_type_word(axes[at].type));
        if (at < *len)
            continue;
        if (*len == AXES_MAX)
            return err_set(err, ERR_FORMAT, "more than %d axes with '%s'",
                           AXES_MAX, more[i].name);
        memmove(&axes[last + 1], &axes[last], (*len - last) * sizeof(axes[0]));
        axes[last] = more[i];
        ++*len;
    }
    return 0;
}
