/* h5_columns.c - the columns of a group into a table, at once or when they are
 * asked for */
#include <stdlib.h>
#include <string.h>

#include "core/pages.h"
#include "core/vec.h"
#include "orchestrator/archive/h5_file.h"
#include "orchestrator/archive/h5_read.h"
#include "orchestrator/archive/h5_values.h"

/* What a data set of 'group' says of itself. */
struct found {
    hid_t dataset;
    size_t rows;
    enum column_type type;
    char *unit, *help, *labels;
};

static void found_free(struct found *found)
{
    h5_close(found->dataset);
    free(found->unit);
    free(found->help);
    free(found->labels);
}

static int type_find(struct found *found, const char *name, struct err *err)
{
    hid_t type = H5Dget_type(found->dataset);
    H5T_class_t kind = H5Tget_class(type);

    h5_close(type);
    if (kind == H5T_FLOAT)
        found->type = COLUMN_F64;
    else if (kind != H5T_INTEGER)
        return err_set(err, ERR_FORMAT, "column '%s' does not hold numbers",
                       name);
    else if (found->labels)
        found->type = COLUMN_TEXT;
    else if (columns_flag_words(name))
        found->type = COLUMN_FLAG;
    else if (found->unit && !strcmp(found->unit, H5_STAMP_UNITS))
        found->type = COLUMN_STAMP;
    else
        found->type = COLUMN_I64;
    return 0;
}

static int column_look(hid_t group, const char *name, struct found *found,
                       struct err *err)
{
    int rc = h5_open_1d(group, name, &found->dataset, &found->rows, err);

    if (rc)
        return rc;
    h5_attr_text_read(found->dataset, "units", &found->unit, NULL);
    h5_attr_text_read(found->dataset, "long_name", &found->help, NULL);
    h5_attr_text_read(found->dataset, "labels", &found->labels, NULL);
    if (found->rows > H5_ROWS_MAX)
        return err_set(err, ERR_FORMAT, "column '%s' of %zu rows", name,
                       found->rows);
    return type_find(found, name, err);
}

/* Codes of the file into codes of the table, for the first 'rows': labels
 * are those of the file in their order, so only the missing ones change. */
static int labels_read(hid_t file, const struct found *found, size_t rows,
                       struct table_column *column, struct err *err)
{
    char **labels;
    size_t count;
    int rc = h5_texts_read(file, found->labels, &labels, &count, err);

    if (rc)
        return rc == ERR_NOT_FOUND ? ERR_FORMAT : rc;
    for (size_t i = 0; !rc && i < count; i++)
        if (table_label(column, labels[i]) < 0)
            rc = err_set(err, ERR_NOMEM, "no memory for labels");
    /* two labels that became one by cleaning: find the codes anew */
    for (size_t r = 0; !rc && r < rows; r++) {
        int64_t code = column->i64[r];

        if (code < 0 || (uint64_t)code >= count)
            column->i64[r] = -1;
        else if (count != column->n_labels)
            column->i64[r] = table_label(column, labels[code]);
    }
    for (size_t i = 0; i < count; i++)
        free(labels[i]);
    free(labels);
    return rc;
}

static void flags_read(const struct found *found, struct table_column *column)
{
    for (size_t r = 0; r < found->rows; r++)
        if (column->i64[r] < 0 || (uint64_t)column->i64[r] >= column->n_labels)
            column->i64[r] = COLUMN_I64_MISSING;
}

/* The unit as columns.def says it, where that knows the column. */
static const char *unit_of(const char *name, const struct found *found)
{
    const struct column_table *lists[] = { &columns_cells, &columns_attempts,
                                           &columns_power_runs };

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const struct column *column = columns_find(lists[i], name);

        if (column)
            return column->unit;
    }
    return found->unit && found->type != COLUMN_STAMP ? found->unit : "";
}

/* Every row of a column whose fields hold anything yet. */
static int column_fill(hid_t file, const struct found *found, bool look,
                       struct table_column *column, struct err *err)
{
    void *fields = column->f64 ? (void *)column->f64 : column->i64;
    int rc = 0;

    if (!look) /* else hardly any is written */
        pages_ready(fields, found->rows * sizeof(double));
    if (found->rows && column->f64)
        rc = h5_values_read(found->dataset, column->name, found->rows,
                            H5_VALUES_F64, look, column->f64, err);
    else if (found->rows)
        rc = h5_values_read(found->dataset, column->name, found->rows,
                            H5_VALUES_I64, look, column->i64, err);
    if (!rc && found->type == COLUMN_TEXT)
        rc = labels_read(file, found, look ? 0 : found->rows, column, err);
    else if (!rc && found->type == COLUMN_FLAG && !look)
        flags_read(found, column);
    return rc;
}

void h5_shared_release(struct h5_shared *shared)
{
    if (--shared->users)
        return;
    H5Fclose(shared->file);
    free(shared);
}

/* Where the columns of one table come from. */
struct later {
    struct table_source source;
    struct h5_shared *shared;
    char *path; /* of the group */
};

static int later_fill(struct table_source *source, struct table_column *column,
                      struct err *err)
{
    struct later *later = (struct later *)(void *)source;
    struct found found = { .dataset = H5I_INVALID_HID };
    hid_t group = H5Gopen2(later->shared->file, later->path, H5P_DEFAULT);
    int rc = group < 0 ? h5_fail(err, ERR_FORMAT, "no group")
                       : column_look(group, column->name, &found, err);

    if (!rc)
        rc = column_fill(later->shared->file, &found, false, column, err);
    found_free(&found);
    h5_close(group);
    if (rc)
        err_prefix(err, "/%s", later->path);
    return rc;
}

static void later_close(struct table_source *source)
{
    struct later *later = (struct later *)(void *)source;

    h5_shared_release(later->shared);
    free(later->path);
    free(later);
}

/* Have the table read its columns from 'shared' when they are asked for. */
static int later_make(struct table *table, struct h5_shared *shared,
                      const char *path, struct err *err)
{
    struct later *later = calloc(1, sizeof(*later));
    char *copy = strdup(path);

    if (!later || !copy) {
        free(later);
        free(copy);
        return err_set(err, ERR_NOMEM, "no memory for '/%s'", path);
    }
    *later = (struct later){ { later_fill, later_close }, shared, copy };
    shared->users++;
    table->source = &later->source;
    return 0;
}

static int column_read(hid_t file, hid_t group, const char *name, bool look,
                       struct table *table, struct err *err)
{
    struct found found = { .dataset = H5I_INVALID_HID };
    struct table_column *column;
    int rc = column_look(group, name, &found, err);

    if (!rc && found.rows != table->rows)
        rc = err_set(err, ERR_FORMAT, "column '%s' has %zu rows, expected %zu",
                     name, found.rows, table->rows);
    if (rc) {
        found_free(&found);
        return rc;
    }
    column = (table->source ? table_add_later : table_add_blank)(
        table, name, found.type, unit_of(name, &found),
        found.help ? found.help : "");
    if (!column)
        rc = err_set(err, ERR_NOMEM, "no memory for column '%s'", name);
    else if (!table->source)
        rc = column_fill(file, &found, look, column, err);
    found_free(&found);
    return rc;
}

/* Names of the links of a group, in order of creation. */
struct names {
    VEC(char *) list;
};

static herr_t name_take(hid_t group, const char *name, const H5L_info_t *info,
                        void *arg)
{
    struct names *names = arg;
    char *copy;

    (void)group;
    (void)info;
    copy = strdup(name);
    if (!copy || !VEC_PUSH(&names->list, copy)) {
        free(copy);
        return -1;
    }
    return 0;
}

static int names_read(hid_t group, struct names *names, struct err *err)
{
    hsize_t at = 0;

    if (H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, name_take,
                   names) < 0) {
        at = 0;
        H5Eclear2(H5E_DEFAULT);
        if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &at, name_take,
                       names) < 0)
            return h5_fail(err, ERR_FORMAT, "cannot list the columns");
    }
    return 0;
}

/* The table of a group; its columns later, if 'shared' is not NULL. */
static int table_read(hid_t file, struct h5_shared *shared, const char *path,
                      const char *scale, bool look, struct table **ret_table,
                      struct err *err)
{
    struct names names = { { NULL, 0, 0 } };
    struct table *table = NULL;
    hid_t group = H5I_INVALID_HID, dataset = H5I_INVALID_HID;
    size_t rows = 0;
    int rc = 0;

    if (H5Lexists(file, path, H5P_DEFAULT) > 0)
        group = H5Gopen2(file, path, H5P_DEFAULT);
    if (group < 0)
        return h5_fail(err, ERR_FORMAT, "no group '/%s'", path);
    rc = h5_open_1d(group, scale, &dataset, &rows, err);
    h5_close(dataset);
    if (rc == ERR_NOT_FOUND || rows > H5_ROWS_MAX)
        rc = err_set(err, ERR_FORMAT, "no column '%s', or too long", scale);
    if (!rc)
        rc = names_read(group, &names, err);
    if (!rc) {
        table = table_create(rows);
        if (!table)
            rc = err_set(err, ERR_NOMEM, "no memory for '/%s'", path);
        else if (shared)
            rc = later_make(table, shared, path, err);
    }
    for (size_t i = 0; !rc && i < names.list.len; i++)
        rc = column_read(file, group, names.list.at[i], look, table, err);
    for (size_t i = 0; i < names.list.len; i++)
        free(names.list.at[i]);
    VEC_FREE(&names.list);
    h5_close(group);
    if (rc) {
        err_prefix(err, "/%s", path);
        table_destroy(table);
    } else {
        *ret_table = table;
    }
    return rc;
}

int h5_table_read(hid_t file, const char *path, const char *scale,
                  unsigned flags, struct table **ret_table, struct err *err)
{
    return table_read(file, NULL, path, scale, flags & ARCHIVE_LOOK, ret_table,
                      err);
}

int h5_table_later(struct h5_shared *shared, const char *path,
                   const char *scale, struct table **ret_table, struct err *err)
{
    return table_read(shared->file, shared, path, scale, false, ret_table, err);
}
