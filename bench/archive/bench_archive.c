/* bench_archive.c - journal and archive at size; for bench/archive/archive
 *
 *     bench_archive DIR [CELLS] [TRACES]    DIR is new, on the disk to measure
 *
 * Prints a line a figure: acknowledged results/s with and without traces, by
 * group, and SQLite's with the same bytes; replay, headers only and whole;
 * publishing, and HDF5 compressing the same traces by itself.
 */
#include <stddef.h>
#include <stdint.h>

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/archive/bench_sqlite.h"
#include "core/clock.h"
#include "core/fs.h"
#include "core/vec.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/archive/h5_writer.h"
#include "tests/unit/archive/made.h"

#define ACK_S 1.0   /* each rate is measured so long */
#define SHORT 5000  /* samples of a trace: 80 KB with their instants */
#define TRACE 20000 /* samples of a long one, which fills chunks */

static double since(int64_t start_ns)
{
    return NS_TO_S(clock_mono_ns() - start_ns);
}

static void must(int rc, const struct err *err)
{
    if (!rc)
        return;
    fprintf(stderr, "bench_archive: %s\n", err->text);
    exit(1);
}

/* A result as bytes, with traces of power or, for 0, without. */
static void result_bytes(size_t readings, struct buf *out)
{
    const struct made_shape shape = { .seed = 1, .readings = readings };
    struct result result;

    made_result(&shape, 0, 1, STATUS_OK, &result);
    must(result_encode(&result, out, NULL), &(struct err){ 0 });
    result_free(&result);
}

static void append(struct journal *journal, const struct buf *bytes,
                   uint64_t cell)
{
    struct err err = { 0 };

    must(journal_append(journal,
                        &(struct journal_record){ .type = JOURNAL_RESULT,
                                                  .status = STATUS_OK,
                                                  .attempt = 1,
                                                  .row = cell,
                                                  .payload = bytes->data,
                                                  .len = bytes->len },
                        &err),
         &err);
}

/* Acknowledged results a second with a sync a group. */
static double journal_rate(const char *dir, const struct buf *bytes,
                           size_t group)
{
    struct journal *journal;
    struct err err = { 0 };
    int64_t start;
    size_t count = 0;
    double rate;

    must(fs_make_dirs(dir, &err), &err);
    must(journal_create(dir, &journal, &err), &err);
    for (start = clock_mono_ns(); since(start) < ACK_S;) {
        for (size_t i = 0; i < group; i++)
            append(journal, bytes, count++);
        must(journal_sync(journal, &err), &err);
    }
    rate = (double)count / since(start);
    journal_close(journal, false, NULL);
    made_dir_remove(dir);
    return rate;
}

/* The journal against SQLite with the same bytes, at each grouping and
 * against a commit each. */
static void bench_ack(const char *base, bool trace)
{
    static const size_t groups[] = { 1, 8, 64 };
    struct buf bytes = { 0 };
    char dir[FS_PATH_MAX];
    double single = 0;

    result_bytes(trace ? SHORT : 0, &bytes);
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        double peer, own;

        snprintf(dir, sizeof(dir), "%s/ack-%d-%zu", base, trace, groups[i]);
        own = journal_rate(dir, &bytes, groups[i]);
        peer = bench_sqlite_rate(base, &bytes, groups[i], ACK_S);
        single = i ? single : peer;
        printf("ack %s (%zu bytes) group %-3zu %8.0f /s, SQLite %8.0f /s: "
               "%5.1f times, %5.1f times its single commit\n",
               trace ? "trace" : "plain", bytes.len, groups[i], own, peer,
               own / peer, own / single);
    }
    buf_free(&bytes);
}

/* A campaign of 'cells' cells, each with a result. */
static void campaign_make(const char *dir, size_t cells, bool trace)
{
    struct journal *journal;
    struct buf bytes = { 0 };
    struct err err = { 0 };
    int64_t start = clock_mono_ns();

    must(fs_make_dirs(dir, &err), &err);
    journal = made_begin(dir, cells / 2);
    result_bytes(trace ? TRACE : 0, &bytes);
    for (size_t i = 0; i + 1 < cells; i++)
        append(journal, &bytes, i);
    must(journal_close(journal, true, &err), &err);
    buf_free(&bytes);
    printf("made %zu cells%s in %.2f s\n", cells, trace ? " with traces" : "",
           since(start));
}

static void bench_replay(const char *dir)
{
    for (int whole = 0; whole < 2; whole++) {
        struct campaign *campaign;
        struct err err = { 0 };
        int64_t start = clock_mono_ns();

        must(campaign_replay(dir, !whole, &campaign, &err), &err);
        printf("replay %-8s %8.3f s for %.0f MB, %llu records\n",
               whole ? "whole" : "headers", since(start),
               (double)campaign_bytes(campaign) / 1e6,
               (unsigned long long)campaign_records(campaign));
        campaign_destroy(campaign);
    }
}

static double bench_publish(const char *dir)
{
    struct err err = { 0 };
    int64_t start = clock_mono_ns();
    double took;

    must(archive_publish(dir, &err), &err);
    took = since(start);
    printf("publish         %8.3f s\n", took);
    return took;
}

/* What it costs if HDF5 compresses the same samples. */
static double bench_compress(const char *base, size_t traces)
{
    const struct made_shape shape = { .seed = 1, .readings = TRACE };
    hsize_t dim = (hsize_t)traces * TRACE * 5 / 3, chunk = SAMPLES_CHUNK;
    double *values = calloc(TRACE, sizeof(*values)), took;
    int64_t *t_ns = calloc(TRACE, sizeof(*t_ns)), start;
    char path[FS_PATH_MAX];
    struct result result;
    hid_t file, space, list, ids[2];

    made_result(&shape, 0, 1, STATUS_OK, &result);
    for (size_t i = 0; i < result.samples.len; i++)
        if (result.samples.at[i].count == TRACE)
            samples_unpack(&result.samples.at[i], values, t_ns, NULL);
    result_free(&result);
    snprintf(path, sizeof(path), "%s/compress.h5", base);
    file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    space = H5Screate_simple(1, &dim, NULL);
    list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_shuffle(list);
    H5Pset_deflate(list, 1);
    ids[0] = H5Dcreate2(file, "v", H5T_IEEE_F64LE, space, H5P_DEFAULT, list,
                        H5P_DEFAULT);
    ids[1] = H5Dcreate2(file, "t", H5T_STD_I64LE, space, H5P_DEFAULT, list,
                        H5P_DEFAULT);
    start = clock_mono_ns();
    for (hsize_t at = 0; at + TRACE <= dim; at += TRACE) {
        hsize_t count = TRACE;
        hid_t memory = H5Screate_simple(1, &count, NULL);

        H5Sselect_hyperslab(space, H5S_SELECT_SET, &at, NULL, &count, NULL);
        H5Dwrite(ids[0], H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values);
        H5Dwrite(ids[1], H5T_NATIVE_INT64, memory, space, H5P_DEFAULT, t_ns);
        H5Sclose(memory);
    }
    H5Dclose(ids[0]);
    H5Dclose(ids[1]);
    H5Fclose(file);
    took = since(start);
    H5Pclose(list);
    H5Sclose(space);
    remove(path);
    free(values);
    free(t_ns);
    printf("HDF5 compressing the same %8.3f s\n", took);
    return took;
}

int main(int argc, char **argv)
{
    size_t cells = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;
    size_t traces = argc > 3 ? strtoul(argv[3], NULL, 10) : 4000;
    char dir[FS_PATH_MAX];
    struct err err = { 0 };
    double direct;

    if (argc < 2) {
        fprintf(stderr, "usage: bench_archive DIR [CELLS] [TRACES]\n");
        return 2;
    }
    must(fs_make_dirs(argv[1], &err), &err);
    bench_ack(argv[1], false);
    bench_ack(argv[1], true);
    snprintf(dir, sizeof(dir), "%s/plain", argv[1]);
    campaign_make(dir, cells, false);
    bench_replay(dir);
    bench_publish(dir);
    snprintf(dir, sizeof(dir), "%s/traces", argv[1]);
    campaign_make(dir, traces, true);
    bench_replay(dir);
    direct = bench_publish(dir);
    printf("direct chunks against compressing: %.1f times\n",
           bench_compress(argv[1], traces) / direct);
    return 0;
}
