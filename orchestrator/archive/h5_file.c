/* h5_file.c - HDF5's errors, groups, attributes and texts */
#include "orchestrator/archive/h5_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS_MAX (1u << 26) /* labels of a column */

void h5_begin(void)
{
    H5dont_atexit();
    H5open();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* Keep the innermost sentence. */
static herr_t innermost(unsigned n, const H5E_error2_t *e, void *text)
{
    if (n == 0)
        snprintf(text, 160, "%s", e->desc ? e->desc : "");
    return 0;
}

int h5_fail(struct err *err, enum err_code code, const char *fmt, ...)
{
    char what[ERR_TEXT_MAX - 200], why[160] = "";
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, why);
    H5Eclear2(H5E_DEFAULT);
    return err_set(err, code, "%s%s%s", what, *why ? ": HDF5: " : "", why);
}

void h5_close(hid_t id)
{
    if (id < 0)
        return;
    switch (H5Iget_type(id)) {
    case H5I_FILE:
        H5Fclose(id);
        break;
    case H5I_GROUP:
        H5Gclose(id);
        break;
    case H5I_DATATYPE:
        H5Tclose(id);
        break;
    case H5I_DATASPACE:
        H5Sclose(id);
        break;
    case H5I_DATASET:
        H5Dclose(id);
        break;
    case H5I_ATTR:
        H5Aclose(id);
        break;
    case H5I_GENPROP_LST:
        H5Pclose(id);
        break;
    case H5I_UNINIT:
    case H5I_BADID:
    case H5I_REFERENCE:
    case H5I_VFL:
    case H5I_GENPROP_CLS:
    case H5I_ERROR_CLASS:
    case H5I_ERROR_MSG:
    case H5I_ERROR_STACK:
    case H5I_NTYPES:
        break;
    }
}

hid_t h5_group_create(hid_t parent, const char *name, struct err *err)
{
    hid_t list = H5Pcreate(H5P_GROUP_CREATE), group = H5I_INVALID_HID;

    if (list >= 0 &&
        H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED |
                                             H5P_CRT_ORDER_INDEXED) >= 0 &&
        H5Pset_obj_track_times(list, false) >= 0)
        group = H5Gcreate2(parent, name, H5P_DEFAULT, list, H5P_DEFAULT);
    h5_close(list);
    if (group < 0)
        h5_fail(err, ERR_IO, "cannot create group '%s'", name);
    return group;
}

/* The type of all texts: variable length, UTF-8. */
static hid_t text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);

    if (type >= 0 && (H5Tset_size(type, H5T_VARIABLE) < 0 ||
                      H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
        H5Tclose(type);
        return H5I_INVALID_HID;
    }
    return type;
}

int h5_attr_text(hid_t object, const char *name, const char *text,
                 struct err *err)
{
    hid_t space = H5Screate(H5S_SCALAR), type = text_type();
    hid_t attr = H5I_INVALID_HID;
    int rc = 0;

    if (space >= 0 && type >= 0)
        attr = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attr < 0 || H5Awrite(attr, type, &text) < 0)
        rc = h5_fail(err, ERR_IO, "cannot write attribute '%s'", name);
    h5_close(attr);
    h5_close(type);
    h5_close(space);
    return rc;
}

int h5_attr_numbers(hid_t object, const char *name, hid_t type, hid_t memory,
                    const void *values, size_t count, struct err *err)
{
    hsize_t dim = count;
    hid_t space =
        count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &dim, NULL);
    hid_t attr = H5I_INVALID_HID;
    int rc = 0;

    if (space >= 0)
        attr = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attr < 0 || H5Awrite(attr, memory, values) < 0)
        rc = h5_fail(err, ERR_IO, "cannot write attribute '%s'", name);
    h5_close(attr);
    h5_close(space);
    return rc;
}

int h5_attr_i64(hid_t object, const char *name, int64_t value, struct err *err)
{
    return h5_attr_numbers(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64,
                           &value, 1, err);
}

/* A data set of texts over 'space' (taken over). */
static int texts_put(hid_t group, const char *name, hid_t space,
                     const void *texts, hid_t *ret_dataset, struct err *err)
{
    hid_t type = text_type(), dataset = H5I_INVALID_HID;
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    int rc = 0;

    if (space >= 0 && type >= 0 && list >= 0 &&
        H5Pset_obj_track_times(list, false) >= 0)
        dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, list,
                             H5P_DEFAULT);
    if (dataset < 0 || (texts && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL,
                                          H5P_DEFAULT, texts) < 0))
        rc = h5_fail(err, ERR_IO, "cannot write text '%s'", name);
    h5_close(list);
    h5_close(type);
    h5_close(space);
    if (rc)
        h5_close(dataset);
    else
        *ret_dataset = dataset;
    return rc;
}

int h5_text_write(hid_t group, const char *name, const char *text,
                  const char *long_name, struct err *err)
{
    hid_t dataset;
    int rc =
        texts_put(group, name, H5Screate(H5S_SCALAR), &text, &dataset, err);

    if (rc)
        return rc;
    rc = h5_attr_text(dataset, "long_name", long_name, err);
    h5_close(dataset);
    return rc;
}

int h5_texts_write(hid_t group, const char *name, char *const *texts,
                   size_t count, struct err *err)
{
    hsize_t dim = count;
    hid_t dataset;
    int rc = texts_put(group, name, H5Screate_simple(1, &dim, NULL),
                       count ? texts : NULL, &dataset, err);

    if (!rc)
        h5_close(dataset);
    return rc;
}

/* Copy one text that HDF5 gave, which may be NULL. */
static int text_copy(const char *text, char **ret_text, struct err *err)
{
    char *copy = strdup(text ? text : "");

    if (!copy)
        return err_set(err, ERR_NOMEM, "no memory for a text of an archive");
    *ret_text = copy;
    return 0;
}

static bool is_text(hid_t type)
{
    return type >= 0 && H5Tget_class(type) == H5T_STRING &&
           H5Tis_variable_str(type) > 0;
}

int h5_attr_text_read(hid_t object, const char *name, char **ret_text,
                      struct err *err)
{
    hid_t attr, space = H5I_INVALID_HID, type = H5I_INVALID_HID;
    hid_t memory = text_type();
    char *text = NULL;
    int rc;

    if (H5Aexists(object, name) <= 0) {
        h5_close(memory);
        return err_set(err, ERR_NOT_FOUND, "no attribute '%s'", name);
    }
    attr = H5Aopen(object, name, H5P_DEFAULT);
    if (attr >= 0) {
        space = H5Aget_space(attr);
        type = H5Aget_type(attr);
    }
    if (!is_text(type) || H5Sget_simple_extent_npoints(space) != 1 ||
        H5Aread(attr, memory, &text) < 0) {
        rc = h5_fail(err, ERR_FORMAT, "attribute '%s' is no text", name);
    } else {
        rc = text_copy(text, ret_text, err);
        H5Dvlen_reclaim(memory, space, H5P_DEFAULT, &text);
    }
    h5_close(memory);
    h5_close(type);
    h5_close(space);
    h5_close(attr);
    return rc;
}

/* Read all texts of a data set of 'count' of them. */
static int texts_get(hid_t dataset, const char *name, char **texts,
                     size_t count, struct err *err)
{
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    hid_t memory = text_type();
    char **held = calloc(count + 1, sizeof(*held));
    int rc = 0;

    if (!held)
        rc = err_set(err, ERR_NOMEM, "no memory for texts of an archive");
    else if (!is_text(type) ||
             H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, held) < 0)
        rc = h5_fail(err, ERR_FORMAT, "'%s' holds no texts", name);
    for (size_t i = 0; !rc && i < count; i++)
        rc = text_copy(held[i], &texts[i], err);
    if (held && count && rc != ERR_FORMAT) /* a failed read left it undefined */
        H5Dvlen_reclaim(memory, space, H5P_DEFAULT, held);
    free(held);
    h5_close(memory);
    h5_close(space);
    h5_close(type);
    return rc;
}

/* Open a data set.  Returns 0 or ERR_NOT_FOUND. */
static int dataset_open(hid_t group, const char *name, hid_t *ret_dataset,
                        hssize_t *ret_points, struct err *err)
{
    hid_t dataset = H5I_INVALID_HID, space;

    if (H5Lexists(group, name, H5P_DEFAULT) > 0)
        dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) {
        H5Eclear2(H5E_DEFAULT);
        return err_set(err, ERR_NOT_FOUND, "no data set '%s'", name);
    }
    space = H5Dget_space(dataset);
    *ret_points = H5Sget_simple_extent_npoints(space);
    h5_close(space);
    *ret_dataset = dataset;
    return 0;
}

int h5_text_read(hid_t group, const char *name, char **ret_text,
                 struct err *err)
{
    hssize_t points;
    hid_t dataset;
    int rc = dataset_open(group, name, &dataset, &points, err);

    if (rc)
        return rc;
    if (points != 1)
        rc = err_set(err, ERR_FORMAT, "'%s' is no single text", name);
    else
        rc = texts_get(dataset, name, ret_text, 1, err);
    h5_close(dataset);
    return rc;
}

int h5_texts_read(hid_t group, const char *name, char ***ret_texts,
                  size_t *ret_count, struct err *err)
{
    char **texts;
    hid_t dataset;
    size_t count;
    int rc = h5_open_1d(group, name, &dataset, &count, err);

    if (rc)
        return rc;
    texts = count < TEXTS_MAX ? calloc(count + 1, sizeof(*texts)) : NULL;
    if (!texts)
        rc = err_set(err, ERR_NOMEM, "no memory for %zu labels", count);
    else
        rc = texts_get(dataset, name, texts, count, err);
    h5_close(dataset);
    if (rc && texts)
        for (size_t i = 0; i < count; i++)
            free(texts[i]);
    if (rc) {
        free(texts);
        return rc;
    }
    *ret_texts = texts;
    *ret_count = count;
    return 0;
}

int h5_open_1d(hid_t group, const char *name, hid_t *ret_dataset,
               size_t *ret_count, struct err *err)
{
    hid_t space, dataset;
    hssize_t points;
    int rank, rc = dataset_open(group, name, &dataset, &points, err);

    if (rc)
        return rc;
    space = H5Dget_space(dataset);
    rank = H5Sget_simple_extent_ndims(space);
    h5_close(space);
    if (rank != 1 || points < 0) {
        h5_close(dataset);
        return err_set(err, ERR_FORMAT, "'%s' has %d dimensions, expected 1",
                       name, rank);
    }
    *ret_dataset = dataset;
    *ret_count = (size_t)points;
    return 0;
}
