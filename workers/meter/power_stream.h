/* power_stream.h - the bytes of `labrunner power`, taken apart
 *
 * Little endian: a head of 16 bytes "LSPW", u32 version (1), u32 sources,
 * u32 reserved; then records of i64 t_mono_ns, i64 t_unix_ns, u32 flags (bit
 * 0: late), u32 valid (bit i: source i was read) and one f64 a source.
 * Pure; the bytes are not trusted.
 */
#ifndef WORKERS_METER_POWER_STREAM_H
#define WORKERS_METER_POWER_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

#define POWER_STREAM_SOURCES 32 /* at most */

/* One record; NaN where a source was not read. */
struct power_record {
    int64_t mono_ns, unix_ns; /* the board's clocks */
    bool late;
    double values[POWER_STREAM_SOURCES];
};

/* Bytes that came and are not yet a record.  Zeroed is ready for use but for
 * 'sources', which the caller sets. */
struct power_stream {
    struct buf left;
    uint32_t sources; /* expected */
    bool head;        /* was read */
    bool broken;      /* nothing more is taken */
    int64_t last_mono_ns;
};

/* Take 'len' bytes and call 'each' for every whole record in them.
 *
 * Returns 0; ERR_FORMAT if the stream is not of its form (then and ever
 * after): another head, time that runs backwards, an instant before 1970;
 * ERR_NOMEM. */
int power_stream_take(struct power_stream *stream, const void *data, size_t len,
                      void (*each)(void *ctx,
                                   const struct power_record *record),
                      void *ctx, struct err *err);

/* Free the bytes.  NULL is fine. */
void power_stream_free(struct power_stream *stream);

#endif
