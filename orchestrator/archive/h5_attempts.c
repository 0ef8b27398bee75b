/* h5_attempts.c - every result of a journal into an archive */
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/vec.h"
#include "orchestrator/archive/cell_rows.h"
#include "orchestrator/archive/h5_archive.h"
#include "orchestrator/archive/h5_file.h"
#include "orchestrator/archive/h5_samples.h"
#include "orchestrator/archive/h5_table.h"
#include "orchestrator/wire/result.h"

#define TEXT_CHUNK 65536 /* bytes of raw output */

/* A list of predictions that is in the text already. */
struct kept_text {
    uint64_t hash;
    struct h5_span span;
};

/* The tables and streams that results go into. */
struct sink {
    struct h5_archive *archive;
    struct h5_table *attempts, *power_runs, *raw;
    struct h5_map attempt_map, power_map;
    struct h5_samples *lat_sys, *lat_comp, *power;
    size_t attempt_row, sys_offset, sys_length, comp_offset, comp_length;
    size_t power_row, power_offset, power_length;
    size_t raw_row, raw_job, raw_stream, raw_offset, raw_length, raw_full;
    hid_t text; /* bytes of all raw outputs */
    uint64_t text_len;
    VEC(struct kept_text) predictions;
    uint16_t *seen; /* a cell: highest attempt so far */
};

static int span_add(struct h5_table *table, const char *offset,
                    const char *length, const char *where, size_t *ret_offset,
                    size_t *ret_length, struct err *err)
{
    char help[96];
    int rc;

    snprintf(help, sizeof(help), "first sample in %s, counted from 0", where);
    rc = h5_table_add(table, offset, COLUMN_I64, "", help, ret_offset, err);
    snprintf(help, sizeof(help), "samples in %s", where);
    return rc ? rc
              : h5_table_add(table, length, COLUMN_I64, "", help, ret_length,
                             err);
}

static int attempts_open(struct sink *sink, size_t rows, struct err *err)
{
    struct h5_archive *archive = sink->archive;
    int rc = h5_table_create(archive->file, "attempts", rows, archive->labels,
                             &sink->attempts, err);

    if (!rc)
        rc = h5_table_add(sink->attempts, "attempt_row", COLUMN_I64, "",
                          "row number", &sink->attempt_row, err);
    if (!rc)
        rc = h5_table_add_all(sink->attempts, &columns_attempts, true,
                              &sink->attempt_map, err);
    if (!rc)
        rc =
            span_add(sink->attempts, "lat_sys_offset", "lat_sys_length",
                     "/latency_sys", &sink->sys_offset, &sink->sys_length, err);
    if (!rc)
        rc = span_add(sink->attempts, "lat_comp_offset", "lat_comp_length",
                      "/latency_comp", &sink->comp_offset, &sink->comp_length,
                      err);
    return rc;
}

static int power_open(struct sink *sink, size_t rows, struct err *err)
{
    struct h5_archive *archive = sink->archive;
    int rc = h5_table_create(archive->file, "power_runs", rows, archive->labels,
                             &sink->power_runs, err);

    if (!rc)
        rc = h5_table_add(sink->power_runs, "power_run_row", COLUMN_I64, "",
                          "row number", &sink->power_row, err);
    if (!rc)
        rc = h5_table_add_all(sink->power_runs, &columns_power_runs, true,
                              &sink->power_map, err);
    if (!rc)
        rc = span_add(sink->power_runs, "power_offset", "power_length",
                      "/power", &sink->power_offset, &sink->power_length, err);
    return rc;
}

/* The bytes of all raw outputs, end to end. */
static int text_open(struct sink *sink, struct err *err)
{
    hsize_t none = 0, most = H5S_UNLIMITED, chunk = TEXT_CHUNK;
    hid_t space = H5Screate_simple(1, &none, &most);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    hid_t group = h5_group_create(sink->archive->file, "raw_text", err);

    if (group >= 0 && space >= 0 && list >= 0 &&
        H5Pset_chunk(list, 1, &chunk) >= 0 && H5Pset_deflate(list, 1) >= 0 &&
        H5Pset_obj_track_times(list, false) >= 0)
        sink->text = H5Dcreate2(group, "text", H5T_STD_U8LE, space, H5P_DEFAULT,
                                list, H5P_DEFAULT);
    h5_close(list);
    h5_close(space);
    h5_close(group);
    if (sink->text < 0)
        return h5_fail(err, ERR_IO, "cannot create raw output");
    return h5_attr_text(sink->text, "long_name",
                        "what the jobs printed, bytes, end to end", err);
}

static int raw_open(struct sink *sink, size_t rows, struct err *err)
{
    struct h5_archive *archive = sink->archive;
    struct h5_table *raw;
    int rc = h5_table_create(archive->file, "raw_output", rows, archive->labels,
                             &sink->raw, err);

    if (rc)
        return rc;
    raw = sink->raw;
    rc = h5_table_add(raw, "raw_row", COLUMN_I64, "", "row number",
                      &sink->raw_row, err);
    if (!rc)
        rc = h5_table_add(raw, "attempt_row", COLUMN_I64, "",
                          "row of the attempt in /attempts", NULL, err);
    if (!rc)
        rc = h5_table_add(raw, "job", COLUMN_TEXT, "", "job of the adapter",
                          &sink->raw_job, err);
    if (!rc)
        rc = h5_table_add(raw, "stream", COLUMN_TEXT, "", "what it wrote to",
                          &sink->raw_stream, err);
    if (!rc)
        rc = span_add(raw, "offset", "length", "/raw_text/text",
                      &sink->raw_offset, &sink->raw_length, err);
    if (!rc)
        rc = h5_table_add(raw, "full_length", COLUMN_I64, "",
                          "bytes as printed, before the cap", &sink->raw_full,
                          err);
    return rc ? rc : text_open(sink, err);
}

static int sink_open(struct sink *sink, struct err *err)
{
    struct h5_archive *archive = sink->archive;
    size_t rows = campaign_results(archive->campaign);
    int rc = attempts_open(sink, rows, err);

    if (!rc)
        rc = power_open(sink, rows, err);
    if (!rc)
        rc = h5_samples_create(archive->file, "latency_sys", "lat_sys_s", "s",
                               "latency of each batch, data movement included",
                               false, &sink->lat_sys, err);
    if (!rc)
        rc = h5_samples_create(archive->file, "latency_comp", "lat_comp_s", "s",
                               "latency of each batch, compute only", false,
                               &sink->lat_comp, err);
    if (!rc)
        rc = h5_samples_create(archive->file, "power", "power_w", "W",
                               "readings of the meters", true, &sink->power,
                               err);
    if (!rc)
        rc = raw_open(sink, rows, err);
    sink->seen =
        calloc(campaign_cells(archive->campaign) + 1, sizeof(*sink->seen));
    if (!rc && !sink->seen)
        rc = err_set(err, ERR_NOMEM, "no memory for the attempts");
    return rc;
}

static void sink_close(struct sink *sink)
{
    h5_table_destroy(sink->attempts);
    h5_table_destroy(sink->power_runs);
    h5_table_destroy(sink->raw);
    h5_samples_destroy(sink->lat_sys);
    h5_samples_destroy(sink->lat_comp);
    h5_samples_destroy(sink->power);
    h5_close(sink->text);
    VEC_FREE(&sink->predictions);
    free(sink->seen);
}

static int sink_finish(struct sink *sink, struct err *err)
{
    int rc = h5_table_finish(sink->attempts, "attempt_row", err);

    if (!rc)
        rc = h5_table_finish(sink->power_runs, "power_run_row", err);
    if (!rc)
        rc = h5_table_finish(sink->raw, "raw_row", err);
    if (!rc)
        rc = h5_samples_finish(sink->lat_sys, err);
    if (!rc)
        rc = h5_samples_finish(sink->lat_comp, err);
    if (!rc)
        rc = h5_samples_finish(sink->power, err);
    return rc;
}

/* Add the block of a channel, if there is one. */
static int channel_put(struct h5_samples *samples, const struct result *result,
                       unsigned channel, struct h5_span *ret_span,
                       struct err *err)
{
    *ret_span = (struct h5_span){ COLUMN_I64_MISSING, 0 };
    for (size_t i = 0; i < result->samples.len; i++) {
        const struct sample_block *block = &result->samples.at[i];

        if (block->channel != channel || !block->count)
            continue;
        ret_span->length = block->count;
        return h5_samples_add(samples, block, &ret_span->offset, err);
    }
    return 0;
}

static void span_set(struct h5_table *table, size_t offset, size_t length,
                     const struct h5_span *span)
{
    h5_table_set_i64(table, offset, span->offset);
    h5_table_set_i64(table, length, span->length);
}

static int power_put(struct sink *sink, const struct result *result,
                     struct h5_span *ret_primary, struct err *err)
{
    const struct power_row *primary = cell_primary(result);
    int rc = 0;

    *ret_primary = (struct h5_span){ COLUMN_I64_MISSING, 0 };
    for (size_t i = 0; !rc && i < result->power.len; i++) {
        struct h5_span span;

        rc = channel_put(sink->power, result, CHANNEL_POWER + (unsigned)i,
                         &span, err);
        if (!rc)
            rc = h5_table_set_row(sink->power_runs, &sink->power_map,
                                  &result->power.at[i], err);
        if (rc)
            break;
        h5_table_set_i64(sink->power_runs, sink->power_row,
                         (int64_t)h5_table_rows(sink->power_runs));
        span_set(sink->power_runs, sink->power_offset, sink->power_length,
                 &span);
        if (&result->power.at[i] == primary)
            *ret_primary = span;
        rc = h5_table_next(sink->power_runs, err);
    }
    return rc;
}

/* Append the text of one raw output. */
static int text_put(struct sink *sink, const struct raw_output *raw,
                    struct err *err)
{
    hsize_t start = sink->text_len, count = raw->len, extent = start + count;
    hid_t space = H5I_INVALID_HID, memory;
    int rc = 0;

    if (!raw->len)
        return 0;
    if (H5Dset_extent(sink->text, &extent) < 0)
        return h5_fail(err, ERR_IO, "cannot extend raw output");
    space = H5Dget_space(sink->text);
    memory = H5Screate_simple(1, &count, NULL);
    if (space < 0 || memory < 0 ||
        H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &count, NULL) <
            0 ||
        H5Dwrite(sink->text, H5T_NATIVE_UINT8, memory, space, H5P_DEFAULT,
                 raw->text) < 0)
        rc = h5_fail(err, ERR_IO, "cannot write raw output");
    h5_close(memory);
    h5_close(space);
    if (!rc)
        sink->text_len = extent;
    return rc;
}

/* Where the output is, appended unless it is a list of predictions that
 * another board made just so: kernels agree, and so one copy serves. */
static int text_place(struct sink *sink, const struct raw_output *raw,
                      struct h5_span *ret_span, struct err *err)
{
    struct kept_text kept = { .span = { (int64_t)sink->text_len,
                                        (int64_t)raw->len } };
    int rc;

    *ret_span = kept.span;
    if (strcmp(raw->stream, "predictions") != 0)
        return text_put(sink, raw, err);
    kept.hash = hash_u64(raw->text, raw->len);
    for (size_t i = 0; i < sink->predictions.len; i++) {
        const struct kept_text *k = &sink->predictions.at[i];

        if (k->hash == kept.hash && k->span.length == kept.span.length) {
            *ret_span = k->span;
            return 0;
        }
    }
    rc = text_put(sink, raw, err);
    if (!rc && !VEC_PUSH(&sink->predictions, kept))
        rc = err_set(err, ERR_NOMEM, "no memory for predictions");
    return rc;
}

static int raw_put(struct sink *sink, const struct result *result,
                   int64_t attempt_row, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < result->raw.len; i++) {
        const struct raw_output *raw = &result->raw.at[i];
        struct h5_span span;

        rc = text_place(sink, raw, &span, err);
        if (rc)
            break;
        h5_table_set_i64(sink->raw, sink->raw_row,
                         (int64_t)h5_table_rows(sink->raw));
        h5_table_set_i64(sink->raw, sink->raw_row + 1, attempt_row);
        h5_table_set_i64(sink->raw, sink->raw_full, (int64_t)raw->full_len);
        span_set(sink->raw, sink->raw_offset, sink->raw_length, &span);
        rc = h5_table_set_text(sink->raw, sink->raw_job, raw->job, err);
        if (!rc)
            rc = h5_table_set_text(sink->raw, sink->raw_stream, raw->stream,
                                   err);
        if (!rc)
            rc = h5_table_next(sink->raw, err);
    }
    return rc;
}

static int result_put(struct sink *sink, const struct journal_record *record,
                      const struct result *result, struct err *err)
{
    struct h5_accepted at = { .attempt_row =
                                  (int64_t)h5_table_rows(sink->attempts) };
    const struct campaign_cell *cell =
        campaign_cell(sink->archive->campaign, record->row);
    int rc =
        channel_put(sink->lat_sys, result, CHANNEL_LAT_SYS, &at.lat_sys, err);

    if (!rc)
        rc = channel_put(sink->lat_comp, result, CHANNEL_LAT_COMP, &at.lat_comp,
                         err);
    if (!rc)
        rc = power_put(sink, result, &at.power, err);
    if (!rc)
        rc = raw_put(sink, result, at.attempt_row, err);
    if (!rc)
        rc = h5_table_set_row(sink->attempts, &sink->attempt_map,
                              &result->attempt, err);
    if (rc)
        return rc;
    h5_table_set_i64(sink->attempts, sink->attempt_row, at.attempt_row);
    span_set(sink->attempts, sink->sys_offset, sink->sys_length, &at.lat_sys);
    span_set(sink->attempts, sink->comp_offset, sink->comp_length,
             &at.lat_comp);
    if (cell->accepted == record->offset)
        sink->archive->accepted[record->row] = at;
    return h5_table_next(sink->attempts, err);
}

/* Take one record, if it is a result not seen before. */
static int record_put(struct sink *sink, struct journal_reader *reader,
                      struct journal_record *record, struct err *err)
{
    const struct campaign *campaign = sink->archive->campaign;
    struct result result;
    struct cursor cur;
    int rc;

    if ((record->type != JOURNAL_RESULT && record->type != JOURNAL_SENTINEL) ||
        record->row >= campaign_cells(campaign))
        return 0;
    if (record->type == JOURNAL_RESULT) {
        if (record->attempt <= sink->seen[record->row])
            return 0;
        sink->seen[record->row] = record->attempt;
    }
    rc = journal_reader_load(reader, record, err);
    if (rc)
        return rc;
    cur = cursor_of(record->payload, record->len);
    rc = result_decode(campaign_layouts(campaign, record->offset), &cur,
                       &result, err);
    if (!rc) {
        rc = result_put(sink, record, &result, err);
        result_free(&result);
    }
    if (rc)
        err_prefix(err, "result at offset %llu of the journal",
                   (unsigned long long)record->offset);
    return rc;
}

int h5_attempts_write(struct h5_archive *archive, struct err *err)
{
    const struct campaign *campaign = archive->campaign;
    struct sink sink = { .archive = archive, .text = H5I_INVALID_HID };
    struct journal_reader *reader = NULL;
    struct journal_record record;
    uint64_t end = campaign_bytes(campaign);
    int rc = journal_reader_open(campaign_dir(campaign), &reader, err);

    if (!rc)
        rc = sink_open(&sink, err);
    while (!rc && journal_reader_next(reader, &record, err) == 1 &&
           record.offset < end)
        rc = record_put(&sink, reader, &record, err);
    if (!rc && h5_table_rows(sink.attempts) != campaign_results(campaign))
        rc = err_set(err, ERR_IO,
                     "the journal of '%s' changed while it was published",
                     campaign_dir(campaign));
    if (!rc)
        rc = sink_finish(&sink, err);
    sink_close(&sink);
    journal_reader_close(reader);
    return rc;
}
