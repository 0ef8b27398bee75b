/* h5_samples.c - samples into HDF5: as they are, or packed */
#include "orchestrator/archive/h5_samples.h"

#include <hdf5_hl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrator/archive/h5_file.h"

/* The common chunk: reserved in the file at 'common_at', filled to
 * 'common_len', written when it is left. */
struct h5_samples {
    hid_t group, values, times; /* times negative: untimed */
    uint64_t extent;            /* elements reserved, whole chunks */
    uint64_t end;               /* behind the last real sample */
    uint64_t count;             /* samples given */
    bool common;
    uint64_t common_at;
    size_t common_len;
    double common_values[SAMPLES_CHUNK];
    int64_t common_times[SAMPLES_CHUNK];
};

static hid_t array_create(hid_t group, const char *name, bool f64)
{
    hsize_t none = 0, most = H5S_UNLIMITED, chunk = SAMPLES_CHUNK;
    hid_t space = H5Screate_simple(1, &none, &most), dataset = H5I_INVALID_HID;
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    double nan_value = (double)NAN;
    int64_t pad = SAMPLES_PAD_T_NS;

    if (space >= 0 && list >= 0 && H5Pset_chunk(list, 1, &chunk) >= 0 &&
        H5Pset_shuffle(list) >= 0 && H5Pset_deflate(list, 1) >= 0 &&
        H5Pset_obj_track_times(list, false) >= 0 &&
        H5Pset_fill_value(list, f64 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64,
                          f64 ? (void *)&nan_value : (void *)&pad) >= 0)
        dataset = H5Dcreate2(group, name, f64 ? H5T_IEEE_F64LE : H5T_STD_I64LE,
                             space, H5P_DEFAULT, list, H5P_DEFAULT);
    h5_close(list);
    h5_close(space);
    return dataset;
}

static int array_describe(hid_t dataset, const char *unit, const char *help,
                          struct err *err)
{
    int rc = h5_attr_text(dataset, "long_name", help, err);

    return rc ? rc : h5_attr_text(dataset, "units", unit, err);
}

int h5_samples_create(hid_t file, const char *name, const char *value_name,
                      const char *unit, const char *help, bool timed,
                      struct h5_samples **ret_samples, struct err *err)
{
    struct h5_samples *s = calloc(1, sizeof(*s));
    int rc = 0;

    if (!s)
        return err_set(err, ERR_NOMEM, "no memory for samples '%s'", name);
    s->values = s->times = H5I_INVALID_HID;
    s->group = h5_group_create(file, name, err);
    if (s->group < 0) {
        h5_samples_destroy(s);
        return ERR_IO;
    }
    s->values = array_create(s->group, value_name, true);
    if (s->values < 0)
        rc = h5_fail(err, ERR_IO, "cannot create samples '%s'", name);
    if (!rc)
        rc = array_describe(s->values, unit, help, err);
    if (!rc && timed) {
        s->times = array_create(s->group, "time_ns", false);
        rc = s->times < 0
                 ? h5_fail(err, ERR_IO, "cannot create times")
                 : array_describe(s->times, "ns",
                                  "time since the attempt's start", err);
    }
    if (!rc && H5DSset_scale(s->values, value_name) < 0)
        rc = h5_fail(err, ERR_IO, "cannot make a dimension scale");
    if (!rc && timed && H5DSattach_scale(s->times, s->values, 0) < 0)
        rc = h5_fail(err, ERR_IO, "cannot attach a dimension scale");
    if (rc)
        h5_samples_destroy(s);
    else
        *ret_samples = s;
    return rc;
}

void h5_samples_destroy(struct h5_samples *samples)
{
    if (!samples)
        return;
    h5_close(samples->values);
    h5_close(samples->times);
    h5_close(samples->group);
    free(samples);
}

uint64_t h5_samples_extent(const struct h5_samples *samples)
{
    return samples->end;
}

uint64_t h5_samples_count(const struct h5_samples *samples)
{
    return samples->count;
}

/* Reserve one more chunk at the end. */
static int chunk_reserve(struct h5_samples *s, struct err *err)
{
    hsize_t extent = s->extent + SAMPLES_CHUNK;

    if (H5Dset_extent(s->values, &extent) < 0 ||
        (s->times >= 0 && H5Dset_extent(s->times, &extent) < 0))
        return h5_fail(err, ERR_IO, "cannot extend samples");
    s->extent = extent;
    return 0;
}

static int plain_write(hid_t dataset, uint64_t at, hid_t memory_type,
                       const void *data, struct err *err)
{
    hsize_t start = at, count = SAMPLES_CHUNK;
    hid_t space = H5Dget_space(dataset);
    hid_t memory = H5Screate_simple(1, &count, NULL);
    int rc = 0;

    if (space < 0 || memory < 0 ||
        H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &count, NULL) <
            0 ||
        H5Dwrite(dataset, memory_type, memory, space, H5P_DEFAULT, data) < 0)
        rc = h5_fail(err, ERR_IO, "cannot write samples");
    h5_close(memory);
    h5_close(space);
    return rc;
}

/* Write the common chunk, its rest padded. */
static int common_close(struct h5_samples *s, struct err *err)
{
    int rc;

    if (!s->common)
        return 0;
    for (size_t i = s->common_len; i < SAMPLES_CHUNK; i++) {
        s->common_values[i] = (double)NAN;
        s->common_times[i] = SAMPLES_PAD_T_NS;
    }
    rc = plain_write(s->values, s->common_at, H5T_NATIVE_DOUBLE,
                     s->common_values, err);
    if (!rc && s->times >= 0)
        rc = plain_write(s->times, s->common_at, H5T_NATIVE_INT64,
                         s->common_times, err);
    s->common = false;
    return rc;
}

/* Begin a new common chunk at the end of the file. */
static int common_open(struct h5_samples *s, struct err *err)
{
    int rc = common_close(s, err);

    if (!rc)
        rc = chunk_reserve(s, err);
    if (!rc) {
        s->common = true;
        s->common_at = s->extent - SAMPLES_CHUNK;
        s->common_len = 0;
    }
    return rc;
}

/* Put samples behind those of the common chunk; they fit. */
static void common_put(struct h5_samples *s, const double *values,
                       const int64_t *times, size_t count)
{
    memcpy(s->common_values + s->common_len, values, count * sizeof(*values));
    memcpy(s->common_times + s->common_len, times, count * sizeof(*times));
    s->common_len += count;
    if (s->common_at + s->common_len > s->end)
        s->end = s->common_at + s->common_len;
}

static int direct_write(hid_t dataset, uint64_t at,
                        const struct sample_block *block, bool times, size_t i,
                        struct err *err)
{
    const uint8_t *data;
    hsize_t offset = at;
    size_t len;
    int rc = samples_chunk(block, times, i, &data, &len, err);

    if (!rc && H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &offset, len, data) < 0)
        rc = h5_fail(err, ERR_IO, "cannot write a chunk of samples");
    return rc;
}

/* The first 'chunks' chunks of a long block, as they are. */
static int long_put(struct h5_samples *s, const struct sample_block *block,
                    size_t chunks, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < chunks; i++) {
        rc = chunk_reserve(s, err);
        if (!rc)
            rc = direct_write(s->values, s->extent - SAMPLES_CHUNK, block,
                              false, i, err);
        /* an untimed block leaves the times to the fill value */
        if (!rc && s->times >= 0 && block->kind == SAMPLE_F64_TIMED)
            rc = direct_write(s->times, s->extent - SAMPLES_CHUNK, block, true,
                              i, err);
    }
    return rc;
}

/* Where a block of 'count' samples begins whose last 'rest' go into the
 * common chunk, behind 'chunks' whole ones. */
static int block_put(struct h5_samples *s, const struct sample_block *block,
                     size_t chunks, const double *values, const int64_t *times,
                     int64_t *ret_offset, struct err *err)
{
    size_t done = chunks * SAMPLES_CHUNK;
    size_t rest = block->count > done ? block->count - done : 0;
    uint64_t begin = s->extent;
    int rc = long_put(s, block, chunks, err);

    if (rc)
        return rc;
    if (chunks)
        s->end = begin + (rest ? done : block->count);
    if (rest && (chunks || !s->common || s->common_len + rest > SAMPLES_CHUNK))
        rc = common_open(s, err);
    if (rc)
        return rc;
    if (rest && !chunks)
        begin = s->common_at + s->common_len;
    if (rest)
        common_put(s, values + done, times + done, rest);
    *ret_offset = (int64_t)begin;
    return 0;
}

/* How many chunks of a block are written as they are. */
static size_t chunks_direct(const struct sample_block *block)
{
    size_t chunks = samples_chunks(block);
    size_t padding = chunks * SAMPLES_CHUNK - block->count;

    if (!samples_whole_chunks(block))
        return 0;
    return padding <= block->count / 4 ? chunks : chunks - 1;
}

int h5_samples_add(struct h5_samples *samples, const struct sample_block *block,
                   int64_t *ret_offset, struct err *err)
{
    size_t direct = chunks_direct(block);
    double *values = NULL;
    int64_t *times = NULL;
    int rc = 0;

    if (!block->count) {
        *ret_offset = (int64_t)samples->end;
        return 0;
    }
    if (direct * SAMPLES_CHUNK < block->count) {
        values = malloc(block->count * sizeof(*values));
        times = malloc(block->count * sizeof(*times));
        if (!values || !times)
            rc = err_set(err, ERR_NOMEM, "no memory for %u samples",
                         block->count);
        else
            rc = samples_unpack(block, values, times, err);
    }
    if (!rc)
        rc = block_put(samples, block, direct, values, times, ret_offset, err);
    if (!rc)
        samples->count += block->count;
    free(values);
    free(times);
    return rc;
}

int h5_samples_finish(struct h5_samples *samples, struct err *err)
{
    hsize_t end = samples->end;
    int rc = common_close(samples, err);

    if (rc || end == samples->extent)
        return rc;
    if (H5Dset_extent(samples->values, &end) < 0 ||
        (samples->times >= 0 && H5Dset_extent(samples->times, &end) < 0))
        return h5_fail(err, ERR_IO, "cannot cut samples to their length");
    samples->extent = end;
    return 0;
}
