/* wire.c - frames and their payloads */
#include "orchestrator/wire/wire.h"

#include <string.h>

#include "hdf5_schema/columns.h"

#define MAGIC 0x534cu /* "LS" */

void wire_head_encode(const struct wire_head *head, struct buf *out)
{
    buf_put_u16(out, MAGIC);
    buf_put_u8(out, WIRE_VERSION);
    buf_put_u8(out, (uint8_t)head->type);
    buf_put_u32(out, head->len);
    buf_put_u64(out, head->sequence);
    buf_put_u32(out, 0); /* kept for later */
}

int wire_head_decode(const void *data, size_t len, struct wire_head *ret_head,
                     struct err *err)
{
    struct cursor cur = cursor_of(data, len);
    struct wire_head head;
    unsigned magic = cursor_u16(&cur), version = cursor_u8(&cur);
    unsigned type = cursor_u8(&cur);

    head.len = cursor_u32(&cur);
    head.sequence = cursor_u64(&cur);
    cursor_u32(&cur);
    if (cur.failed || magic != MAGIC)
        return err_set(err, ERR_FORMAT, "no frame of labsweep");
    if (version != WIRE_VERSION)
        return err_set(err, ERR_FORMAT,
                       "the other side speaks version %u, this one %d", version,
                       WIRE_VERSION);
    if (type < WIRE_HELLO || type > WIRE_LANE || head.len > WIRE_FRAME_MAX)
        return err_set(err, ERR_FORMAT, "a frame of type %u and %u bytes", type,
                       head.len);
    head.type = (enum wire_type)type;
    *ret_head = head;
    return 0;
}

void wire_frame(enum wire_type type, uint64_t sequence, const void *payload,
                size_t len, struct buf *out)
{
    struct wire_head head = { type, sequence, (uint32_t)len };

    if (len > WIRE_FRAME_MAX) {
        out->failed = true;
        return;
    }
    wire_head_encode(&head, out);
    buf_put(out, payload, len);
}

static int whole(const struct cursor *cur, const char *what, struct err *err)
{
    if (cur->failed || cur->at != cur->len)
        return err_set(err, ERR_FORMAT,
                       "a '%s' frame of %zu bytes is not "
                       "of its form",
                       what, cur->len);
    return 0;
}

void wire_hello_encode(const struct wire_hello *hello, struct buf *out)
{
    buf_put_string(out, hello->worker);
    buf_put_string(out, hello->software);
    buf_put_string(out, hello->site);
}

int wire_hello_decode(const void *data, size_t len,
                      struct wire_hello *ret_hello, struct err *err)
{
    struct cursor cur = cursor_of(data, len);

    cursor_string(&cur, ret_hello->worker, sizeof(ret_hello->worker));
    cursor_string(&cur, ret_hello->software, sizeof(ret_hello->software));
    cursor_string(&cur, ret_hello->site, sizeof(ret_hello->site));
    return whole(&cur, "hello", err);
}

void wire_open_encode(const struct wire_open *open, struct buf *out)
{
    buf_put_u32(out, open->board);
    buf_put_string(out, open->name);
    buf_put_string(out, open->restore_mode);
    buf_put_string(out, open->campaign);
    buf_put_u8(out, open->lease);
    buf_put_block(out, open->known, open->known_len);
}

int wire_open_decode(const void *data, size_t len, struct wire_open *ret_open,
                     struct err *err)
{
    struct cursor cur = cursor_of(data, len);

    ret_open->board = cursor_u32(&cur);
    cursor_string(&cur, ret_open->name, sizeof(ret_open->name));
    cursor_string(&cur, ret_open->restore_mode, sizeof(ret_open->restore_mode));
    cursor_string(&cur, ret_open->campaign, sizeof(ret_open->campaign));
    ret_open->lease = cursor_u8(&cur);
    ret_open->known = cursor_block(&cur, &ret_open->known_len);
    return whole(&cur, "open", err);
}

void wire_run_encode(const struct wire_run *run, struct buf *out)
{
    buf_put_u32(out, run->board);
    buf_put_u32(out, run->attempt);
    buf_put_u64(out, run->cell);
    buf_put_string(out, run->fingerprint);
    buf_put_u32(out, (uint32_t)run->axes);
    for (size_t i = 0; i < run->axes; i++) {
        const struct op_value *value = &run->point.at[i];

        buf_put_u8(out, value->there);
        if (!value->there)
            continue;
        buf_put_i64(out, value->i64);
        buf_put_f64(out, value->f64);
        buf_put_string(out, value->text);
    }
}

int wire_run_decode(const void *data, size_t len, struct wire_run *ret_run,
                    struct err *err)
{
    struct cursor cur = cursor_of(data, len);

    memset(ret_run, 0, sizeof(*ret_run));
    ret_run->board = cursor_u32(&cur);
    ret_run->attempt = cursor_u32(&cur);
    ret_run->cell = cursor_u64(&cur);
    cursor_string(&cur, ret_run->fingerprint, sizeof(ret_run->fingerprint));
    ret_run->axes = cursor_u32(&cur);
    if (ret_run->axes > AXES_MAX)
        return err_set(err, ERR_FORMAT, "a cell with %zu axes, at most %d",
                       ret_run->axes, AXES_MAX);
    for (size_t i = 0; i < ret_run->axes; i++) {
        struct op_value *value = &ret_run->point.at[i];

        value->there = cursor_u8(&cur) != 0;
        if (!value->there)
            continue;
        value->i64 = cursor_i64(&cur);
        value->f64 = cursor_f64(&cur);
        cursor_string(&cur, value->text, sizeof(value->text));
    }
    return whole(&cur, "run", err);
}

void wire_lane_encode(const struct wire_lane *lane, struct buf *out)
{
    buf_put_u32(out, lane->board);
    buf_put_u8(out, lane->kind);
    buf_put_u8(out, lane->status);
    buf_put_u8(out, lane->transport_failed);
    buf_put_u32(out, lane->attempt);
    buf_put_u64(out, lane->cell);
    buf_put_f64(out, lane->duration_s);
    buf_put_string(out, lane->text);
    buf_put_string(out, lane->mode);
    buf_put_block(out, lane->payload, lane->payload_len);
}

int wire_lane_decode(const void *data, size_t len, struct wire_lane *ret_lane,
                     struct err *err)
{
    struct cursor cur = cursor_of(data, len);

    ret_lane->board = cursor_u32(&cur);
    ret_lane->kind = cursor_u8(&cur);
    ret_lane->status = cursor_u8(&cur);
    ret_lane->transport_failed = cursor_u8(&cur) != 0;
    ret_lane->attempt = cursor_u32(&cur);
    ret_lane->cell = cursor_u64(&cur);
    ret_lane->duration_s = cursor_f64(&cur);
    cursor_string(&cur, ret_lane->text, sizeof(ret_lane->text));
    cursor_string(&cur, ret_lane->mode, sizeof(ret_lane->mode));
    ret_lane->payload = cursor_block(&cur, &ret_lane->payload_len);
    if (ret_lane->status > STATUS_INVALIDATED)
        return err_set(err, ERR_FORMAT, "a report with status %u",
                       ret_lane->status);
    return whole(&cur, "lane", err);
}

void wire_number_encode(uint64_t number, struct buf *out)
{
    buf_put_u64(out, number);
}

int wire_number_decode(const void *data, size_t len, uint64_t *ret_number,
                       struct err *err)
{
    struct cursor cur = cursor_of(data, len);

    *ret_number = cursor_u64(&cur);
    return whole(&cur, "number", err);
}
