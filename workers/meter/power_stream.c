/* power_stream.c - head and records of a sampler's stream */
#include "workers/meter/power_stream.h"

#include <math.h>
#include <string.h>

#define HEAD_BYTES 16
#define VERSION    1
#define FLAG_LATE  1u

static int broken(struct power_stream *stream, struct err *err,
                  const char *what)
{
    stream->broken = true;
    buf_free(&stream->left);
    return err_set(err, ERR_FORMAT, "the power sampler's stream %s", what);
}

static int take_head(struct power_stream *stream, struct err *err)
{
    struct cursor cur = cursor_of(stream->left.data, HEAD_BYTES);
    const uint8_t *magic = cursor_bytes(&cur, 4);
    uint32_t version = cursor_u32(&cur), sources = cursor_u32(&cur);

    if (memcmp(magic, "LSPW", 4) != 0)
        return broken(stream, err, "does not start with \"LSPW\"");
    if (version != VERSION)
        return broken(stream, err, "is of a version that is not known");
    if (sources != stream->sources || !sources ||
        sources > POWER_STREAM_SOURCES)
        return broken(stream, err, "has another number of sources than asked");
    stream->head = true;
    buf_consume(&stream->left, HEAD_BYTES);
    return 0;
}

static int take_record(struct power_stream *stream, struct cursor *cur,
                       struct power_record *record, struct err *err)
{
    uint32_t flags, valid;

    record->mono_ns = cursor_i64(cur);
    record->unix_ns = cursor_i64(cur);
    flags = cursor_u32(cur);
    valid = cursor_u32(cur);
    record->late = flags & FLAG_LATE;
    for (uint32_t i = 0; i < stream->sources; i++) {
        record->values[i] = cursor_f64(cur);
        if (!(valid >> i & 1) || !isfinite(record->values[i]))
            record->values[i] = NAN;
    }
    if (record->mono_ns < stream->last_mono_ns || record->mono_ns < 0)
        return broken(stream, err, "runs backwards in time");
    if (record->unix_ns < 0)
        return broken(stream, err, "tells an instant before 1970");
    stream->last_mono_ns = record->mono_ns;
    return 0;
}

int power_stream_take(struct power_stream *stream, const void *data, size_t len,
                      void (*each)(void *ctx,
                                   const struct power_record *record),
                      void *ctx, struct err *err)
{
    size_t bytes = 24 + 8 * (size_t)stream->sources;
    struct power_record record = { 0 };
    struct cursor cur;
    int rc = 0;

    if (stream->broken)
        return err_set(err, ERR_FORMAT, "the power sampler's stream is broken");
    buf_put(&stream->left, data, len);
    if (buf_failed(&stream->left))
        return err_set(err, ERR_NOMEM, "no memory for a power stream");
    if (!stream->head && stream->left.len >= HEAD_BYTES)
        rc = take_head(stream, err);
    if (rc || !stream->head)
        return rc;
    cur = cursor_of(stream->left.data, stream->left.len);
    while (cursor_left(&cur) >= bytes) {
        rc = take_record(stream, &cur, &record, err);
        if (rc)
            return rc;
        each(ctx, &record);
    }
    buf_consume(&stream->left, cur.at);
    return 0;
}

void power_stream_free(struct power_stream *stream)
{
    if (stream)
        buf_free(&stream->left);
}
