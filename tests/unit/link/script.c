/* script.c - one conversation that every link must carry */
#include "tests/unit/link/script.h"

#include <string.h>

#include "core/units.h"

static size_t size_of(int step)
{
    if (step % 50 == 49)
        return 3u << 20;
    return (size_t)(1 + step * 37);
}

static void fill(struct buf *frame, int step, uint32_t peer)
{
    buf_clear(frame);
    for (size_t i = 0; i < size_of(step); i++)
        buf_put_u8(frame, (uint8_t)(i * 7 + (size_t)step + peer));
}

static bool is_reversed(const struct buf *got, const struct buf *sent)
{
    if (got->len != sent->len)
        return false;
    for (size_t i = 0; i < got->len; i++)
        if (got->data[i] != sent->data[sent->len - 1 - i])
            return false;
    return true;
}

static int expect_echoes(struct link *link, int step)
{
    struct buf got = { 0 }, sent = { 0 };
    uint32_t peer;
    int rc = 0;

    for (uint32_t i = 0; !rc && i < link_peers(link); i++) {
        while ((rc = link_receive(link, NS_PER_S, &peer, &got, NULL)) ==
               ERR_TIMEOUT)
            continue;
        fill(&sent, step, rc ? 0 : peer);
        if (rc || !is_reversed(&got, &sent))
            rc = step + 1;
    }
    buf_free(&got);
    buf_free(&sent);
    return rc;
}

int script_coordinator(struct link *link)
{
    struct buf frame = { 0 };
    int rc = 0;

    for (int step = 0; !rc && step < SCRIPT_FRAMES; step++) {
        for (uint32_t i = 0; !rc && i < link_peers(link); i++) {
            fill(&frame, step, i);
            rc = link_send(link, i, frame.data, frame.len, NULL);
        }
        if (!rc)
            rc = expect_echoes(link, step);
    }
    for (uint32_t i = 0; i < link_peers(link); i++)
        link_send(link, i, NULL, 0, NULL);
    link_flush(link, NULL);
    buf_free(&frame);
    return rc;
}

int script_worker(struct link *link)
{
    struct buf frame = { 0 };
    uint32_t peer;
    int rc = 0;

    for (;;) {
        rc = link_receive(link, NS_PER_S, &peer, &frame, NULL);
        if (rc == ERR_TIMEOUT)
            continue;
        if (rc || !frame.len)
            break;
        for (size_t i = 0; i < frame.len / 2; i++) {
            uint8_t swap = frame.data[i];

            frame.data[i] = frame.data[frame.len - 1 - i];
            frame.data[frame.len - 1 - i] = swap;
        }
        rc = link_send(link, 0, frame.data, frame.len, NULL);
        if (rc)
            break;
    }
    buf_free(&frame);
    return rc;
}
