/* made.c - campaigns made up for tests */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "inventory/documents.h"
#include "orchestrator/sched/plan.h"
#include "tests/unit/archive/made.h"

static const char inventory_text[] =
    "{\"lab\":\"made\",\"platforms\":{"
    "\"P0\":{\"type\":\"CPU\",\"engine\":\"batched\"},"
    "\"P1\":{\"type\":\"GPU\",\"engine\":\"batched\"}},"
    "\"boards\":["
    "{\"name\":\"b0\",\"platform\":\"P0\",\"transport\":\"local\","
    "\"adapter\":\"made\"},"
    "{\"name\":\"b1\",\"platform\":\"P1\",\"transport\":\"local\","
    "\"adapter\":\"made\"}]}";

static const char adapter_text[] =
    "{\"adapter\":\"made\",\"jobs\":[{\"name\":\"x\",\"run\":\"true\"}]}";

uint64_t made_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

void made_dir(char *dir)
{
    const char *base = getenv("TMPDIR");

    snprintf(dir, MADE_PATH, "%s/labsweep-test.XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(dir));
}

void made_dir_remove(const char *dir)
{
    char path[FS_PATH_MAX];
    struct dirent *entry;
    DIR *folder = opendir(dir);

    assert_non_null(folder);
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.' &&
            fs_join(path, sizeof(path), dir, entry->d_name))
            unlink(path);
    closedir(folder);
    assert_int_equal(rmdir(dir), 0);
}

static void add_text(struct texts *texts, const char *role, const char *name,
                     const char *text)
{
    assert_int_equal(
        texts_add(texts, role, name, "/nowhere", text, strlen(text), NULL), 0);
}

static void documents_make(size_t batches, struct documents *documents)
{
    struct buf text = { 0 };
    struct err err = { 0 };

    documents->texts = texts_create();
    add_text(documents->texts, "inventory", "made.json", inventory_text);
    add_text(documents->texts, "adapter", "made", adapter_text);
    buf_printf(
        &text,
        "{\"experiment\":\"made\",\"title\":\"Made up\",\"lab\":\"made\","
        "\"licence\":\"CC0-1.0\",\"authors\":[\"A. Nobody\"],\"axes\":["
        "{\"name\":\"clock_hz\",\"type\":\"number\",\"unit\":\"Hz\"}],"
        "\"matrix\":[{\"platform\":[\"P0\",\"P1\"],"
        "\"precision\":[\"INT8\"],\"clock_hz\":[1.5e9],\"batch\":[");
    for (size_t i = 1; i <= batches; i++)
        buf_printf(&text, "%s%zu", i > 1 ? "," : "", i);
    buf_printf(&text,
               "]}],\"na\":[{\"where\":{\"platform\":\"P1\",\"batch\":%zu},"
               "\"reason\":\"too large\"}]}",
               batches);
    add_text(documents->texts, "experiment", "made.json", buf_text(&text));
    buf_free(&text);
    if (experiment_load(documents->texts, NULL, &documents->experiment, &err) ||
        inventory_load(documents->texts, NULL, &documents->inventory, &err))
        fail_msg("%s", err.text);
}

/* The plan of 'batches', and its documents as JSON. */
static struct plan *plan_make(size_t batches, struct buf *json)
{
    struct documents documents = { 0 };
    struct plan *plan = NULL;
    struct err err = { 0 };

    documents_make(batches, &documents);
    if (plan_create(documents.experiment, documents.inventory, &plan, &err) ||
        documents_to_json(&documents, json, &err))
        fail_msg("%s", err.text);
    assert_int_equal(plan_cells(plan), 2 * batches);
    documents_close(&documents);
    return plan;
}

struct journal *made_begin(const char *dir, size_t batches)
{
    struct journal *journal = NULL;
    struct buf json = { 0 };
    struct plan *plan = plan_make(batches, &json);
    struct err err = { 0 };

    if (campaign_begin(dir, plan, buf_text(&json), json.len, NULL, &journal,
                       &err))
        fail_msg("%s", err.text);
    plan_destroy(plan);
    buf_free(&json);
    return journal;
}

void made_amend(struct journal *journal, size_t batches, uint64_t retired)
{
    struct buf json = { 0 }, bytes = { 0 }, payload = { 0 };
    struct plan *plan = plan_make(batches, &json);
    struct journal_record record = { .type = JOURNAL_AMENDMENT,
                                     .row = JOURNAL_NO_ROW };

    assert_int_equal(plan_encode(plan, &bytes, NULL), 0);
    records_plan_encode(
        &(struct record_plan){ .campaign_json = "{}",
                               .campaign_len = 2,
                               .documents_json = buf_text(&json),
                               .documents_len = json.len,
                               .plan = bytes.data,
                               .plan_len = bytes.len,
                               .retired_len = 1 },
        &retired, &payload);
    record.payload = payload.data;
    record.len = payload.len;
    assert_int_equal(journal_append(journal, &record, NULL), 0);
    plan_destroy(plan);
    buf_free(&json);
    buf_free(&bytes);
    buf_free(&payload);
}

/* Numbers of every kind, some missing. */
static void row_make(const struct column_table *table, void *row,
                     uint64_t *random)
{
    columns_clear(table, row);
    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];
        uint64_t r = made_random(random);
        const char *const *words = columns_flag_words(column->name);
        int64_t count = 0;
        char text[64];

        while (words && words[count])
            count++;
        if (r % 5 == 0)
            continue;
        if (column->type == COLUMN_F64)
            columns_set_f64(column, row, (double)(r % 100000) / 7.0 - 100);
        else if (column->type == COLUMN_FLAG)
            columns_set_i64(column, row, (int64_t)(r % (uint64_t)count));
        else if (column->type != COLUMN_TEXT)
            columns_set_i64(column, row, (int64_t)r - 1000);
        else {
            snprintf(text, sizeof(text), "%.20s \xc3\xa9 %u", column->name,
                     (unsigned)(r % 17));
            columns_set_text(column, row, text);
        }
    }
}

static void samples_make(struct result *result, uint8_t channel, size_t count,
                         bool timed, uint64_t *random)
{
    double *values = malloc((count + 1) * sizeof(*values));
    int64_t *t_ns = malloc((count + 1) * sizeof(*t_ns));
    struct sample_block block;

    if (!count)
        goto out;
    for (size_t i = 0; i < count; i++) {
        values[i] = (double)(made_random(random) % 4096) * 0.0025;
        if (i % 1000 == 999)
            values[i] = (double)NAN;
        t_ns[i] = (int64_t)i * 1000000 + (int64_t)(made_random(random) % 1000);
    }
    assert_int_equal(
        samples_pack(channel, values, timed ? t_ns : NULL, count, &block, NULL),
        0);
    assert_true(VEC_PUSH(&result->samples, block));
out:
    free(values);
    free(t_ns);
}

void made_result(const struct made_shape *shape, uint64_t cell,
                 uint16_t attempt, int status, struct result *ret_result)
{
    uint64_t random =
        88172645463325252u + (shape->seed * 1000003u + cell) * 7919u + attempt;
    struct result *r = ret_result;

    for (int i = 0; i < 10; i++)
        made_random(&random);
    result_init(r);
    row_make(&columns_attempts, &r->attempt, &random);
    r->attempt.cell = (int64_t)cell;
    r->attempt.attempt = attempt;
    r->attempt.status = status;
    r->attempt.provenance = PROVENANCE_MEASURED;
    samples_make(r, CHANNEL_LAT_SYS, shape->latencies, false, &random);
    samples_make(r, CHANNEL_LAT_COMP, shape->latencies / 2, false, &random);
    for (uint8_t i = 0; i < 2 && shape->readings; i++) {
        struct power_row row;

        row_make(&columns_power_runs, &row, &random);
        row.cell = (int64_t)cell;
        row.attempt = attempt;
        row.primary = i == 1;
        assert_true(VEC_PUSH(&r->power, row));
        samples_make(r, (uint8_t)(CHANNEL_POWER + i),
                     shape->readings - i * shape->readings / 3, true, &random);
    }
    if (shape->raw) {
        char text[128];
        int len = snprintf(text, sizeof(text), "cell %llu, attempt %u\n",
                           (unsigned long long)cell, attempt);

        assert_int_equal(result_add_raw(r, "x", "stdout", text, (size_t)len,
                                        (uint64_t)len + 5, NULL),
                         0);
    }
    if (shape->predictions) {
        char classes[MADE_IMAGES];

        for (size_t i = 0; i < MADE_IMAGES; i++)
            classes[i] = (char)('0' + (i * (3 + cell % 2)) % 10);
        column_text_set(&r->attempt.prediction_hash, cell % 2 ? "odd" : "even");
        assert_int_equal(result_add_raw(r, "accuracy", "predictions", classes,
                                        MADE_IMAGES, MADE_IMAGES, NULL),
                         0);
    }
}

void made_append(struct journal *journal, const struct made_shape *shape,
                 uint64_t cell, uint16_t attempt, int status)
{
    struct result result;
    struct buf bytes = { 0 };
    struct err err = { 0 };

    made_result(shape, cell, attempt, status, &result);
    if (result_encode(&result, &bytes, &err) ||
        journal_append(journal,
                       &(struct journal_record){ .type = JOURNAL_RESULT,
                                                 .status = (uint8_t)status,
                                                 .attempt = attempt,
                                                 .row = cell,
                                                 .payload = bytes.data,
                                                 .len = bytes.len },
                       &err))
        fail_msg("%s", err.text);
    buf_free(&bytes);
    result_free(&result);
}

void made_read(const char *dir, const char *name, struct buf *content)
{
    char path[FS_PATH_MAX];
    struct err err = { 0 };

    assert_true(fs_join(path, sizeof(path), dir, name));
    buf_free(content);
    if (fs_read_file(path, 1u << 30, content, &err))
        fail_msg("%s", err.text);
}

void made_write(const char *dir, const char *name, const void *data, size_t len)
{
    char path[FS_PATH_MAX];
    FILE *file;

    assert_true(fs_join(path, sizeof(path), dir, name));
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}
