/* sshjump.c - a way through a jump host, as a socket */
#include "workers/transport/sshjump.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workers/transport/driver.h"
#include "workers/transport/sshlink.h"

#define JUMP_CHUNK 32768

struct sshjump {
    struct sshlink *link;
    ssh_channel channel;
    int fd; /* our end */
    pthread_t thread;
    uint8_t down[JUMP_CHUNK]; /* from the channel, for the socket */
    size_t down_at, down_len;
    uint8_t up[JUMP_CHUNK]; /* from the socket, for the channel */
    size_t up_at, up_len;
    bool local_ended;
};

/* Move from the channel to the socket.  False at the end of either. */
static bool carry_down(struct sshjump *jump)
{
    if (jump->down_at == jump->down_len) {
        int got = ssh_channel_read_nonblocking(jump->channel, jump->down,
                                               sizeof(jump->down), 0);
        if (got < 0 || (!got && ssh_channel_is_eof(jump->channel)))
            return false;
        jump->down_at = 0;
        jump->down_len = (size_t)got;
    }
    while (jump->down_at < jump->down_len) {
        ssize_t put =
            send(jump->fd, jump->down + jump->down_at,
                 jump->down_len - jump->down_at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0)
            return errno == EAGAIN || errno == EINTR;
        jump->down_at += (size_t)put;
    }
    return true;
}

/* Move from the socket to the channel.  False if the channel is gone. */
static bool carry_up(struct sshjump *jump)
{
    if (jump->up_at == jump->up_len && !jump->local_ended) {
        ssize_t got = recv(jump->fd, jump->up, sizeof(jump->up), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            jump->local_ended = true;
            return false;
        }
        jump->up_at = 0;
        jump->up_len = got > 0 ? (size_t)got : 0;
    }
    uint32_t window = ssh_channel_window_size(jump->channel);
    size_t left = jump->up_len - jump->up_at;
    uint32_t len = left < window ? (uint32_t)left : window;
    if (!len)
        return true;
    int put = ssh_channel_write(jump->channel, jump->up + jump->up_at, len);
    if (put < 0)
        return false;
    jump->up_at += (size_t)put;
    return true;
}

static void sleep_on(const struct sshjump *jump)
{
    bool up_free = jump->up_at == jump->up_len;
    bool down_full = jump->down_at < jump->down_len;
    struct pollfd fds[2] = {
        { .fd = jump->link->fd,
          .events = (short)(sshlink_poll_events(jump->link) &
                            (down_full ? ~POLLIN : ~0)) },
        { .fd = jump->fd,
          .events =
              (short)((up_free ? POLLIN : 0) | (down_full ? POLLOUT : 0)) },
    };

    poll(fds, 2, -1);
}

/* The thread: owns the link until it returns. */
static void *carry(void *arg)
{
    struct sshjump *jump = arg;

    for (;;) {
        bool dead = sshlink_pump(jump->link, NULL) != 0;
        if (!carry_down(jump) || !carry_up(jump) || dead)
            break;
        /* a full socket must not hide what libssh still holds */
        if (jump->down_at < jump->down_len ||
            ssh_channel_poll(jump->channel, 0) == 0)
            sleep_on(jump);
    }
    shutdown(jump->fd, SHUT_RDWR);
    return NULL;
}

static int open_channel(struct sshjump *jump, const char *host, int port,
                        int64_t deadline_ns, struct err *err)
{
    int rc = 0, got;

    jump->channel = ssh_channel_new(jump->link->session);
    if (!jump->channel)
        return err_set(err, ERR_NOMEM, "no memory for a channel");
    while ((got = ssh_channel_open_forward(jump->channel, host, port,
                                           "127.0.0.1", 0)) == SSH_AGAIN &&
           !rc)
        rc = sshlink_settle(jump->link, deadline_ns, err);
    if (!rc && got != SSH_OK)
        rc = err_set(err, ERR_IO, "jump host %s cannot reach %s port %d: %s",
                     jump->link->name, host, port,
                     ssh_get_error(jump->link->session));
    return rc;
}

/* The jump's sshd turns Nagle's delay off at its first session only (45 ms
 * a command without). */
static int run_true(struct sshlink *link, int64_t deadline_ns, struct err *err)
{
    ssh_channel channel = ssh_channel_new(link->session);
    int rc = 0, got = SSH_ERROR;

    if (!channel)
        return err_set(err, ERR_NOMEM, "no memory for a channel");
    while ((got = ssh_channel_open_session(channel)) == SSH_AGAIN && !rc)
        rc = sshlink_settle(link, deadline_ns, err);
    while (!rc && got == SSH_OK &&
           (got = ssh_channel_request_exec(channel, "true")) == SSH_AGAIN) {
        rc = sshlink_settle(link, deadline_ns, err);
        got = SSH_OK;
    }
    ssh_channel_free(channel);
    /* a jump host that allows no sessions is only slower */
    return rc == ERR_TIMEOUT || sshlink_check(link, NULL) ? rc : 0;
}

static void destroy(struct sshjump *jump)
{
    if (jump->channel)
        ssh_channel_free(jump->channel);
    sshlink_close(jump->link);
    if (jump->fd >= 0)
        close(jump->fd);
    free(jump);
}

/* Log in to the hop before the target. */
static int open_hop(const struct transport_target *target, const char *jump,
                    unsigned depth, int64_t deadline_ns,
                    struct sshlink **ret_link, struct err *err)
{
    char *host = NULL, *user = NULL, *rest = NULL;
    struct transport_target hop = { .key = target->key,
                                    .known_hosts = target->known_hosts };

    if (depth >= SSHLINK_JUMPS_MAX)
        return err_set(err, ERR_USAGE, "more than %d jump hosts",
                       SSHLINK_JUMPS_MAX);
    int rc = ssh_settings_split_jump(jump, &host, &user, &hop.port, &rest, err);
    if (rc)
        return rc;
    hop.host = host;
    hop.user = user;
    hop.jump = rest;
    rc = sshlink_open(&hop, true, depth + 1, deadline_ns, ret_link, err);
    if (rc)
        err_prefix(err, "jump host");
    free(host);
    free(user);
    free(rest);
    return rc;
}

int sshjump_open(const struct transport_target *target,
                 const struct ssh_settings *settings, unsigned depth,
                 int64_t deadline_ns, struct sshjump **ret_jump, int *ret_fd,
                 struct err *err)
{
    struct sshjump *jump = calloc(1, sizeof(*jump));
    int ends[2] = { -1, -1 };

    if (!jump)
        return err_set(err, ERR_NOMEM, "no memory for a jump");
    jump->fd = -1;
    int rc =
        open_hop(target, settings->jump, depth, deadline_ns, &jump->link, err);
    if (!rc)
        rc = run_true(jump->link, deadline_ns, err);
    if (!rc)
        rc = open_channel(jump, settings->host, settings->port, deadline_ns,
                          err);
    if (!rc && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                          0, ends))
        rc = err_set_errno(err, ERR_IO, "cannot make a socket pair");
    if (!rc) {
        jump->fd = ends[0];
        int failed = pthread_create(&jump->thread, NULL, carry, jump);
        errno = failed;
        if (failed)
            rc = err_set_errno(err, ERR_IO, "cannot start a thread");
    }
    if (rc) {
        if (ends[1] >= 0)
            close(ends[1]);
        destroy(jump);
        return rc;
    }
    *ret_jump = jump;
    *ret_fd = ends[1];
    return 0;
}

void sshjump_close(struct sshjump *jump)
{
    if (!jump)
        return;
    shutdown(jump->fd, SHUT_RDWR);
    pthread_join(jump->thread, NULL);
    destroy(jump);
}
