/* import_point.c - published rows as op points
 *
 * Columns by their published names, platforms by name or alias, op modes
 * perhaps behind the platform's name.
 */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "hdf5_schema/table.h"
#include "orchestrator/archive/import_parts.h"

#define IMPORTED_AXES 6

/* The axes a published row may name, and where they stand in the file. */
static const char *const axis_names[IMPORTED_AXES] = {
    "topology",  "platform",           "op_mode",
    "precision", "pruning_factor_pct", "batch"
};

int import_columns_find(struct import *in, const char *path, struct err *err)
{
    size_t count = csv_columns(in->csv);

    in->columns = calloc(count, sizeof(struct import_column *));
    if (!in->columns)
        return err_set(err, ERR_NOMEM, "no memory to import '%s'", path);
    for (size_t i = 0; i < count; i++) {
        const char *name = csv_header(in->csv, i);

        in->columns[i] = import_column_find(name);
        if (!in->columns[i])
            return err_set(err, ERR_FORMAT, "%s: unknown column '%.60s'", path,
                           name);
        for (size_t k = 0; k < i; k++)
            if (*in->columns[i]->column &&
                !strcmp(in->columns[k]->column, in->columns[i]->column))
                return err_set(err, ERR_FORMAT,
                               "%s: columns '%s' and '%.60s' are the same",
                               path, csv_header(in->csv, k), name);
    }
    return 0;
}

/* The field of one of our axes in a row; "" if the file has none. */
const char *import_axis_field(const struct import *in, size_t row,
                              const char *axis, size_t *ret_column)
{
    *ret_column = 0;
    for (size_t i = 0; i < csv_columns(in->csv); i++)
        if (in->columns[i]->target == IMPORT_AXIS &&
            !strcmp(in->columns[i]->column, axis)) {
            *ret_column = i;
            return csv_field(in->csv, row, i);
        }
    return "";
}

/* Op modes as published, where they are not ours. */
static const char *mode_word(const char *mode)
{
    static const char *const words[][2] = { { "fast clk", "fast" },
                                            { "slow clk", "slow" } };

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(words[i][0], mode))
            return words[i][1];
    return mode;
}

/* "TX2-maxn" or "TX2 - maxn", a platform and its op mode in one; NULL if it
 * is none. */
static const struct platform *
platform_split(const struct import *in, const char *name, const char **ret_mode)
{
    const char *dash = strrchr(name, '-');
    char front[128] = "";
    size_t len = dash ? (size_t)(dash - name) : 0;

    while (len && name[len - 1] == ' ')
        len--;
    if (!len || len >= sizeof(front))
        return NULL;
    memcpy(front, name, len);
    *ret_mode = mode_word(dash + 1 + strspn(dash + 1, " "));
    return inventory_platform(in->inventory, front);
}

/* A platform by its name or alias, perhaps with its op mode behind. */
static int platform_put(const struct import *in, size_t row,
                        struct json_value *point, struct err *err)
{
    size_t column, mode_column;
    const char *name = import_axis_field(in, row, "platform", &column);
    const char *mode = import_axis_field(in, row, "op_mode", &mode_column);
    const struct platform *platform = inventory_platform(in->inventory, name);
    const char *said = mode;

    if (!platform)
        platform = platform_split(in, name, &said);
    if (platform && *mode && strcmp(mode, said) != 0)
        return csv_fail(in->csv, row, mode_column, err,
                        "found '%.40s', the platform says '%.40s'", mode, said);
    mode = said;
    if (!platform)
        return csv_fail(in->csv, row, column, err,
                        "unknown platform '%.60s' (the inventory lists them)",
                        name);
    if (*mode && !platform_mode(platform, mode))
        return csv_fail(in->csv, row, mode_column, err,
                        "platform %s has no op mode '%.40s'", platform->name,
                        mode);
    json_set_string(point, "platform", platform->name);
    if (*mode)
        json_set_string(point, "op_mode", mode);
    return 0;
}

/* A number, perhaps with a percent sign. */
bool import_number(const char *field, bool percent, double *ret_value)
{
    size_t len = strlen(field);
    char text[64];

    if (len >= sizeof(text))
        return false;
    memcpy(text, field, len + 1);
    if (percent && len && text[len - 1] == '%')
        text[len - 1] = 0;
    return text_to_f64(text, ret_value);
}

static int axis_put(const struct import *in, size_t row, const char *axis,
                    struct json_value *point, struct err *err)
{
    bool pruning = !strcmp(axis, "pruning_factor_pct");
    size_t column;
    const char *field = import_axis_field(in, row, axis, &column);
    double value;

    if (!*field)
        return 0; /* the axis stays at its default */
    if (!pruning && strcmp(axis, "batch") != 0) {
        json_set_string(point, axis, field);
        return 0;
    }
    if (!import_number(field, pruning, &value))
        return csv_fail(in->csv, row, column, err,
                        "found '%.40s', expected a number", field);
    if (!pruning && !(value >= 1 && value <= 1e9))
        return csv_fail(in->csv, row, column, err,
                        "found %.40s, expected 1 to 1e9", field);
    if (pruning)
        json_set_f64(point, axis, value);
    else
        json_set_i64(point, axis, (int64_t)value);
    return 0;
}

/* A row's op point as a member of "include". */
int import_point_make(const struct import *in, size_t row,
                      struct json_value **ret_point, struct err *err)
{
    struct json_value *point = json_new_object();
    int rc = platform_put(in, row, point, err);

    json_set_string(point, "dataset", in->settings->dataset);
    for (size_t i = 0; !rc && i < IMPORTED_AXES; i++)
        if (strcmp(axis_names[i], "platform") != 0 &&
            strcmp(axis_names[i], "op_mode") != 0)
            rc = axis_put(in, row, axis_names[i], point, err);
    if (!rc && in->repeats[row] > 1)
        json_set_i64(point, IMPORT_AGAIN, in->repeats[row]);
    if (rc)
        json_value_destroy(point);
    else
        *ret_point = point;
    return rc;
}

/* An op point that stands there again is one more observation, told apart by
 * an axis of its own. */
int import_repeats_count(struct import *in, struct err *err)
{
    size_t rows = csv_rows(in->csv);
    struct table *points = table_create(0);
    struct table_column *seen =
        points ? table_add(points, "point", COLUMN_TEXT, "", "") : NULL;
    uint32_t *counts = calloc(rows + 1, sizeof(*counts));
    int rc = 0;

    in->repeats = calloc(rows + 1, sizeof(*in->repeats));
    if (!seen || !counts || !in->repeats)
        rc = err_set(err, ERR_NOMEM, "no memory for %zu rows", rows);
    for (size_t row = 0; !rc && row < rows; row++) {
        struct json_value *point;
        struct buf text = { 0 };
        int64_t code;

        rc = import_point_make(in, row, &point, err);
        if (rc)
            break;
        rc = json_print(point, false, &text, err);
        json_value_destroy(point);
        code = rc ? -1 : table_label(seen, buf_text(&text));
        buf_free(&text);
        if (!rc && code < 0)
            rc = err_set(err, ERR_NOMEM, "no memory for %zu rows", rows);
        if (!rc)
            in->repeats[row] = ++counts[code];
    }
    table_destroy(points);
    free(counts);
    return rc;
}
