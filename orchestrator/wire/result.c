/* result.c - one attempt's outcome, to bytes and back */
#include "orchestrator/wire/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define DEFLATE_MOST 1040 /* deflate never shrinks further than 1032 : 1 */

int result_layouts_own(struct result_layouts *ret_layouts, struct err *err)
{
    struct result_layouts layouts = { NULL, NULL };
    int rc = record_layout_own(&columns_attempts, &layouts.attempts, err);

    if (!rc)
        rc = record_layout_own(&columns_power_runs, &layouts.power_runs, err);
    if (rc)
        result_layouts_free(&layouts);
    else
        *ret_layouts = layouts;
    return rc;
}

void result_layouts_free(struct result_layouts *layouts)
{
    record_layout_destroy(layouts->attempts);
    record_layout_destroy(layouts->power_runs);
    *layouts = (struct result_layouts){ NULL, NULL };
}

void result_init(struct result *result)
{
    memset(result, 0, sizeof(*result));
    columns_clear(&columns_attempts, &result->attempt);
}

void result_free(struct result *result)
{
    if (!result)
        return;
    for (size_t i = 0; i < result->samples.len; i++)
        sample_block_free(&result->samples.at[i]);
    for (size_t i = 0; i < result->raw.len; i++)
        free(result->raw.at[i].text);
    VEC_FREE(&result->power);
    VEC_FREE(&result->samples);
    VEC_FREE(&result->raw);
    result_init(result);
}

int result_add_raw(struct result *result, const char *job, const char *stream,
                   const void *text, size_t len, uint64_t full_len,
                   struct err *err)
{
    struct raw_output raw = { .full_len = full_len };

    if (result->raw.len >= RESULT_RAW_MAX)
        return err_set(err, ERR_USAGE, "more than %d raw outputs",
                       RESULT_RAW_MAX);
    snprintf(raw.job, sizeof(raw.job), "%s", job);
    snprintf(raw.stream, sizeof(raw.stream), "%s", stream);
    raw.len = len < RESULT_TEXT_MAX ? len : RESULT_TEXT_MAX;
    raw.text = malloc(raw.len + 1);
    if (!raw.text)
        return err_set(err, ERR_NOMEM, "no memory for raw output");
    if (raw.len)
        memcpy(raw.text, text, raw.len);
    raw.text[raw.len] = 0;
    if (!VEC_PUSH(&result->raw, raw)) {
        free(raw.text);
        return err_set(err, ERR_NOMEM, "no memory for raw output");
    }
    return 0;
}

static int raw_encode(const struct raw_output *raw, struct buf *out,
                      struct err *err)
{
    uLongf len = compressBound((uLong)raw->len);
    uint8_t *packed = malloc(len);
    int rc = 0;

    if (!packed || compress2(packed, &len, (const uint8_t *)raw->text,
                             (uLong)raw->len, 1) != Z_OK) {
        rc = err_set(err, ERR_NOMEM, "no memory to deflate raw output");
    } else {
        buf_put_string(out, raw->job);
        buf_put_string(out, raw->stream);
        buf_put_u64(out, raw->full_len);
        buf_put_u32(out, (uint32_t)raw->len);
        buf_put_block(out, packed, len);
    }
    free(packed);
    return rc;
}

static int raw_decode(struct cursor *cur, struct raw_output *ret_raw,
                      struct err *err)
{
    struct raw_output raw = { .len = 0 };
    const uint8_t *packed;
    size_t len;
    uLongf got;

    cursor_string(cur, raw.job, sizeof(raw.job));
    cursor_string(cur, raw.stream, sizeof(raw.stream));
    raw.full_len = cursor_u64(cur);
    raw.len = cursor_u32(cur);
    packed = cursor_block(cur, &len);
    if (cur->failed || raw.len > RESULT_TEXT_MAX ||
        len * DEFLATE_MOST < raw.len)
        return err_set(err, ERR_FORMAT, "raw output is not of its form");
    raw.text = malloc(raw.len + 1);
    if (!raw.text)
        return err_set(err, ERR_NOMEM, "no memory for raw output");
    got = (uLongf)raw.len;
    if (uncompress((uint8_t *)raw.text, &got, packed, (uLong)len) ||
        got != raw.len) {
        free(raw.text);
        return err_set(err, ERR_FORMAT, "raw output of job '%s' is damaged",
                       raw.job);
    }
    raw.text[raw.len] = 0;
    *ret_raw = raw;
    return 0;
}

/* The i-th block's channel must be its own; a power block must name one of
 * the meters. */
static int channel_check(const struct result *result, size_t i, struct err *err)
{
    const struct sample_block *block = &result->samples.at[i];
    size_t meter = (size_t)block->channel - CHANNEL_POWER;

    for (size_t k = 0; k < i; k++)
        if (result->samples.at[k].channel == block->channel)
            return err_set(err, ERR_FORMAT, "samples of channel %u twice",
                           block->channel);
    if (block->channel <= CHANNEL_LAT_COMP)
        return 0;
    if (block->channel < CHANNEL_POWER || meter >= result->power.len)
        return err_set(err, ERR_FORMAT, "samples of channel %u, but %zu meters",
                       block->channel, result->power.len);
    return 0;
}

int result_encode(const struct result *result, struct buf *out, struct err *err)
{
    size_t start = out->len;
    int rc = 0;

    if (result->power.len > RESULT_POWER_MAX ||
        result->samples.len > RESULT_BLOCKS_MAX ||
        result->raw.len > RESULT_RAW_MAX)
        return err_set(err, ERR_USAGE,
                       "a result of %zu meters, %zu blocks of samples and "
                       "%zu outputs is too long",
                       result->power.len, result->samples.len, result->raw.len);
    for (size_t i = 0; i < result->samples.len; i++)
        if (channel_check(result, i, err))
            return ERR_USAGE;
    buf_put_u8(out, RESULT_VERSION);
    record_encode(&columns_attempts, &result->attempt, out);
    buf_put_u32(out, (uint32_t)result->power.len);
    for (size_t i = 0; i < result->power.len; i++)
        record_encode(&columns_power_runs, &result->power.at[i], out);
    buf_put_u32(out, (uint32_t)result->samples.len);
    for (size_t i = 0; i < result->samples.len; i++)
        samples_encode(&result->samples.at[i], out);
    buf_put_u32(out, (uint32_t)result->raw.len);
    for (size_t i = 0; !rc && i < result->raw.len; i++)
        rc = raw_encode(&result->raw.at[i], out, err);
    if (!rc && buf_failed(out))
        rc = err_set(err, ERR_NOMEM, "no memory for a result");
    if (!rc && out->len - start > RESULT_BYTES_MAX)
        rc = err_set(err, ERR_USAGE, "a result of %zu bytes is too long",
                     out->len - start);
    if (rc && !buf_failed(out))
        out->len = start;
    return rc;
}

int result_decode_attempt(const struct result_layouts *layouts,
                          struct cursor *cur, struct attempt_row *ret_row,
                          struct err *err)
{
    uint8_t version = cursor_u8(cur);

    if (cur->failed || version != RESULT_VERSION)
        return err_set(err, ERR_FORMAT,
                       "a result of version %u, expected version %d", version,
                       RESULT_VERSION);
    return record_decode(layouts->attempts, cur, ret_row, err);
}

/* A count at the cursor, bounded. */
static int count_decode(struct cursor *cur, size_t most, const char *what,
                        size_t *ret_count, struct err *err)
{
    size_t count = cursor_u32(cur);

    if (cur->failed || count > most)
        return err_set(err, ERR_FORMAT, "a result of %zu %s, at most %zu",
                       count, what, most);
    *ret_count = count;
    return 0;
}

static int power_decode(const struct result_layouts *layouts,
                        struct cursor *cur, struct result *result,
                        struct err *err)
{
    size_t count = 0;
    int rc = count_decode(cur, RESULT_POWER_MAX, "meters", &count, err);

    for (size_t i = 0; !rc && i < count; i++) {
        struct power_row row;

        rc = record_decode(layouts->power_runs, cur, &row, err);
        if (!rc && !VEC_PUSH(&result->power, row))
            rc = err_set(err, ERR_NOMEM, "no memory for a result");
    }
    return rc;
}

static int blocks_decode(struct cursor *cur, struct result *result,
                         struct err *err)
{
    size_t count = 0;
    int rc = count_decode(cur, RESULT_BLOCKS_MAX, "blocks", &count, err);

    for (size_t i = 0; !rc && i < count; i++) {
        struct sample_block block;

        rc = samples_decode(cur, &block, err);
        if (!rc && !VEC_PUSH(&result->samples, block)) {
            sample_block_free(&block);
            rc = err_set(err, ERR_NOMEM, "no memory for a result");
        } else if (!rc) {
            rc = channel_check(result, i, err);
        }
    }
    return rc;
}

static int raws_decode(struct cursor *cur, struct result *result,
                       struct err *err)
{
    size_t count = 0;
    int rc = count_decode(cur, RESULT_RAW_MAX, "outputs", &count, err);

    for (size_t i = 0; !rc && i < count; i++) {
        struct raw_output raw;

        rc = raw_decode(cur, &raw, err);
        if (!rc && !VEC_PUSH(&result->raw, raw)) {
            free(raw.text);
            rc = err_set(err, ERR_NOMEM, "no memory for a result");
        }
    }
    return rc;
}

int result_decode_rows(const struct result_layouts *layouts, struct cursor *cur,
                       struct result *ret_result, struct err *err)
{
    struct result result;
    int rc;

    result_init(&result);
    rc = result_decode_attempt(layouts, cur, &result.attempt, err);
    if (!rc)
        rc = power_decode(layouts, cur, &result, err);
    if (rc)
        result_free(&result);
    else
        *ret_result = result;
    return rc;
}

int result_decode(const struct result_layouts *layouts, struct cursor *cur,
                  struct result *ret_result, struct err *err)
{
    struct result result;
    int rc = result_decode_rows(layouts, cur, &result, err);

    if (rc)
        return rc;
    rc = blocks_decode(cur, &result, err);
    if (!rc)
        rc = raws_decode(cur, &result, err);
    if (rc)
        result_free(&result);
    else
        *ret_result = result;
    return rc;
}
