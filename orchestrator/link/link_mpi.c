/* link_mpi.c - frames between ranks, point to point, asleep while idle
 *
 * MPI's own waiting burns a core (yield_when_idle was measured to save
 * nothing), so an empty probe is followed by a sleep that grows; an eventfd
 * ends it early.  A send never waits for the peer: it stays posted with its
 * bytes until MPI is done with them, because a rank that died is not
 * reported and a blocking send to it would hang.  What is sent to a peer
 * between two receives travels as one message, each frame behind its length:
 * a message costs more than the bytes of a short frame.
 */
#include <mpi.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/vec.h"
#include "orchestrator/link/link.h"

#define TAG          1
#define SLEEP_MIN_NS INT64_C(20000)
#define SLEEP_MAX_NS INT64_C(1000000)
#define SLEEP_LAZY   INT64_C(4000000) /* when nothing was heard for long */
#define LONG_NS      (NS_PER_S / 4)
#define CLOSE_NS     (2 * NS_PER_S)
#define BUNDLE_MAX   (64u << 10) /* bytes of frames; then it leaves */
#define POSTED_MANY  64          /* sends under way; then they are looked at */

struct posted {
    MPI_Request request;
    struct buf data;
};

struct mpi_link {
    struct link link;
    int rank;
    int wake_fd;
    int64_t sleep_ns, heard_ns;
    struct buf *out; /* by peer: frames that wait for their message */
    VEC(struct posted) posted;
    size_t looked; /* the posted send to be looked at next */
    struct buf in; /* the last message, read up to in_at */
    size_t in_at;
    uint32_t in_peer;
};

static int rank_of(const struct mpi_link *m, uint32_t peer)
{
    return m->rank == 0 ? (int)peer + 1 : 0;
}

/* Free sends that MPI is done with, until one is not: each look at such a
 * one costs a turn of MPI's progress, so the next time begins behind it. */
static void reap(struct mpi_link *m)
{
    while (m->posted.len) {
        size_t i = m->looked < m->posted.len ? m->looked : 0;
        int done = 0;

        MPI_Test(&m->posted.at[i].request, &done, MPI_STATUS_IGNORE);
        m->looked = i + !done;
        if (!done)
            return;
        buf_free(&m->posted.at[i].data);
        m->posted.at[i] = m->posted.at[--m->posted.len];
    }
}

static int post(struct mpi_link *m, uint32_t peer, struct err *err)
{
    struct buf *out = &m->out[peer];
    struct posted posted = { .data = *out };

    if (!out->len)
        return 0;
    if (m->posted.len >= POSTED_MANY)
        reap(m);
    if (!VEC_RESERVE(&m->posted, m->posted.len + 1))
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    if (MPI_Isend(posted.data.data, (int)posted.data.len, MPI_BYTE,
                  rank_of(m, peer), TAG, MPI_COMM_WORLD,
                  &posted.request) != MPI_SUCCESS)
        return err_set(err, ERR_IO, "MPI cannot send to rank %d",
                       rank_of(m, peer));
    *out = (struct buf){ 0 };
    m->posted.at[m->posted.len++] = posted;
    m->sleep_ns = SLEEP_MIN_NS;
    return 0;
}

static int mpi_flush(struct link *link, struct err *err)
{
    struct mpi_link *m = (struct mpi_link *)link;
    int rc = 0;

    for (uint32_t i = 0; !rc && i < link->peers; i++)
        rc = post(m, i, err);
    return rc;
}

static int mpi_send(struct link *link, uint32_t peer, const void *data,
                    size_t len, struct err *err)
{
    struct mpi_link *m = (struct mpi_link *)link;
    struct buf *out = &m->out[peer];
    int rc = out->len + len > BUNDLE_MAX ? post(m, peer, err) : 0;

    if (rc)
        return rc;
    if (!buf_reserve(out, len + sizeof(uint32_t)))
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    buf_put_block(out, data, len);
    return 0;
}

/* Take a message if one is there.  Returns 0, ERR_TIMEOUT, ERR_IO. */
static int take_message(struct mpi_link *m, struct err *err)
{
    MPI_Status status;
    int there = 0, count = 0;

    if (MPI_Iprobe(MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &there, &status) !=
        MPI_SUCCESS)
        return err_set(err, ERR_IO, "MPI cannot probe");
    if (!there)
        return ERR_TIMEOUT;
    MPI_Get_count(&status, MPI_BYTE, &count);
    buf_clear(&m->in);
    if (m->in.cap > BUNDLE_MAX * 2) /* of a long frame that is gone */
        buf_free(&m->in);
    m->in_at = 0;
    if (!buf_reserve(&m->in, (size_t)count + 1))
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    if (MPI_Recv(m->in.data, count, MPI_BYTE, status.MPI_SOURCE, TAG,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE) != MPI_SUCCESS)
        return err_set(err, ERR_IO, "MPI cannot receive from rank %d",
                       status.MPI_SOURCE);
    m->in.len = (size_t)count;
    m->in_peer = m->rank == 0 ? (uint32_t)status.MPI_SOURCE - 1 : 0;
    return 0;
}

/* Take a frame if one is there.  Returns 0, ERR_TIMEOUT, ERR_IO. */
static int take(struct mpi_link *m, uint32_t *ret_peer, struct buf *frame,
                struct err *err)
{
    struct cursor cur;
    const uint8_t *data;
    size_t len;
    int rc = m->in_at == m->in.len ? take_message(m, err) : 0;

    if (rc)
        return rc;
    cur = cursor_of(m->in.data + m->in_at, m->in.len - m->in_at);
    data = cursor_block(&cur, &len);
    if (cur.failed) {
        m->in_at = m->in.len;
        return err_set(err, ERR_IO, "a message from MPI ends within a frame");
    }
    m->in_at += cur.at;
    buf_clear(frame);
    if (!buf_reserve(frame, len + 1))
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    buf_put(frame, data, len);
    *ret_peer = m->in_peer;
    return 0;
}

/* Sleep at most 'ns'; true if link_wake() ended it. */
static bool doze(struct mpi_link *m, int64_t ns)
{
    struct pollfd fd = { .fd = m->wake_fd, .events = POLLIN };
    struct timespec span = { .tv_sec = ns / NS_PER_S,
                             .tv_nsec = ns % NS_PER_S };
    uint64_t count;

    if (ppoll(&fd, 1, &span, NULL) <= 0)
        return false;
    return read(m->wake_fd, &count, sizeof(count)) > 0;
}

static int64_t next_sleep(struct mpi_link *m, int64_t now)
{
    int64_t limit = now - m->heard_ns > LONG_NS ? SLEEP_LAZY : SLEEP_MAX_NS;

    m->sleep_ns = m->sleep_ns * 2 < limit ? m->sleep_ns * 2 : limit;
    return m->sleep_ns;
}

static int mpi_receive(struct link *link, int64_t timeout_ns,
                       uint32_t *ret_peer, struct buf *frame, struct err *err)
{
    struct mpi_link *m = (struct mpi_link *)link;
    int64_t now = clock_mono_ns(), until = now + timeout_ns;
    int rc = mpi_flush(link, err);

    if (rc)
        return rc;
    while ((rc = take(m, ret_peer, frame, err)) == ERR_TIMEOUT) {
        int64_t nap = next_sleep(m, now);

        reap(m);
        if (now >= until)
            return ERR_TIMEOUT;
        if (doze(m, nap < until - now ? nap : until - now))
            return ERR_TIMEOUT;
        now = clock_mono_ns();
    }
    m->sleep_ns = SLEEP_MIN_NS;
    m->heard_ns = now;
    return rc;
}

static void mpi_wake(struct link *link)
{
    struct mpi_link *m = (struct mpi_link *)link;
    uint64_t one = 1;
    ssize_t put = write(m->wake_fd, &one, sizeof(one));

    (void)put; /* full: it will wake anyway */
}

static void mpi_close(struct link *link)
{
    struct mpi_link *m = (struct mpi_link *)link;
    int64_t until = clock_mono_ns() + CLOSE_NS;

    mpi_flush(link, NULL);
    for (reap(m); m->posted.len && clock_mono_ns() < until; reap(m))
        doze(m, SLEEP_MAX_NS);
    for (size_t i = 0; i < m->posted.len; i++) { /* to a rank that is gone */
        MPI_Cancel(&m->posted.at[i].request);
        MPI_Request_free(&m->posted.at[i].request);
    }
    for (uint32_t i = 0; i < link->peers; i++)
        buf_free(&m->out[i]);
    free(m->out);
    buf_free(&m->in);
    VEC_FREE(&m->posted);
    close(m->wake_fd);
    free(m);
}

static const struct link_driver mpi_driver = {
    .name = "mpi",
    .help = "ranks of mpirun",
    .send = mpi_send,
    .receive = mpi_receive,
    .flush = mpi_flush,
    .wake = mpi_wake,
    .close = mpi_close,
};

int link_mpi_open(struct link **ret_link, struct err *err)
{
    struct mpi_link *m;
    int rank = 0, size = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (size < 2)
        return err_set(err, ERR_USAGE, "a link over MPI needs two ranks");
    m = calloc(1, sizeof(*m));
    if (!m)
        return err_set(err, ERR_NOMEM, "no memory for a link");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    m->link.driver = &mpi_driver;
    m->link.peers = rank == 0 ? (uint32_t)size - 1 : 1;
    m->rank = rank;
    m->out = calloc(m->link.peers, sizeof(*m->out));
    m->sleep_ns = SLEEP_MIN_NS;
    m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (m->wake_fd < 0 || !m->out) {
        int rc = m->out ? err_set_errno(err, ERR_IO, "cannot make an eventfd")
                        : err_set(err, ERR_NOMEM, "no memory for a link");

        free(m->out);
        free(m);
        return rc;
    }
    *ret_link = &m->link;
    return 0;
}
