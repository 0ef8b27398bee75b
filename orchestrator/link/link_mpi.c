/* link_mpi.c - frames between ranks, point to point, asleep while idle
 *
 * MPI's own waiting burns a core (yield_when_idle was measured to save
 * nothing), so an empty probe is followed by a sleep that grows; an eventfd
 * ends it early.  A send never waits for the peer: it stays posted with its
 * bytes until MPI is done with them, because a rank that died is not
 * reported and a blocking send to it would hang.
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
#define SLEEP_LAZY   INT64_C(4000000) /* after a second without a frame */
#define CLOSE_NS     (2 * NS_PER_S)

struct posted {
    MPI_Request request;
    void *data;
};

struct mpi_link {
    struct link link;
    int rank;
    int wake_fd;
    int64_t sleep_ns, heard_ns;
    VEC(struct posted) posted;
};

static int rank_of(const struct mpi_link *m, uint32_t peer)
{
    return m->rank == 0 ? (int)peer + 1 : 0;
}

/* Free the sends that MPI is done with. */
static void reap(struct mpi_link *m)
{
    for (size_t i = 0; i < m->posted.len;) {
        int done = 0;

        MPI_Test(&m->posted.at[i].request, &done, MPI_STATUS_IGNORE);
        if (!done) {
            i++;
            continue;
        }
        free(m->posted.at[i].data);
        m->posted.at[i] = m->posted.at[--m->posted.len];
    }
}

static int mpi_send(struct link *link, uint32_t peer, const void *data,
                    size_t len, struct err *err)
{
    struct mpi_link *m = (struct mpi_link *)link;
    struct posted posted = { .data = malloc(len ? len : 1) };

    reap(m);
    if (!posted.data || !VEC_RESERVE(&m->posted, m->posted.len + 1)) {
        free(posted.data);
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    }
    if (len)
        memcpy(posted.data, data, len);
    if (MPI_Isend(posted.data, (int)len, MPI_BYTE, rank_of(m, peer), TAG,
                  MPI_COMM_WORLD, &posted.request) != MPI_SUCCESS) {
        free(posted.data);
        return err_set(err, ERR_IO, "MPI cannot send to rank %d",
                       rank_of(m, peer));
    }
    m->posted.at[m->posted.len++] = posted;
    m->sleep_ns = SLEEP_MIN_NS;
    return 0;
}

/* Take a frame if one is there.  Returns 0, ERR_TIMEOUT, ERR_IO. */
static int take(struct mpi_link *m, uint32_t *ret_peer, struct buf *frame,
                struct err *err)
{
    MPI_Status status;
    int there = 0, count = 0;

    if (MPI_Iprobe(MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &there, &status) !=
        MPI_SUCCESS)
        return err_set(err, ERR_IO, "MPI cannot probe");
    if (!there)
        return ERR_TIMEOUT;
    MPI_Get_count(&status, MPI_BYTE, &count);
    buf_clear(frame);
    if (!buf_reserve(frame, (size_t)count + 1))
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    if (MPI_Recv(frame->data, count, MPI_BYTE, status.MPI_SOURCE, TAG,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE) != MPI_SUCCESS)
        return err_set(err, ERR_IO, "MPI cannot receive from rank %d",
                       status.MPI_SOURCE);
    frame->len = (size_t)count;
    *ret_peer = m->rank == 0 ? (uint32_t)status.MPI_SOURCE - 1 : 0;
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
    int64_t limit = now - m->heard_ns > NS_PER_S ? SLEEP_LAZY : SLEEP_MAX_NS;

    m->sleep_ns = m->sleep_ns * 2 < limit ? m->sleep_ns * 2 : limit;
    return m->sleep_ns;
}

static int mpi_receive(struct link *link, int64_t timeout_ns,
                       uint32_t *ret_peer, struct buf *frame, struct err *err)
{
    struct mpi_link *m = (struct mpi_link *)link;
    int64_t now = clock_mono_ns(), until = now + timeout_ns;
    int rc;

    reap(m);
    while ((rc = take(m, ret_peer, frame, err)) == ERR_TIMEOUT) {
        int64_t nap = next_sleep(m, now);

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

    for (reap(m); m->posted.len && clock_mono_ns() < until; reap(m))
        doze(m, SLEEP_MAX_NS);
    for (size_t i = 0; i < m->posted.len; i++) { /* to a rank that is gone */
        MPI_Cancel(&m->posted.at[i].request);
        MPI_Request_free(&m->posted.at[i].request);
    }
    VEC_FREE(&m->posted);
    close(m->wake_fd);
    free(m);
}

static const struct link_driver mpi_driver = {
    .name = "mpi",
    .help = "ranks of mpirun",
    .send = mpi_send,
    .receive = mpi_receive,
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
    m->sleep_ns = SLEEP_MIN_NS;
    m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (m->wake_fd < 0) {
        free(m);
        return err_set_errno(err, ERR_IO, "cannot make an eventfd");
    }
    *ret_link = &m->link;
    return 0;
}
