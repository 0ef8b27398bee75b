/* link_loop.c - frames between two threads of one process */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/vec.h"
#include "orchestrator/link/link.h"

struct frame {
    uint8_t *data;
    size_t len;
};

/* Frames for one side, and what the side sleeps on. */
struct inbox {
    pthread_cond_t arrived;
    VEC(struct frame) frames;
    size_t head;
    bool woken;
};

struct loop {
    pthread_mutex_t lock;
    struct inbox inbox[2];
    bool gone[2];
};

struct loop_end {
    struct link link;
    struct loop *loop;
    int side;
};

static int loop_send(struct link *link, uint32_t peer, const void *data,
                     size_t len, struct err *err)
{
    struct loop_end *end = (struct loop_end *)link;
    struct inbox *inbox = &end->loop->inbox[!end->side];
    struct frame frame = { malloc(len ? len : 1), len };
    int rc = 0;

    (void)peer;
    if (!frame.data)
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    if (len)
        memcpy(frame.data, data, len);
    pthread_mutex_lock(&end->loop->lock);
    if (!VEC_PUSH(&inbox->frames, frame)) {
        free(frame.data);
        rc = err_set(err, ERR_NOMEM, "no memory for a frame");
    }
    pthread_cond_signal(&inbox->arrived);
    pthread_mutex_unlock(&end->loop->lock);
    return rc;
}

static struct timespec deadline_of(int64_t timeout_ns)
{
    int64_t at = clock_mono_ns() + timeout_ns;

    return (struct timespec){ .tv_sec = at / NS_PER_S,
                              .tv_nsec = at % NS_PER_S };
}

static int loop_receive(struct link *link, int64_t timeout_ns,
                        uint32_t *ret_peer, struct buf *frame, struct err *err)
{
    struct loop_end *end = (struct loop_end *)link;
    struct inbox *inbox = &end->loop->inbox[end->side];
    struct timespec until = deadline_of(timeout_ns);
    int rc = ERR_TIMEOUT;

    pthread_mutex_lock(&end->loop->lock);
    while (inbox->head == inbox->frames.len && !inbox->woken &&
           !end->loop->gone[!end->side])
        if (pthread_cond_timedwait(&inbox->arrived, &end->loop->lock, &until))
            break;
    if (inbox->head < inbox->frames.len) {
        struct frame first = inbox->frames.at[inbox->head++];

        if (inbox->head == inbox->frames.len)
            inbox->head = inbox->frames.len = 0;
        buf_clear(frame);
        buf_put(frame, first.data, first.len);
        free(first.data);
        *ret_peer = 0;
        rc = 0;
    } else if (end->loop->gone[!end->side]) {
        rc = err_set(err, ERR_IO, "the other end of the loop is gone");
    } else {
        inbox->woken = false;
    }
    pthread_mutex_unlock(&end->loop->lock);
    return rc;
}

static void loop_wake(struct link *link)
{
    struct loop_end *end = (struct loop_end *)link;

    pthread_mutex_lock(&end->loop->lock);
    end->loop->inbox[end->side].woken = true;
    pthread_cond_signal(&end->loop->inbox[end->side].arrived);
    pthread_mutex_unlock(&end->loop->lock);
}

static void loop_free(struct loop *loop)
{
    for (int side = 0; side < 2; side++) {
        struct inbox *inbox = &loop->inbox[side];

        for (size_t i = inbox->head; i < inbox->frames.len; i++)
            free(inbox->frames.at[i].data);
        VEC_FREE(&inbox->frames);
        pthread_cond_destroy(&inbox->arrived);
    }
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

static void loop_close(struct link *link)
{
    struct loop_end *end = (struct loop_end *)link;
    struct loop *loop = end->loop;
    bool last;

    pthread_mutex_lock(&loop->lock);
    loop->gone[end->side] = true;
    last = loop->gone[!end->side];
    pthread_cond_signal(&loop->inbox[!end->side].arrived);
    pthread_mutex_unlock(&loop->lock);
    if (last)
        loop_free(loop);
    free(end);
}

static const struct link_driver loop_driver = {
    .name = "loop",
    .help = "coordinator and worker in one process",
    .send = loop_send,
    .receive = loop_receive,
    .wake = loop_wake,
    .close = loop_close,
};

static struct loop *loop_create(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    pthread_condattr_t monotonic;

    if (!loop)
        return NULL;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&loop->lock, NULL);
    for (int side = 0; side < 2; side++)
        pthread_cond_init(&loop->inbox[side].arrived, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return loop;
}

int link_loop_open(struct link **ret_coordinator, struct link **ret_worker,
                   struct err *err)
{
    struct loop *loop = loop_create();
    struct loop_end *ends[2];

    ends[0] = calloc(1, sizeof(*ends[0]));
    ends[1] = calloc(1, sizeof(*ends[1]));
    if (!loop || !ends[0] || !ends[1]) {
        free(ends[0]);
        free(ends[1]);
        if (loop)
            loop_free(loop);
        return err_set(err, ERR_NOMEM, "no memory for a loop link");
    }
    for (int side = 0; side < 2; side++)
        *ends[side] = (struct loop_end){
            .link = { .driver = &loop_driver, .peers = 1 },
            .loop = loop,
            .side = side,
        };
    *ret_coordinator = &ends[0]->link;
    *ret_worker = &ends[1]->link;
    return 0;
}
