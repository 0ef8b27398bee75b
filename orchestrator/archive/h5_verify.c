/* h5_verify.c - an archive equals its journal, value by value */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/text.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/h5_file.h"
#include "orchestrator/archive/h5_read.h"
#include "orchestrator/archive/h5_reader.h"

struct verify {
    const struct campaign *campaign;
    struct dataset *dataset;
    struct table *raw;
    hid_t text;                        /* bytes of all raw outputs */
    size_t attempts, power_runs, raws; /* rows compared so far */
    uint16_t *seen;
};

static bool f64_same(double a, double b)
{
    return memcmp(&a, &b, sizeof(a)) == 0 || (isnan(a) && isnan(b));
}

static bool text_same(const char *archive, const char *journal)
{
    struct buf clean = { 0 };
    bool same;

    if (!strcmp(archive, journal))
        return true;
    text_clean_utf8(&clean, journal, strlen(journal));
    same = !strcmp(archive, buf_text(&clean));
    buf_free(&clean);
    return same;
}

static bool field_same(const struct table_column *have, size_t row,
                       const struct column *column, const void *expected)
{
    if (column->type == COLUMN_F64)
        return f64_same(table_f64(have, row), columns_f64(column, expected));
    if (column->type == COLUMN_TEXT)
        return text_same(table_text(have, row), columns_text(column, expected));
    return table_i64(have, row) == columns_i64(column, expected);
}

int h5_row_verify(const struct table *table, size_t row,
                  const struct column_table *list, const void *expected,
                  const struct column_table *but, struct err *err)
{
    if (row >= table->rows)
        return err_set(err, ERR_FORMAT,
                       "the archive has %zu rows of %s, the journal more",
                       table->rows, list->name);
    for (size_t i = 0; i < list->count; i++) {
        const struct column *column = &list->columns[i];
        const struct table_column *have = table_find(table, column->name);

        if (but && columns_find(but, column->name))
            continue;
        if (!have)
            return err_set(err, ERR_FORMAT, "the archive has no column '%s'",
                           column->name);
        if (!field_same(have, row, column, expected))
            return err_set(err, ERR_FORMAT,
                           "column '%s', row %zu, is not what the journal says",
                           column->name, row);
    }
    return 0;
}

/* Compare a block with the samples at its span; without a block the span
 * must be empty. */
static int samples_verify(const struct samples *samples,
                          const struct result *result, unsigned channel,
                          int64_t offset, int64_t length, struct err *err)
{
    const struct sample_block *block = NULL;
    double *values = NULL;
    int64_t *t_ns = NULL;
    int rc = 0;

    for (size_t i = 0; i < result->samples.len; i++)
        if (result->samples.at[i].channel == channel)
            block = &result->samples.at[i];
    if (length != (block ? (int64_t)block->count : 0))
        return err_set(err, ERR_FORMAT, "%lld samples, the journal has %u",
                       (long long)length, block ? block->count : 0);
    if (!length)
        return 0;
    if (offset < 0 || (uint64_t)offset > samples->count ||
        (uint64_t)length > samples->count - (uint64_t)offset)
        return err_set(err, ERR_FORMAT, "samples %lld to %lld of %zu",
                       (long long)offset, (long long)(offset + length),
                       samples->count);
    values = malloc((size_t)length * sizeof(*values));
    t_ns = malloc((size_t)length * sizeof(*t_ns));
    if (!values || !t_ns)
        rc = err_set(err, ERR_NOMEM, "no memory for samples");
    else
        rc = samples_unpack(block, values, t_ns, err);
    for (size_t i = 0; !rc && i < (size_t)length; i++) {
        size_t at = (size_t)offset + i;
        double t_s =
            t_ns[i] == SAMPLES_PAD_T_NS ? (double)NAN : (double)t_ns[i] * 1e-9;

        if (!f64_same(values[i], samples->value[at]) ||
            (samples->t_s && !f64_same(t_s, samples->t_s[at])))
            rc = err_set(err, ERR_FORMAT,
                         "sample %zu is not what the journal says", at);
    }
    free(values);
    free(t_ns);
    return rc;
}

/* The span that a row of a table says. */
static int span_verify(const struct table *table, size_t row,
                       const char *offset, const char *length,
                       const struct samples *samples,
                       const struct result *result, unsigned channel,
                       struct err *err)
{
    int rc = samples_verify(samples, result, channel,
                            table_i64(table_find(table, offset), row),
                            table_i64(table_find(table, length), row), err);

    if (rc)
        err_prefix(err, "%s, row %zu", offset, row);
    return rc;
}

static int power_verify(struct verify *v, const struct result *result,
                        struct err *err)
{
    const struct table *table = v->dataset->power_runs;
    int rc = 0;

    for (size_t i = 0; !rc && i < result->power.len; i++) {
        size_t row = v->power_runs++;

        rc = h5_row_verify(table, row, &columns_power_runs,
                           &result->power.at[i], NULL, err);
        if (!rc)
            rc = span_verify(table, row, "power_offset", "power_length",
                             &v->dataset->power, result,
                             CHANNEL_POWER + (unsigned)i, err);
    }
    return rc;
}

static int text_verify(const struct verify *v, const struct raw_output *raw,
                       int64_t offset, struct err *err)
{
    hsize_t start = (hsize_t)offset, count = raw->len;
    hid_t space, memory;
    uint8_t *held;
    bool same;

    if (!raw->len)
        return 0;
    held = malloc(raw->len);
    space = H5Dget_space(v->text);
    memory = H5Screate_simple(1, &count, NULL);
    same = held && offset >= 0 &&
           H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &count,
                               NULL) >= 0 &&
           H5Dread(v->text, H5T_NATIVE_UINT8, memory, space, H5P_DEFAULT,
                   held) >= 0 &&
           !memcmp(held, raw->text, raw->len);
    h5_close(memory);
    h5_close(space);
    free(held);
    if (same)
        return 0;
    return h5_fail(err, ERR_FORMAT,
                   "raw output at %lld is not what the journal says",
                   (long long)offset);
}

static int raw_verify(struct verify *v, const struct result *result,
                      struct err *err)
{
    const struct table *t = v->raw;
    int rc = 0;

    for (size_t i = 0; !rc && i < result->raw.len; i++) {
        const struct raw_output *raw = &result->raw.at[i];
        size_t row = v->raws++;

        if (row >= t->rows ||
            table_i64(table_find(t, "length"), row) != (int64_t)raw->len ||
            table_i64(table_find(t, "full_length"), row) !=
                (int64_t)raw->full_len ||
            table_i64(table_find(t, "attempt_row"), row) !=
                (int64_t)v->attempts - 1 ||
            !text_same(table_text(table_find(t, "job"), row), raw->job) ||
            !text_same(table_text(table_find(t, "stream"), row), raw->stream))
            return err_set(err, ERR_FORMAT,
                           "raw output, row %zu, is not what the journal says",
                           row);
        rc = text_verify(v, raw, table_i64(table_find(t, "offset"), row), err);
    }
    return rc;
}

static int result_verify(struct verify *v, const struct result *result,
                         struct err *err)
{
    const struct table *table = v->dataset->attempts;
    size_t row = v->attempts++;
    int rc = h5_row_verify(table, row, &columns_attempts, &result->attempt,
                           NULL, err);

    if (!rc)
        rc = span_verify(table, row, "lat_sys_offset", "lat_sys_length",
                         &v->dataset->lat_sys, result, CHANNEL_LAT_SYS, err);
    if (!rc)
        rc = span_verify(table, row, "lat_comp_offset", "lat_comp_length",
                         &v->dataset->lat_comp, result, CHANNEL_LAT_COMP, err);
    if (!rc)
        rc = power_verify(v, result, err);
    return rc ? rc : raw_verify(v, result, err);
}

static int record_verify(struct verify *v, struct journal_reader *reader,
                         struct journal_record *record, struct err *err)
{
    struct result result;
    struct cursor cur;
    int rc;

    if (record->type != JOURNAL_RESULT && record->type != JOURNAL_SENTINEL)
        return 0;
    if (record->type == JOURNAL_RESULT) {
        if (record->attempt <= v->seen[record->row])
            return 0;
        v->seen[record->row] = record->attempt;
    }
    rc = journal_reader_load(reader, record, err);
    if (rc)
        return rc;
    cur = cursor_of(record->payload, record->len);
    rc = result_decode(campaign_layouts(v->campaign, record->offset), &cur,
                       &result, err);
    if (rc)
        return rc;
    rc = result_verify(v, &result, err);
    result_free(&result);
    return rc;
}

static int rows_verify(const struct verify *v, struct err *err)
{
    const struct dataset *d = v->dataset;

    if (d->attempts->rows == v->attempts &&
        d->power_runs->rows == v->power_runs && v->raw->rows == v->raws)
        return 0;
    return err_set(err, ERR_FORMAT,
                   "the archive has %zu attempts, %zu power runs and %zu raw "
                   "outputs, the journal %zu, %zu and %zu",
                   d->attempts->rows, d->power_runs->rows, v->raw->rows,
                   v->attempts, v->power_runs, v->raws);
}

static int all_verify(struct verify *v, const char *dir, struct err *err)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    int rc = journal_reader_open(dir, &reader, err);

    v->seen = calloc(campaign_cells(v->campaign) + 1, sizeof(*v->seen));
    if (!rc && !v->seen)
        rc = err_set(err, ERR_NOMEM, "no memory to verify");
    while (!rc && journal_reader_next(reader, &record, err) == 1 &&
           record.offset < campaign_bytes(v->campaign))
        rc = record_verify(v, reader, &record, err);
    if (!rc)
        rc = rows_verify(v, err);
    if (!rc && strcmp(v->dataset->campaign ? v->dataset->campaign : "",
                      campaign_uuid(v->campaign)) != 0)
        rc = err_set(err, ERR_FORMAT, "the archive is of campaign %s",
                     v->dataset->campaign ? v->dataset->campaign : "?");
    if (!rc)
        rc = h5_cells_verify(v->campaign, v->dataset->cells, err);
    journal_reader_close(reader);
    free(v->seen);
    return rc;
}

int archive_verify(const char *dir, struct err *err)
{
    struct verify v = { .text = H5I_INVALID_HID };
    struct campaign *campaign = NULL;
    char path[FS_PATH_MAX];
    hid_t file = H5I_INVALID_HID;
    size_t bytes;
    int rc = archive_read(dir, ARCHIVE_SAMPLES, &v.dataset, err);

    if (!rc)
        rc = campaign_replay(dir, false, &campaign, err);
    if (!rc && !fs_join(path, sizeof(path), dir, CAMPAIGN_ARCHIVE))
        rc = err_set(err, ERR_USAGE, "path '%s' is too long", dir);
    if (!rc) {
        v.campaign = campaign;
        file = h5_archive_open(path, err);
        rc = file < 0 ? ERR_FORMAT : 0;
    }
    if (!rc)
        rc = h5_table_read(file, "raw_output", "raw_row", 0, &v.raw, err);
    if (!rc)
        rc = h5_open_1d(file, "raw_text/text", &v.text, &bytes, err);
    if (!rc && all_verify(&v, dir, err))
        rc = err_prefix(err, "'%s'", dir);
    h5_close(v.text);
    h5_close(file);
    table_destroy(v.raw);
    dataset_destroy(v.dataset);
    campaign_destroy(campaign);
    return rc;
}
