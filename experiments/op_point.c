/* op_point.c - canonical text, id, label */
#include "experiments/op_point.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"

/* Indexes of the axes in the order of their names. */
static void sort_axes(const struct axis *axes, size_t len,
                      size_t order[AXES_MAX])
{
    for (size_t i = 0; i < len; i++) {
        size_t at = i;

        while (at > 0 && strcmp(axes[order[at - 1]].name, axes[i].name) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
}

void op_point_canonical(const struct axis *axes, size_t len,
                        const struct op_point *point, struct buf *out)
{
    size_t order[AXES_MAX];

    sort_axes(axes, len, order);
    for (size_t i = 0; i < len; i++) {
        const struct axis *axis = &axes[order[i]];
        const struct op_value *value = &point->at[order[i]];

        if (!value->there || axis_same_value(axis, value, &axis->dflt))
            continue;
        buf_put(out, axis->name, strlen(axis->name));
        buf_put_u8(out, '=');
        axis_put_value(axis, value, out);
        buf_put_u8(out, '\n');
    }
}

uint64_t op_point_id(const struct axis *axes, size_t len,
                     const struct op_point *point)
{
    struct buf text = { 0 };
    uint64_t id = 0;

    op_point_canonical(axes, len, point, &text);
    if (!buf_failed(&text))
        id = hash_u64(buf_text(&text), text.len);
    buf_free(&text);
    return id;
}

char *op_point_id_format(uint64_t id, char hex[OP_POINT_ID_HEX])
{
    snprintf(hex, OP_POINT_ID_HEX, "%016" PRIx64, id);
    return hex;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int op_point_id_parse(const char *hex, uint64_t *ret_id, struct err *err)
{
    uint64_t id = 0;
    size_t len = 0;

    for (; hex[len] && len < OP_POINT_ID_HEX; len++) {
        int digit = hex_digit(hex[len]);

        if (digit < 0)
            break;
        id = id << 4 | (uint64_t)digit;
    }
    if (len != OP_POINT_ID_HEX - 1 || hex[len])
        return err_set(err, ERR_FORMAT,
                       "'%.40s' is no cell id, expected 16 hex digits", hex);
    *ret_id = id;
    return 0;
}

void op_point_label(const struct axis *axes, size_t len,
                    const struct op_point *point, struct buf *out)
{
    bool first = true;

    for (size_t i = 0; i < len; i++) {
        const struct op_value *value = &point->at[i];

        if (!value->there || axis_same_value(&axes[i], value, &axes[i].dflt))
            continue;
        if (!first)
            buf_put_u8(out, ' ');
        first = false;
        if (!strcmp(axes[i].name, "pruning_factor_pct")) {
            axis_put_value(&axes[i], value, out);
            buf_put(out, " %", 2);
            continue;
        }
        if (axes[i].type != AXIS_TEXT || axes[i].declared)
            buf_printf(out, "%s ", axes[i].name);
        axis_put_value(&axes[i], value, out);
        if (axes[i].type != AXIS_TEXT && *axes[i].unit &&
            strcmp(axes[i].unit, "1") != 0)
            buf_printf(out, " %s", axes[i].unit);
    }
}

const struct op_value *op_point_find(const struct axis *axes, size_t len,
                                     const struct op_point *point,
                                     const char *name)
{
    size_t i = axes_index(axes, len, name);

    return i < len && point->at[i].there ? &point->at[i] : NULL;
}

const char *op_point_text(const struct axis *axes, size_t len,
                          const struct op_point *point, const char *name)
{
    size_t i = axes_index(axes, len, name);

    if (i >= len || axes[i].type != AXIS_TEXT || !point->at[i].there)
        return "";
    return point->at[i].text;
}
