/* lane_pump.c - one wait for everything that goes on at a board */
#include <string.h>

#include "core/clock.h"
#include "workers/collect/clean.h"
#include "workers/lane_guard.h"
#include "workers/lane_health.h"
#include "workers/lane_lease.h"
#include "workers/lane_run.h"

#define FDS_MAX (1 + LANE_METERS * METER_FDS_MAX)

const struct lane_tag lane_serve_tag = { .kind = LANE_TAG_SERVE };

/* Descriptors to wait for and whose they are; the first is cancel_fd. */
struct waits {
    struct pollfd fds[FDS_MAX];
    struct meter *owner[FDS_MAX];
    size_t len;
    int64_t deadline_ns;
};

static void gather(struct lane_board *b, struct waits *w)
{
    w->fds[0] =
        (struct pollfd){ .fd = b->deaf ? -1 : b->cancel_fd, .events = POLLIN };
    w->len = 1;
    for (size_t i = 0; i < b->meters_len; i++) {
        size_t n = meter_wants(b->meters[i], w->fds + w->len, &w->deadline_ns);

        for (size_t k = 0; k < n; k++)
            w->owner[w->len++] = b->meters[i];
    }
}

static void keep_served(struct lane_serve *serve, const struct proc_event *ev)
{
    if (ev->kind == PROC_STDOUT && serve->out.len < LANE_STREAM_MAX) {
        buf_put(&serve->out, ev->data, ev->len);
    } else if (ev->kind == PROC_STDERR) {
        collect_last_words(ev->data, ev->len, serve->words,
                           sizeof(serve->words));
    } else if (ev->kind == PROC_EXIT) {
        serve->ended = true;
        serve->exit_status = ev->exit_status;
    }
}

/* True if the event is nobody's but ours. */
static bool take_event(struct lane_board *b, const struct waits *w,
                       const struct proc_event *ev)
{
    const struct lane_tag *tag = ev->tag;

    if (ev->kind == PROC_FD) {
        if (w->owner[ev->fd_index])
            meter_on_fd(w->owner[ev->fd_index], &w->fds[ev->fd_index]);
        return true;
    }
    if (tag && tag->kind == LANE_TAG_METER) {
        meter_on_proc(b->meters[tag->index], ev);
        return true;
    }
    if (tag && tag->kind == LANE_TAG_LEASE) {
        lane_lease_hear(b, ev);
        return true;
    }
    if (tag && tag->kind == LANE_TAG_HEALTH) {
        lane_health_hear(b, ev);
        return true;
    }
    if (tag && tag->kind == LANE_TAG_SERVE)
        keep_served(&b->serve, ev);
    return false;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int lane_pump(struct lane_board *b, int64_t deadline_ns,
              struct proc_event *ret_event, struct err *err)
{
    struct waits w = { 0 };
    int rc;

    for (;;) {
        w.deadline_ns = earlier(lane_lease_tend(b), lane_health_tend(b));
        w.deadline_ns = earlier(w.deadline_ns, lane_guard_tend(b));
        if (lane_lease_check(b, err))
            return ERR_IO;
        w.deadline_ns = earlier(w.deadline_ns, deadline_ns);
        gather(b, &w);
        rc = transport_wait(b->transport, w.fds, w.len, w.deadline_ns,
                            ret_event, err);
        for (size_t i = 0; i < b->meters_len; i++)
            meter_on_time(b->meters[i], clock_mono_ns());
        if (rc == ERR_TIMEOUT) {
            if (clock_mono_ns() >= deadline_ns)
                return rc;
            continue;
        }
        if (rc) {
            b->link_lost = true;
            return rc == ERR_IO ? rc : err_set(err, ERR_IO, "the link is lost");
        }
        if (ret_event->kind == PROC_FD && ret_event->fd_index == 0)
            return err_set(err, ERR_REFUSED, "cancelled");
        if (!take_event(b, &w, ret_event))
            return 0;
    }
}

int lane_idle(struct lane_board *b, double seconds,
              bool (*done)(const struct lane_board *board), struct err *err)
{
    int64_t deadline = clock_mono_ns() + S_TO_NS(seconds), step;
    struct proc_event ev;
    int rc = 0;

    while (!rc && !(done && done(b)) && clock_mono_ns() < deadline) {
        step = clock_mono_ns() + MS_TO_NS(2);
        rc = lane_pump(b, done && step < deadline ? step : deadline, &ev, err);
        if (rc == ERR_TIMEOUT)
            rc = 0;
    }
    return rc;
}
