/* matrix_points.c - points read into indexes, and rows matched with them */
#include "experiments/matrix_points.h"

#include <stdlib.h>

void matrix_points_free(struct matrix_points *points)
{
    for (size_t i = 0; i < AXES_MAX; i++) {
        VEC_FREE(&points->axis[i].values);
        free(points->axis[i].allowed);
        points->axis[i].allowed = NULL;
    }
}

static int add_value(const struct axis *axis, const struct json *at, size_t i,
                     struct op_table *table, struct matrix_points *points,
                     struct err *err)
{
    struct op_value value;
    uint32_t index = 0;
    int rc = axis_read_value(axis, at, &value, err);

    if (!rc)
        rc = op_table_intern(table, i, &value, &index, err);
    if (!rc && !VEC_PUSH(&points->axis[i].values, index))
        rc = err_set(err, ERR_NOMEM, "no memory for axis values");
    return rc;
}

int matrix_points_read(const struct experiment *e, const struct json *at,
                       struct op_table *table, struct matrix_points *ret_points,
                       struct err *err)
{
    struct matrix_points points = { 0 };
    int rc = 0;

    for (size_t i = 0; !rc && i < e->axes_len; i++) {
        struct json member = json_get(at, e->axes[i].name);
        size_t k = 0;

        if (!json_there(&member))
            continue;
        points.axis[i].named = true;
        if (json_kind(&member) != JSON_ARRAY)
            rc = add_value(&e->axes[i], &member, i, table, &points, err);
        for (struct json v = json_first(&member); !rc && json_there(&v);
             v = json_next(&member, &v, ++k))
            rc = add_value(&e->axes[i], &v, i, table, &points, err);
    }
    if (rc)
        matrix_points_free(&points);
    else
        *ret_points = points;
    return rc;
}

int matrix_points_default(struct matrix_points *points, struct op_table *table,
                          struct err *err)
{
    for (size_t i = 0; i < op_table_axes(table); i++) {
        uint32_t index = OP_TABLE_OPEN;
        int rc;

        if (points->axis[i].named)
            continue;
        rc = op_table_intern(table, i, &op_table_axis(table, i)->dflt, &index,
                             err);
        if (rc)
            return rc;
        if (!VEC_PUSH(&points->axis[i].values, index))
            return err_set(err, ERR_NOMEM, "no memory for axis values");
    }
    return 0;
}

int matrix_points_index(struct matrix_points *points,
                        const struct op_table *table, struct err *err)
{
    for (size_t i = 0; i < op_table_axes(table); i++) {
        size_t len = op_table_values(table, i);
        bool *allowed;

        if (!points->axis[i].named || points->axis[i].allowed)
            continue;
        allowed = calloc(len + 1, sizeof(*allowed));
        if (!allowed)
            return err_set(err, ERR_NOMEM, "no memory for rules");
        for (size_t k = 0; k < points->axis[i].values.len; k++)
            allowed[points->axis[i].values.at[k]] = true;
        points->axis[i].allowed = allowed;
        points->axis[i].allowed_len = len;
    }
    return 0;
}

bool matrix_points_match(const struct matrix_points *points, size_t axes,
                         const uint32_t *indexes)
{
    for (size_t i = 0; i < axes; i++) {
        if (!points->axis[i].named)
            continue;
        if (indexes[i] >= points->axis[i].allowed_len ||
            !points->axis[i].allowed[indexes[i]])
            return false;
    }
    return true;
}
