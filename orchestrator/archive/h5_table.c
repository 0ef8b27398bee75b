/* h5_table.c - columns of numbers, streamed into a group */
#include "orchestrator/archive/h5_table.h"

#include <hdf5_hl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"
#include "orchestrator/archive/h5_file.h"

struct h5_column {
    char name[64];
    enum column_type type;
    hid_t dataset;
    double *f64; /* one block, the one of its type */
    int64_t *i64;
    bool block_any; /* something is there in the block */
    bool missing;   /* something was missing in a block so far */
};

struct h5_table {
    hid_t group;
    struct table *labels;
    size_t chunk, written, pending;
    bool row_open; /* the fields of the coming row are cleared */
    VEC(struct h5_column) columns;
};

int h5_table_create(hid_t file, const char *name, size_t rows,
                    struct table *labels, struct h5_table **ret_table,
                    struct err *err)
{
    struct h5_table *table = calloc(1, sizeof(*table));

    if (!table)
        return err_set(err, ERR_NOMEM, "no memory for table '%s'", name);
    table->labels = labels;
    table->chunk = rows < 64 ? 64 : rows;
    if (table->chunk > H5_TABLE_CHUNK)
        table->chunk = H5_TABLE_CHUNK;
    table->group = h5_group_create(file, name, err);
    if (table->group < 0) {
        free(table);
        return ERR_IO;
    }
    *ret_table = table;
    return 0;
}

void h5_table_destroy(struct h5_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->columns.len; i++) {
        h5_close(table->columns.at[i].dataset);
        free(table->columns.at[i].f64);
        free(table->columns.at[i].i64);
    }
    VEC_FREE(&table->columns);
    h5_close(table->group);
    free(table);
}

static hid_t file_type(enum column_type type)
{
    switch (type) {
    case COLUMN_F64:
        return H5T_IEEE_F64LE;
    case COLUMN_TEXT:
        return H5T_STD_I32LE;
    case COLUMN_FLAG:
        return H5T_STD_I8LE;
    case COLUMN_I64:
    case COLUMN_STAMP:
        break;
    }
    return H5T_STD_I64LE;
}

/* The integer that says missing. */
static int64_t missing_of(enum column_type type)
{
    return type == COLUMN_TEXT || type == COLUMN_FLAG ? -1 : COLUMN_I64_MISSING;
}

static hid_t creation_list(enum column_type type, size_t chunk)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    int64_t missing = missing_of(type);
    double nan_value = (double)NAN;
    hsize_t dim = chunk;
    bool f64 = type == COLUMN_F64;

    if (list >= 0 &&
        (H5Pset_chunk(list, 1, &dim) < 0 || H5Pset_shuffle(list) < 0 ||
         H5Pset_deflate(list, 1) < 0 || H5Pset_obj_track_times(list, 0) < 0 ||
         H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED |
                                              H5P_CRT_ORDER_INDEXED) < 0 ||
         H5Pset_fill_value(list, f64 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64,
                           f64 ? (void *)&nan_value : (void *)&missing) < 0)) {
        H5Pclose(list);
        return H5I_INVALID_HID;
    }
    return list;
}

static hid_t column_create(const struct h5_table *table, const char *name,
                           enum column_type type)
{
    hsize_t none = 0, most = H5S_UNLIMITED;
    hid_t space = H5Screate_simple(1, &none, &most);
    hid_t list = creation_list(type, table->chunk), dataset = H5I_INVALID_HID;
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);

    /* every write is a whole chunk: keep none in memory */
    if (space >= 0 && list >= 0 && access >= 0 &&
        H5Pset_chunk_cache(access, 0, 0, 1.0) >= 0)
        dataset = H5Dcreate2(table->group, name, file_type(type), space,
                             H5P_DEFAULT, list, access);
    h5_close(access);
    h5_close(list);
    h5_close(space);
    return dataset;
}

/* UDUNITS has no operations: a count of them is a number. */
static const char *file_unit(const char *unit)
{
    if (!strcmp(unit, "op"))
        return "1";
    return strcmp(unit, "op/s") != 0 ? unit : "1/s";
}

static int flag_describe(hid_t dataset, const char *name, struct err *err)
{
    const char *const *words = columns_flag_words(name);
    int8_t values[64];
    char all[512] = "";
    int count = 0, rc;

    for (; words && words[count]; count++) {
        values[count] = (int8_t)count;
        if (count)
            strncat(all, " ", sizeof(all) - strlen(all) - 1);
        strncat(all, words[count], sizeof(all) - strlen(all) - 1);
    }
    if (!count)
        return 0;
    rc = h5_attr_numbers(dataset, "flag_values", H5T_STD_I8LE, H5T_NATIVE_INT8,
                         values, (size_t)count, err);
    return rc ? rc : h5_attr_text(dataset, "flag_meanings", all, err);
}

static int column_describe(const struct h5_table *table,
                           const struct h5_column *column, const char *unit,
                           const char *help, struct err *err)
{
    char labels[96];
    int rc = h5_attr_text(column->dataset, "long_name", help, err);

    (void)table;
    if (rc)
        return rc;
    switch (column->type) {
    case COLUMN_STAMP:
        return h5_attr_text(column->dataset, "units", H5_STAMP_UNITS, err);
    case COLUMN_FLAG:
        return flag_describe(column->dataset, column->name, err);
    case COLUMN_TEXT:
        snprintf(labels, sizeof(labels), "/labels/%s", column->name);
        return h5_attr_text(column->dataset, "labels", labels, err);
    case COLUMN_F64:
    case COLUMN_I64:
        break;
    }
    return *unit ? h5_attr_text(column->dataset, "units", file_unit(unit), err)
                 : 0;
}

static size_t column_find(const struct h5_table *table, const char *name)
{
    for (size_t i = 0; i < table->columns.len; i++)
        if (!strcmp(table->columns.at[i].name, name))
            return i;
    return H5_NO_COLUMN;
}

static bool column_buffer(struct h5_table *table, struct h5_column *column)
{
    if (column->type == COLUMN_F64)
        column->f64 = malloc(table->chunk * sizeof(double));
    else
        column->i64 = malloc(table->chunk * sizeof(int64_t));
    if (!column->f64 && !column->i64)
        return false;
    return column->type != COLUMN_TEXT ||
           table_find(table->labels, column->name) ||
           table_add(table->labels, column->name, COLUMN_TEXT, "", "");
}

int h5_table_add(struct h5_table *table, const char *name,
                 enum column_type type, const char *unit, const char *help,
                 size_t *ret_at, struct err *err)
{
    struct h5_column column = { .type = type, .dataset = H5I_INVALID_HID };
    size_t at = column_find(table, name);
    int rc = 0;

    if (at == H5_NO_COLUMN) {
        if (!*name || *name == '.' || strchr(name, '/') ||
            strlen(name) >= sizeof(column.name))
            return err_set(err, ERR_FORMAT, "'%s' cannot name a column", name);
        memcpy(column.name, name, strlen(name) + 1);
        column.dataset = column_create(table, name, type);
        if (column.dataset < 0)
            return h5_fail(err, ERR_IO, "cannot create column '%s'", name);
        rc = column_describe(table, &column, unit, help, err);
        if (!rc && (!column_buffer(table, &column) ||
                    !VEC_PUSH(&table->columns, column)))
            rc = err_set(err, ERR_NOMEM, "no memory for column '%s'", name);
        if (rc) {
            h5_close(column.dataset);
            free(column.f64);
            free(column.i64);
            return rc;
        }
        at = table->columns.len - 1;
    }
    if (ret_at)
        *ret_at = at;
    return 0;
}

int h5_table_add_all(struct h5_table *table, const struct column_table *list,
                     bool share, struct h5_map *ret_map, struct err *err)
{
    int rc = 0;

    ret_map->list = list;
    for (size_t i = 0; !rc && i < list->count; i++) {
        const struct column *c = &list->columns[i];

        ret_map->at[i] = column_find(table, c->name);
        if (ret_map->at[i] == H5_NO_COLUMN)
            rc = h5_table_add(table, c->name, c->type, c->unit, c->help,
                              &ret_map->at[i], err);
        else if (!share)
            ret_map->at[i] = H5_NO_COLUMN;
    }
    return rc;
}

/* Clear the row to come, once. */
static void row_begin(struct h5_table *table)
{
    if (table->row_open)
        return;
    table->row_open = true;
    for (size_t i = 0; i < table->columns.len; i++) {
        struct h5_column *column = &table->columns.at[i];

        if (column->f64)
            column->f64[table->pending] = (double)NAN;
        else
            column->i64[table->pending] = missing_of(column->type);
    }
}

void h5_table_set_f64(struct h5_table *table, size_t at, double value)
{
    row_begin(table);
    table->columns.at[at].f64[table->pending] = value;
}

void h5_table_set_i64(struct h5_table *table, size_t at, int64_t value)
{
    struct h5_column *column = &table->columns.at[at];

    row_begin(table);
    if (value == COLUMN_I64_MISSING)
        value = missing_of(column->type);
    else if (column->type == COLUMN_FLAG && (value < 0 || value > 127))
        value = -1;
    column->i64[table->pending] = value;
}

int h5_table_set_text(struct h5_table *table, size_t at, const char *value,
                      struct err *err)
{
    struct h5_column *column = &table->columns.at[at];
    struct table_column *labels;
    int64_t code = -1;

    row_begin(table);
    if (*value) {
        labels = (struct table_column *)table_find(table->labels, column->name);
        code = table_label(labels, value);
        if (code < 0)
            return err_set(err, ERR_NOMEM, "no memory for labels of '%s'",
                           column->name);
    }
    column->i64[table->pending] = code;
    return 0;
}

int h5_table_set_row(struct h5_table *table, const struct h5_map *map,
                     const void *row, struct err *err)
{
    int rc = 0;

    row_begin(table);
    for (size_t i = 0; !rc && i < map->list->count; i++) {
        const struct column *from = &map->list->columns[i];

        if (map->at[i] == H5_NO_COLUMN || columns_missing(from, row))
            continue;
        if (from->type == COLUMN_F64)
            h5_table_set_f64(table, map->at[i], columns_f64(from, row));
        else if (from->type == COLUMN_TEXT)
            rc = h5_table_set_text(table, map->at[i], columns_text(from, row),
                                   err);
        else
            h5_table_set_i64(table, map->at[i], columns_i64(from, row));
    }
    return rc;
}

/* Note what the block holds. */
static void block_look(struct h5_column *column, size_t count)
{
    int64_t missing = missing_of(column->type);

    column->block_any = false;
    for (size_t i = 0; i < count; i++) {
        if (column->f64 ? isnan(column->f64[i]) : column->i64[i] == missing)
            column->missing = true;
        else
            column->block_any = true;
    }
}

static int column_flush(const struct h5_table *table, struct h5_column *column,
                        struct err *err)
{
    hsize_t start = table->written, count = table->pending;
    hsize_t extent = start + count;
    hid_t space = H5I_INVALID_HID, memory = H5I_INVALID_HID;
    int rc = 0;

    block_look(column, table->pending);
    if (H5Dset_extent(column->dataset, &extent) < 0)
        return h5_fail(err, ERR_IO, "cannot extend '%s'", column->name);
    if (!column->block_any)
        return 0;
    space = H5Dget_space(column->dataset);
    memory = H5Screate_simple(1, &count, NULL);
    if (space < 0 || memory < 0 ||
        H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &count, NULL) <
            0 ||
        H5Dwrite(column->dataset,
                 column->f64 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64, memory,
                 space, H5P_DEFAULT,
                 column->f64 ? (void *)column->f64 : (void *)column->i64) < 0)
        rc = h5_fail(err, ERR_IO, "cannot write column '%s'", column->name);
    h5_close(memory);
    h5_close(space);
    return rc;
}

static int block_flush(struct h5_table *table, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < table->columns.len; i++)
        rc = column_flush(table, &table->columns.at[i], err);
    if (!rc) {
        table->written += table->pending;
        table->pending = 0;
    }
    return rc;
}

int h5_table_next(struct h5_table *table, struct err *err)
{
    row_begin(table);
    table->row_open = false;
    table->pending++;
    return table->pending < table->chunk ? 0 : block_flush(table, err);
}

size_t h5_table_rows(const struct h5_table *table)
{
    return table->written + table->pending;
}

/* Integer columns in which something is missing say how: readers turn them
 * into floating point, which the others are spared. */
static int fill_describe(const struct h5_column *column, struct err *err)
{
    int64_t missing = missing_of(column->type);

    if (!column->missing || column->f64 || column->type == COLUMN_STAMP)
        return 0; /* a stamp's missing value is NaT already */
    return h5_attr_numbers(column->dataset, "_FillValue",
                           file_type(column->type), H5T_NATIVE_INT64, &missing,
                           1, err);
}

int h5_table_finish(struct h5_table *table, const char *scale, struct err *err)
{
    size_t at = column_find(table, scale);
    int rc = block_flush(table, err);
    hid_t scale_id;

    if (!rc && at == H5_NO_COLUMN)
        return err_set(err, ERR_USAGE, "no column '%s'", scale);
    scale_id = table->columns.at[at].dataset;
    if (!rc && H5DSset_scale(scale_id, scale) < 0)
        rc = h5_fail(err, ERR_IO, "cannot make '%s' a dimension scale", scale);
    for (size_t i = 0; !rc && i < table->columns.len; i++) {
        const struct h5_column *column = &table->columns.at[i];

        rc = fill_describe(column, err);
        if (!rc && i != at &&
            H5DSattach_scale(column->dataset, scale_id, 0) < 0)
            rc = h5_fail(err, ERR_IO, "cannot scale column '%s'", column->name);
    }
    return rc;
}
