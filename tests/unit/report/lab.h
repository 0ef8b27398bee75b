/* lab.h - a small measured campaign as a dataset, for tests of the report */
#ifndef TESTS_UNIT_REPORT_LAB_H
#define TESTS_UNIT_REPORT_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/analysis/published.h"

#define LAB_CELLS   33
#define LAB_SAMPLES 200
#define LAB_BOARDS                                                             \
    "{\"boards\":{\"loop1\":{\"platform\":\"host-x86\",\"roofline\":{"         \
    "\"levels\":["                                                             \
    "{\"bytes\":16384,\"level\":\"L1\",\"read_byte_s\":1.95e11},"              \
    "{\"bytes\":32768,\"level\":\"L1\",\"read_byte_s\":1.93e11},"              \
    "{\"bytes\":1048576,\"level\":\"L2\",\"read_byte_s\":9.9e10},"             \
    "{\"bytes\":16777216,\"level\":\"L3\",\"read_byte_s\":7.2e10},"            \
    "{\"bytes\":134217728,\"level\":\"memory\",\"read_byte_s\":2.9e10,"        \
    "\"copy_byte_s\":2.7e10}],"                                                \
    "\"peaks\":[{\"precision\":\"INT2\",\"op_s\":4e11},"                       \
    "{\"precision\":\"INT4\",\"op_s\":2.5e11},"                                \
    "{\"precision\":\"INT8\",\"op_s\":3e11},"                                  \
    "{\"precision\":\"FP16\",\"op_s\":8e10},"                                  \
    "{\"precision\":\"FP32\",\"op_s\":1.1e11}]}}}}"

static const struct {
    const char *precision;
    double bits, op_s, top1;
} lab_kinds[] = {
    { "INT2", 2, 1.4e11, 99.13 },  { "INT4", 4, 9e10, 99.28 },
    { "INT8", 8, 1.1e11, 99.30 },  { "FP16", 16, 2.6e10, 99.33 },
    { "FP32", 32, 3.1e10, 99.33 },
};

static inline struct table_column *lab_column(struct table *table,
                                              const char *name)
{
    struct table_column *at = (struct table_column *)table_find(table, name);

    assert_non_null(at);
    return at;
}

/* The attempt at 'cell', its samples around 'lat', starting 'at' seconds. */
static inline void lab_attempt(struct dataset *d, size_t cell, double lat,
                               double at)
{
    static const char *const boards[] = { "loop1", "loop2" };
    struct table *t = d->attempts;

    lab_column(t, "cell")->i64[cell] = (int64_t)cell;
    lab_column(t, "attempt")->i64[cell] = 1;
    lab_column(t, "status")->i64[cell] = isnan(lat) ? STATUS_FAILED : STATUS_OK;
    lab_column(t, "start_unix_ns")->i64[cell] =
        d->created_unix_ns + (int64_t)(at * 1e9);
    lab_column(t, "duration_s")->f64[cell] = 1.7;
    assert_int_equal(
        table_set_text(lab_column(t, "board"), cell, boards[cell % 2]), 0);
    if (isnan(lat))
        return;
    lab_column(t, "lat_comp_offset")->i64[cell] = (int64_t)d->lat_comp.count;
    lab_column(t, "lat_comp_length")->i64[cell] = LAB_SAMPLES;
    for (size_t i = 0; i < LAB_SAMPLES; i++)
        d->lat_comp.value[d->lat_comp.count++] =
            lat * (1 + 0.002 * (double)(i * 37 % 50) + (i % 67 ? 0 : 0.8));
    put(d, "attempt_row", cell, (double)cell);
    put_text(d, "board", cell, boards[cell % 2]);
}

/* Power of a cell: a trace of 2 W, and 5 W from 0.5 to 1.5 s. */
static inline void lab_power(struct dataset *d, size_t row, double fps)
{
    put_text(d, "meter", row, "rail");
    put(d, "power_scope", row, SCOPE_BOARD);
    put(d, "window_source", row, WINDOW_REPORTED);
    put(d, "idle_kind", row, IDLE_LOADED);
    put(d, "power_base_w", row, 1.5);
    put(d, "power_idle_w", row, 2);
    put(d, "power_full_w", row, 5);
    put(d, "energy_j", row, 5);
    put(d, "energy_uncertainty_j", row, 0.1);
    put(d, "energy_above_idle_j", row, 3);
    put(d, "energy_image_j", row, 5 / fps);
    put(d, "idle_start_s", row, 0.1);
    put(d, "idle_end_s", row, 0.4);
    put(d, "window_start_s", row, 0.5);
    put(d, "window_end_s", row, 1.5);
    lab_column(d->cells, "power_offset")->i64[row] = (int64_t)d->power.count;
    lab_column(d->cells, "power_length")->i64[row] = LAB_SAMPLES;
    for (size_t i = 0; i < LAB_SAMPLES; i++, d->power.count++) {
        double t = 0.01 * (double)i;

        d->power.t_s[d->power.count] = t;
        d->power.value[d->power.count] =
            (t < 0.5 || t > 1.5 ? 2 : 5) + 0.01 * (double)(i % 7);
    }
}

static inline void lab_cell(struct dataset *d, size_t row)
{
    size_t kind = row / 6 % 5;
    double pruning = row % 6 < 3 ? 100 : 12.5;
    double batch = pow(16, (double)(row % 3)), lat;

    put_text(d, "topology", row, "MLP");
    put_text(d, "dataset", row, "MNIST");
    put_text(d, "platform", row, "host-x86");
    put_text(d, "op_mode", row, "default");
    put_text(d, "precision", row, lab_kinds[kind].precision);
    put(d, "pruning_factor_pct", row, pruning);
    put(d, "batch", row, batch);
    put(d, "repeat", row, row < 30 ? 1 : 2);
    put(d, "cell", row, (double)row);
    put(d, "provenance", row, PROVENANCE_MEASURED);
    put(d, "weight_bits", row, lab_kinds[kind].bits);
    put(d, "params", row, mlp_params(pruning));
    put(d, "ops_image", row, 2 * mlp_params(pruning));
    if (row == 28) { /* one of each that is not ok */
        put(d, "status", row, STATUS_NA);
        put_text(d, "reason", row, "FP32 needs more memory than there is");
        return;
    }
    put(d, "status", row, row == 29 ? STATUS_FAILED : STATUS_OK);
    lat = row == 29
              ? (double)NAN
              : 2e-5 + batch * 2 * mlp_params(pruning) / lab_kinds[kind].op_s *
                           (1 + 0.01 * (row >= 30));
    if (row == 29)
        put_text(d, "reason", row, "exit code 1: no </script> & no memory");
    put(d, "lat_comp_s", row, lat);
    put(d, "lat_sys_s", row, lat * 1.3);
    put(d, "fps_comp", row, batch / lat);
    put(d, "fps_sys", row, batch / lat / 1.3);
    put(d, "top1_pct", row,
        isnan(lat) ? (double)NAN
                   : lab_kinds[kind].top1 - (pruning < 50 ? 0.2 : 0));
    put(d, "accuracy_images", row, 10000);
    lab_attempt(d, row, lat, 2 * (double)row);
    if (row < 6)
        lab_power(d, row, batch / lat / 1.3);
}

/* 33 cells of a host: 31 ok (three are second repeats), one na, one failed;
 * power of the first six.  For dataset_destroy(). */
static inline struct dataset *lab_dataset(void)
{
    static const char *const extra[] = { "lat_sys_offset", "lat_sys_length",
                                         "lat_comp_offset", "lat_comp_length" };
    struct dataset *d = dataset_make(LAB_CELLS);

    table_destroy(d->attempts);
    d->attempts = table_create(LAB_CELLS);
    assert_int_equal(table_add_all(d->attempts, &columns_attempts, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(extra); i++)
        assert_non_null(table_add(d->attempts, extra[i], COLUMN_I64, "", ""));
    for (size_t i = 0; i < 2; i++)
        assert_non_null(table_add(d->cells, i ? "power_length" : "power_offset",
                                  COLUMN_I64, "", ""));
    d->power.value = calloc(LAB_CELLS * LAB_SAMPLES, sizeof(double));
    d->power.t_s = calloc(LAB_CELLS * LAB_SAMPLES, sizeof(double));
    d->lat_comp.value = calloc(LAB_CELLS * LAB_SAMPLES, sizeof(double));
    for (size_t i = 0; i < LAB_CELLS; i++)
        lab_cell(d, i);
    free(d->title);
    free(d->lab);
    d->title = strdup("MNIST on this machine");
    d->lab = strdup("loopback lab");
    return d;
}

#endif
