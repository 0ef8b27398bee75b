/* h5_reader.c - an archive from HDF5 into memory */
#include "orchestrator/archive/h5_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/fs.h"
#include "core/vec.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/h5_file.h"
#include "orchestrator/archive/h5_predictions.h"
#include "orchestrator/archive/h5_read.h"
#include "orchestrator/archive/h5_values.h"

#define FOREIGN_LIMIT_S 60

hid_t h5_archive_open(const char *path, struct err *err)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), file = H5I_INVALID_HID;

    /* A published archive has no writer, so no lock is needed, and file
     * systems without locks work. */
    if (access >= 0 && H5Pset_file_locking(access, false, true) >= 0 &&
        H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0)
        file = H5Fopen(path, H5F_ACC_RDONLY, access);
    h5_close(access);
    if (file < 0)
        h5_fail(err, ERR_FORMAT, "'%s' is no HDF5 file, or damaged", path);
    return file;
}

static int format_check(hid_t file, const char *path, struct err *err)
{
    int32_t version[2] = { 0, 0 };
    hid_t attr, space = H5I_INVALID_HID;
    char *format = NULL;
    int rc = h5_attr_text_read(file, "format", &format, NULL);

    if (rc || strcmp(format, H5_FORMAT) != 0) {
        rc = err_set(err, ERR_FORMAT, "'%s' is no labsweep archive: found %s",
                     path, format ? format : "no attribute 'format'");
        free(format);
        return rc;
    }
    free(format);
    attr = H5Aopen(file, "format_version", H5P_DEFAULT);
    if (attr >= 0)
        space = H5Aget_space(attr);
    if (space < 0 || H5Sget_simple_extent_npoints(space) != 2 ||
        H5Aread(attr, H5T_NATIVE_INT32, version) < 0)
        rc = h5_fail(err, ERR_FORMAT, "'%s' does not say its format_version",
                     path);
    else if (version[0] != H5_FORMAT_MAJOR)
        rc = err_set(err, ERR_FORMAT,
                     "'%s' is of format %d.%d, expected %d: read it with a "
                     "later labsweep",
                     path, version[0], version[1], H5_FORMAT_MAJOR);
    h5_close(space);
    h5_close(attr);
    return rc;
}

/* Optional texts of the root. */
static void root_texts(hid_t file, struct dataset *dataset)
{
    hid_t attr;

    h5_attr_text_read(file, "title", &dataset->title, NULL);
    h5_attr_text_read(file, "lab", &dataset->lab, NULL);
    h5_attr_text_read(file, "campaign", &dataset->campaign, NULL);
    if (H5Aexists(file, "created_unix_ns") > 0) {
        attr = H5Aopen(file, "created_unix_ns", H5P_DEFAULT);
        H5Aread(attr, H5T_NATIVE_INT64, &dataset->created_unix_ns);
        h5_close(attr);
    }
    h5_text_read(file, "provenance/documents_json", &dataset->documents_json,
                 NULL);
    h5_text_read(file, "provenance/boards_json", &dataset->boards_json, NULL);
    H5Eclear2(H5E_DEFAULT);
}

static int axes_read(hid_t file, struct dataset *dataset, struct err *err)
{
    char *text, *save = NULL;
    int rc = h5_attr_text_read(file, "axes", &text, err);

    if (rc)
        return rc == ERR_NOT_FOUND ? ERR_FORMAT : rc;
    dataset->axes = calloc(strlen(text) / 2 + 2, sizeof(char *));
    for (char *name = strtok_r(text, " ", &save); dataset->axes && name;
         name = strtok_r(NULL, " ", &save)) {
        dataset->axes[dataset->n_axes] = strdup(name);
        if (dataset->axes[dataset->n_axes])
            dataset->n_axes++;
    }
    free(text);
    return dataset->axes ? 0 : err_set(err, ERR_NOMEM, "no memory for axes");
}

static int times_read(hid_t file, const char *path, bool look,
                      struct samples *samples, struct err *err)
{
    int64_t *t_ns = malloc((samples->count + 1) * sizeof(*t_ns));
    hid_t dataset = H5I_INVALID_HID;
    size_t count;
    int rc;

    samples->t_s = malloc((samples->count + 1) * sizeof(double));
    if (!t_ns || !samples->t_s)
        rc = err_set(err, ERR_NOMEM, "no memory for times");
    else
        rc = h5_open_1d(file, path, &dataset, &count, err);
    if (!rc && count != samples->count)
        rc = err_set(err, ERR_FORMAT, "'/%s' has %zu values, expected %zu",
                     path, count, samples->count);
    if (!rc && count)
        rc = h5_values_read(dataset, path, count, H5_VALUES_I64, look, t_ns,
                            err);
    for (size_t i = 0; !rc && !look && i < samples->count; i++)
        samples->t_s[i] = t_ns[i] == COLUMN_I64_MISSING
                              ? table_f64(NULL, 0)
                              : (double)t_ns[i] * 1e-9;
    h5_close(dataset);
    free(t_ns);
    return rc;
}

static int samples_read(hid_t file, const char *values, const char *times,
                        bool look, struct samples *samples, struct err *err)
{
    hid_t dataset;
    int rc = h5_open_1d(file, values, &dataset, &samples->count, err);

    if (rc)
        return rc == ERR_NOT_FOUND ? ERR_FORMAT : rc;
    if (samples->count > H5_ROWS_MAX)
        rc = err_set(err, ERR_FORMAT, "'/%s' of %zu samples", values,
                     samples->count);
    if (!rc) {
        samples->value = malloc((samples->count + 1) * sizeof(double));
        if (!samples->value)
            rc = err_set(err, ERR_NOMEM, "no memory for %zu samples",
                         samples->count);
        else if (samples->count)
            rc = h5_values_read(dataset, values, samples->count, H5_VALUES_F64,
                                look, samples->value, err);
    }
    h5_close(dataset);
    if (!rc && times)
        rc = times_read(file, times, look, samples, err);
    return rc;
}

static int content_read(struct h5_shared *shared, unsigned flags,
                        struct dataset *dataset, struct err *err)
{
    const struct {
        const char *path, *scale;
        struct table **table;
    } tables[] = {
        { "cells", "cell", &dataset->cells },
        { "attempts", "attempt_row", &dataset->attempts },
        { "power_runs", "power_run_row", &dataset->power_runs },
    };
    hid_t file = shared->file;
    bool look = flags & ARCHIVE_LOOK;
    int rc = axes_read(file, dataset, err);

    root_texts(file, dataset);
    for (size_t i = 0; !rc && i < ARRAY_LEN(tables); i++)
        rc = flags & ARCHIVE_LATER
                 ? h5_table_later(shared, tables[i].path, tables[i].scale,
                                  tables[i].table, err)
                 : h5_table_read(file, tables[i].path, tables[i].scale, flags,
                                 tables[i].table, err);
    if (!rc && flags & ARCHIVE_PREDICTIONS)
        rc = h5_predictions_read(file, dataset, err);
    if (rc || !(flags & ARCHIVE_SAMPLES))
        return rc;
    rc = samples_read(file, "latency_sys/lat_sys_s", NULL, look,
                      &dataset->lat_sys, err);
    if (!rc)
        rc = samples_read(file, "latency_comp/lat_comp_s", NULL, look,
                          &dataset->lat_comp, err);
    if (!rc)
        rc = samples_read(file, "power/power_w", "power/time_ns", look,
                          &dataset->power, err);
    return rc;
}

/* True if a journal lies beside the archive: it is of a campaign on this
 * machine. */
static bool has_journal(const char *file)
{
    char folder[FS_PATH_MAX], journal[FS_PATH_MAX];

    fs_dirname(file, folder, sizeof(folder));
    return fs_join(journal, sizeof(journal), folder, JOURNAL_NAME) &&
           fs_exists(journal);
}

/* The archive of 'path', which may be a campaign folder. */
static int path_resolve(const char *path, char *file, size_t size,
                        struct err *err)
{
    struct stat st;
    bool fits;

    if (stat(path, &st))
        return err_set_errno(err, ERR_NOT_FOUND, "cannot open '%s'", path);
    if (!S_ISDIR(st.st_mode))
        fits = (size_t)snprintf(file, size, "%s", path) < size;
    else
        fits = fs_join(file, size, path, CAMPAIGN_ARCHIVE);
    if (!fits)
        return err_set(err, ERR_USAGE, "path '%s' is too long", path);
    if (fs_exists(file))
        return 0;
    if (!has_journal(file))
        return err_set(
            err, ERR_NOT_FOUND,
            "'%s' is no campaign folder: it has neither " CAMPAIGN_ARCHIVE
            " nor a journal",
            path);
    return err_set(err, ERR_NOT_FOUND,
                   "no '%s': `labsweep archive publish %s` makes it from the "
                   "journal",
                   file, path);
}

int archive_read(const char *path, unsigned flags, struct dataset **ret_dataset,
                 struct err *err)
{
    char file[FS_PATH_MAX];
    int rc = path_resolve(path, file, sizeof(file), err);

    if (!rc && !has_journal(file))
        rc = archive_check(file, FOREIGN_LIMIT_S, err);
    return rc ? rc : h5_dataset_read(path, flags, ret_dataset, err);
}

/* Open an archive for whoever holds it, at first the caller. */
static int shared_open(const char *name, struct h5_shared **ret_shared,
                       struct err *err)
{
    struct h5_shared *shared = calloc(1, sizeof(*shared));

    if (!shared)
        return err_set(err, ERR_NOMEM, "no memory for an archive");
    shared->users = 1;
    shared->file = h5_archive_open(name, err);
    if (shared->file < 0) {
        free(shared);
        return ERR_FORMAT;
    }
    *ret_shared = shared;
    return 0;
}

int h5_dataset_read(const char *path, unsigned flags,
                    struct dataset **ret_dataset, struct err *err)
{
    struct dataset *dataset = NULL;
    struct h5_shared *shared = NULL;
    char name[FS_PATH_MAX];
    int rc = path_resolve(path, name, sizeof(name), err);

    if (rc)
        return rc;
    h5_begin();
    rc = shared_open(name, &shared, err);
    if (rc)
        return rc;
    dataset = calloc(1, sizeof(*dataset));
    if (!dataset)
        rc = err_set(err, ERR_NOMEM, "no memory for an archive");
    if (!rc)
        rc = format_check(shared->file, name, err);
    if (!rc) {
        dataset->path = strdup(path);
        rc = content_read(shared, flags, dataset, err);
        if (rc)
            err_prefix(err, "'%s'", name);
    }
    if (rc)
        dataset_destroy(dataset);
    else
        *ret_dataset = dataset;
    h5_shared_release(shared);
    return rc;
}

bool archive_current(const char *path)
{
    char name[FS_PATH_MAX], journal[FS_PATH_MAX];
    int64_t bytes = -1;
    struct stat st;
    hid_t file, attr;

    if (path_resolve(path, name, sizeof(name), NULL) || !strcmp(name, path) ||
        !fs_join(journal, sizeof(journal), path, JOURNAL_NAME) ||
        stat(journal, &st))
        return true;
    h5_begin();
    file = h5_archive_open(name, NULL);
    if (file < 0)
        return true;
    if (H5Aexists(file, "journal_bytes") > 0) {
        attr = H5Aopen(file, "journal_bytes", H5P_DEFAULT);
        H5Aread(attr, H5T_NATIVE_INT64, &bytes);
        h5_close(attr);
    }
    H5Fclose(file);
    return bytes >= (int64_t)st.st_size;
}
