/* dialog.c - questions at a pace, answers with their time */
#include "workers/meter/dialog.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/text.h"
#include "workers/transport/tcp.h"

#define OPEN_S    5.0
#define DRAIN_MAX ((size_t)1 << 16) /* bytes of late answers */

int dialog_state(struct meter *m, size_t size, struct err *err)
{
    m->state = calloc(1, size);
    return m->state ? 0 : err_set(err, ERR_NOMEM, "no memory for a meter");
}

static void hang_up(struct dialog *d)
{
    if (!d->form)
        return;
    close(d->fd);
    buf_free(&d->in);
    d->form = NULL;
}

void dialog_begin(struct meter *m, const struct dialog_form *form, int own_fd)
{
    struct dialog *d = m->state;

    hang_up(d);
    *d = (struct dialog){ .form = form,
                          .fd = own_fd,
                          .pace_s = m->config->period_s,
                          .next_ns = clock_mono_ns() };
}

int dialog_stop(struct meter *m, struct err *err)
{
    (void)err;
    m->running = false;
    hang_up(m->state);
    return 0;
}

void dialog_close(struct meter *m)
{
    if (m->state)
        hang_up(m->state);
    free(m->state);
}

size_t dialog_line(const uint8_t *data, size_t len)
{
    const uint8_t *end = memchr(data, '\n', len);

    return end ? (size_t)(end - data) + 1 : 0;
}

size_t dialog_wants(struct meter *m, struct pollfd *fds, int64_t *deadline)
{
    const struct dialog *d = m->state;
    int64_t until =
        d->waiting ? d->asked_ns + S_TO_NS(d->form->limit_s) : d->next_ns;

    if (until < *deadline)
        *deadline = until;
    if (!d->waiting)
        return 0;
    fds[0] = (struct pollfd){ .fd = d->fd, .events = POLLIN };
    return 1;
}

static void wait_for_next(struct dialog *d)
{
    d->waiting = false;
    d->step = 0;
    d->next_ns = meter_next_due(d->next_ns, d->pace_s);
}

/* A round without an answer is a missed reading. */
static void miss(struct meter *m, struct dialog *d, const char *why)
{
    meter_keep(
        m, &(struct power_reading){ .t_ns = clock_unix_ns(), .power_w = NAN });
    buf_clear(&d->in);
    if (++d->misses >= DIALOG_MISSES_MAX)
        meter_fail(m, "%u rounds in a row failed: %s", d->misses, why);
    wait_for_next(d);
}

static void end_round(struct meter *m, struct dialog *d)
{
    int64_t half = (clock_mono_ns() - d->round_ns) / 2;
    bool is_new = true;
    double power_w = d->form->power(m, &is_new);

    d->misses = 0;
    if (d->pace_s < m->config->period_s) /* it came since the last round */
        half += S_TO_NS(d->pace_s / 2);
    m->clock_bound_s = fmax(m->clock_bound_s, NS_TO_S(half));
    if (is_new)
        meter_keep(m, &(struct power_reading){
                          .t_ns = clock_unix_ns() - half,
                          .power_w = power_w,
                          .late = d->round_ns - d->next_ns >
                                  S_TO_NS(m->config->period_s / 2) });
    wait_for_next(d);
}

static void try_read(struct meter *m, struct dialog *d);

/* What stands in the line before a round begins came too late for its own
 * question, and must not be taken for the next one's answer.  Returns false
 * where more comes than an instrument has to say. */
static bool drain(struct dialog *d)
{
    struct pollfd line = { d->fd, POLLIN, 0 };
    uint8_t data[1024];
    size_t gone = 0;
    ssize_t got = 1;

    buf_clear(&d->in);
    while (got > 0 && gone < DRAIN_MAX && poll(&line, 1, 0) > 0 &&
           line.revents & POLLIN) {
        got = read(d->fd, data, sizeof(data));
        gone += got > 0 ? (size_t)got : 0;
    }
    return gone < DRAIN_MAX;
}

/* Send the next question, or end the round. */
static void go_on(struct meter *m, struct dialog *d)
{
    struct buf question = { 0 };
    ssize_t put;

    if (!d->form->ask(m, d->step, &question)) {
        end_round(m, d);
        buf_free(&question);
        return;
    }
    d->asked_ns = clock_mono_ns();
    if (!d->step)
        d->round_ns = d->asked_ns;
    put = write(d->fd, question.data, question.len);
    d->waiting = put == (ssize_t)question.len;
    buf_free(&question);
    if (!d->waiting)
        miss(m, d, put < 0 ? strerror(errno) : "it takes no more bytes");
    else
        try_read(m, d); /* usbtmc answers a read, it tells no readiness */
}

static void take_answer(struct meter *m, struct dialog *d, size_t len)
{
    struct err err = { 0 };
    int rc = d->form->take(m, d->step, d->in.data, len, &err);

    buf_consume(&d->in, len);
    if (rc) {
        miss(m, d, err.text);
        return;
    }
    d->step++;
    go_on(m, d);
}

static void try_read(struct meter *m, struct dialog *d)
{
    uint8_t data[1024];
    ssize_t got = read(d->fd, data, sizeof(data));
    size_t len;

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        meter_fail(m, "%s", got < 0 ? strerror(errno) : "it hung up");
        return;
    }
    buf_put(&d->in, data, (size_t)got);
    len = d->form->whole(d->in.data, d->in.len);
    if (len)
        take_answer(m, d, len);
    else if (d->in.len > DIALOG_ANSWER_MAX || buf_failed(&d->in))
        miss(m, d, "its answer has no end");
}

void dialog_on_fd(struct meter *m, const struct pollfd *fd)
{
    struct dialog *d = m->state;

    (void)fd;
    if (d->waiting)
        try_read(m, d);
}

void dialog_on_time(struct meter *m, int64_t now_ns)
{
    struct dialog *d = m->state;
    int64_t quiet_ns; /* as long again, for an answer that is on its way */

    if (d->waiting && now_ns >= d->asked_ns + S_TO_NS(d->form->limit_s)) {
        miss(m, d, "it does not answer");
        quiet_ns = now_ns + S_TO_NS(d->form->limit_s);
        d->next_ns = d->next_ns > quiet_ns ? d->next_ns : quiet_ns;
    } else if (!d->waiting && now_ns >= d->next_ns) {
        if (drain(d))
            go_on(m, d);
        else
            miss(m, d, "it talks without end");
    }
}

int dialog_once(int fd, const char *question, double limit_s, char *answer,
                size_t size, struct err *err)
{
    int64_t until = clock_mono_ns() + S_TO_NS(limit_s);
    size_t len = 0, put = strlen(question);

    if (write(fd, question, put) != (ssize_t)put)
        return err_set_errno(err, ERR_IO, "cannot ask");
    while (!memchr(answer, '\n', len) && len + 1 < size) {
        struct pollfd wait = { fd, POLLIN, 0 };
        int64_t left = until - clock_mono_ns();
        ssize_t got = read(fd, answer + len, size - len - 1);

        if (got > 0)
            len += (size_t)got;
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return err_set(err, ERR_IO, "it hung up");
        else if (left <= 0)
            return err_set(err, ERR_TIMEOUT, "it does not answer");
        else
            poll(&wait, 1, (int)(left / 1000000 + 1));
    }
    answer[len] = 0;
    answer[strcspn(answer, "\r\n")] = 0;
    return 0;
}

static int open_device(const char *path, int *ret_fd, struct err *err)
{
    int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct termios line;

    if (fd < 0)
        return err_set_errno(err, ERR_IO, "cannot open '%s'", path);
    if (!tcgetattr(fd, &line)) { /* a serial line */
        cfmakeraw(&line);
        cfsetspeed(&line, B9600);
        tcsetattr(fd, TCSANOW, &line);
        tcflush(fd, TCIOFLUSH);
    }
    *ret_fd = fd;
    return 0;
}

int dialog_open(const char *address, int default_port, int *ret_fd,
                struct err *err)
{
    const char *colon = strrchr(address, ':');
    int64_t port = default_port;
    char host[256];
    int rc;

    if (address[0] == '/')
        return open_device(address, ret_fd, err);
    if (colon && (!text_to_i64(colon + 1, &port) || port < 1 || port > 65535))
        return err_set(err, ERR_USAGE, "address '%s': expected HOST:PORT",
                       address);
    snprintf(host, sizeof(host), "%.*s",
             (int)(colon ? (size_t)(colon - address) : strlen(address)),
             address);
    rc = tcp_dial(host, (int)port, AF_UNSPEC, clock_mono_ns() + S_TO_NS(OPEN_S),
                  ret_fd, err);
    if (!rc && fcntl(*ret_fd, F_SETFL, O_NONBLOCK))
        rc = err_set_errno(err, ERR_IO, "cannot wait for '%s'", address);
    return rc;
}
