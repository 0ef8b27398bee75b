/* published.h - the published measurements as a dataset, for tests */
#ifndef TESTS_UNIT_ANALYSIS_PUBLISHED_H
#define TESTS_UNIT_ANALYSIS_PUBLISHED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/facts.h"
#include "core/buf.h"
#include "core/fs.h"
#include "core/text.h"
#include "core/vec.h"
#include "hdf5_schema/dataset.h"

#define PUBLISHED_CSV "data/published/published_mnist.csv"
#define HARDWARE_CSV  "data/published/hardware.csv"
#define CSV_FIELDS    20

/* Cut a line at its commas, in place (the files quote only last fields). */
static inline size_t csv_split(char *line, char *fields[CSV_FIELDS])
{
    size_t n = 0;

    while (line && n < CSV_FIELDS) {
        char *comma = *line == '"' ? NULL : strchr(line, ',');

        fields[n++] = line;
        if (comma)
            *comma++ = '\0';
        line = comma;
    }
    return n;
}

static inline double csv_f64(const char *text, double factor)
{
    double value = (double)NAN;

    return text_to_f64(text, &value) ? value * factor : (double)NAN;
}

/* MLP 784-W-W-W-10 at W = 2048 * share. */
static inline double mlp_params(double pruning_pct)
{
    double w = 2048 * pruning_pct / 100;

    return 784 * w + 2 * w * w + 10 * w;
}

/* Every axis and column of a cell table of 'rows' rows. */
static inline struct dataset *dataset_make(size_t rows)
{
    static const struct {
        const char *name;
        enum column_type type;
    } axes[] = {
        { "topology", COLUMN_TEXT },  { "dataset", COLUMN_TEXT },
        { "platform", COLUMN_TEXT },  { "op_mode", COLUMN_TEXT },
        { "precision", COLUMN_TEXT }, { "pruning_factor_pct", COLUMN_F64 },
        { "batch", COLUMN_I64 },      { "board", COLUMN_TEXT },
        { "repeat", COLUMN_I64 },
    };
    struct dataset *dataset = calloc(1, sizeof(*dataset));

    assert_non_null(dataset);
    dataset->cells = table_create(rows);
    dataset->attempts = table_create(0);
    dataset->power_runs = table_create(0);
    dataset->axes = calloc(ARRAY_LEN(axes), sizeof(char *));
    dataset->n_axes = ARRAY_LEN(axes);
    for (size_t i = 0; i < ARRAY_LEN(axes); i++) {
        dataset->axes[i] = strdup(axes[i].name);
        assert_non_null(
            table_add(dataset->cells, axes[i].name, axes[i].type, "", ""));
    }
    assert_int_equal(table_add_all(dataset->cells, &columns_cells, NULL), 0);
    assert_int_equal(table_add_all(dataset->cells, &columns_attempts, NULL), 0);
    assert_int_equal(table_add_all(dataset->cells, &columns_power_runs, NULL),
                     0);
    dataset->path = strdup("test");
    dataset->title = strdup("test");
    dataset->lab = strdup("");
    dataset->campaign = strdup("0");
    dataset->created_unix_ns = INT64_C(1700000000000000000);
    return dataset;
}

static inline void put_text(struct dataset *dataset, const char *column,
                            size_t row, const char *value)
{
    struct table_column *at =
        (struct table_column *)table_find(dataset->cells, column);

    assert_non_null(at);
    assert_int_equal(table_set_text(at, row, value), 0);
}

static inline void put(struct dataset *dataset, const char *column, size_t row,
                       double value)
{
    const struct table_column *at = table_find(dataset->cells, column);

    assert_non_null(at);
    if (at->type == COLUMN_F64)
        at->f64[row] = value;
    else
        at->i64[row] = isnan(value) ? COLUMN_I64_MISSING : (int64_t)value;
}

static inline void published_row(struct dataset *d, size_t row, char **f)
{
    double pruning = csv_f64(f[4], 1);
    double bits = strtod(f[3] + strcspn(f[3], "0123456789"), NULL);

    put_text(d, "topology", row, f[0]);
    put_text(d, "dataset", row, "MNIST");
    put_text(d, "platform", row, f[1]);
    put_text(d, "op_mode", row, *f[2] ? f[2] : "default");
    put_text(d, "precision", row, f[3]);
    put(d, "pruning_factor_pct", row, pruning);
    put(d, "batch", row, csv_f64(f[5], 1));
    put(d, "repeat", row, 1);
    put(d, "cell", row, (double)row);
    put(d, "status", row, STATUS_OK);
    put(d, "provenance", row, PROVENANCE_PUBLISHED);
    put(d, "weight_bits", row, bits);
    put(d, "params", row, mlp_params(pruning));
    put(d, "ops_image", row, 2 * mlp_params(pruning));
    put(d, "lat_sys_s", row, csv_f64(f[6], 1e-3));
    put(d, "lat_comp_s", row, csv_f64(f[7], 1e-3));
    put(d, "fps_sys", row, csv_f64(f[8], 1));
    put(d, "fps_comp", row, csv_f64(f[9], 1));
    put(d, "top1_pct", row, csv_f64(f[10], 1));
    put(d, "power_base_w", row, csv_f64(f[11], 1));
    put(d, "power_idle_w", row, csv_f64(f[12], 1));
    put(d, "power_full_w", row, csv_f64(f[13], 1));
}

/* The 406 published rows; for dataset_destroy(). */
static inline struct dataset *published_dataset(void)
{
    struct buf text = { 0 };
    struct dataset *dataset = dataset_make(406);
    char *save = NULL, *line;
    size_t row = 0;

    assert_int_equal(fs_read_file(PUBLISHED_CSV, 1 << 20, &text, NULL), 0);
    line = strtok_r((char *)(uintptr_t)buf_text(&text), "\r\n", &save);
    while (line && (line = strtok_r(NULL, "\r\n", &save))) {
        char *fields[CSV_FIELDS];

        if (*line == '#')
            continue;
        assert_int_equal(csv_split(line, fields), 15);
        assert_true(row < 406);
        published_row(dataset, row++, fields);
    }
    assert_int_equal(row, 406);
    buf_free(&text);
    free(dataset->title);
    dataset->title = strdup("QuTiBench MNIST, published");
    return dataset;
}

static inline void hardware_row(struct facts *facts, char **f)
{
    static const char *const precisions[] = { "INT2", "INT4", "INT8", "FP16",
                                              "FP32" };

    for (size_t k = 0; k < ARRAY_LEN(precisions); k++) {
        struct platform_facts row = { .tdp_w = csv_f64(f[9], 1) };

        if (!*f[2 + k])
            continue;
        snprintf(row.platform, sizeof(row.platform), "%s", f[0]);
        snprintf(row.op_mode, sizeof(row.op_mode), "%s",
                 *f[1] ? f[1] : "default");
        snprintf(row.precision, sizeof(row.precision), "%s", precisions[k]);
        snprintf(row.peak_kind, sizeof(row.peak_kind), "published");
        row.peak_op_s = csv_f64(f[2 + k], 1e12);
        row.bw_byte_s = csv_f64(f[7], 1e9);
        row.on_chip_bytes = csv_f64(f[10], 1);
        row.on_chip_bw_byte_s = (double)NAN;
        row.engine = ENGINE_BATCHED;
        if (!strcmp(f[0], "NCS"))
            row.engine = ENGINE_PER_IMAGE;
        if (!strcmp(f[0], "ZCU104-FINN")) {
            row.engine = ENGINE_DATAFLOW;
            row.pinned = true;
            row.on_chip_bw_byte_s = (312 + 96) * 9 * 250e6;
        }
        if (!strcmp(f[0], "U96-Quadcore-A53"))
            row.storage_bits = 8;
        assert_int_equal(facts_add_platform(facts, &row, NULL), 0);
    }
}

/* The published hardware table; for facts_free(). */
static inline struct facts published_facts(void)
{
    struct facts facts = { 0 };
    struct buf text = { 0 };
    char *save = NULL, *line;

    assert_int_equal(fs_read_file(HARDWARE_CSV, 1 << 20, &text, NULL), 0);
    line = strtok_r((char *)(uintptr_t)buf_text(&text), "\r\n", &save);
    while (line && (line = strtok_r(NULL, "\r\n", &save))) {
        char *fields[CSV_FIELDS];

        if (*line == '#')
            continue;
        assert_true(csv_split(line, fields) >= 11);
        hardware_row(&facts, fields);
    }
    buf_free(&text);
    return facts;
}

#endif
