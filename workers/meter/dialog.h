/* dialog.h - an instrument that is asked, and answers: a descriptor, a pace
 *
 * For this room only.  A round is one or more questions with an answer each;
 * it ends with a reading at the middle of the round.  Half of the slowest
 * round is the bound of the readings' clock.  After a question without an
 * answer the line is left alone for as long again, and whatever came late is
 * thrown away: it is no answer to the next question.
 */
#ifndef WORKERS_METER_DIALOG_H
#define WORKERS_METER_DIALOG_H

#include "core/buf.h"
#include "workers/meter/meter_driver.h"

#define DIALOG_ANSWER_MAX 4096
#define DIALOG_MISSES_MAX 5 /* rounds in a row without an answer */

/* How an instrument is talked to; rows of drivers. */
struct dialog_form {
    /* The step-th question of a round; false: the round has no more. */
    bool (*ask)(struct meter *meter, size_t step, struct buf *question);
    /* Bytes of a whole answer at the start of the data; 0: more is needed. */
    size_t (*whole)(const uint8_t *data, size_t len);
    /* Take an answer.  Returns 0 or ERR_FORMAT with a sentence. */
    int (*take)(struct meter *meter, size_t step, const uint8_t *data,
                size_t len, struct err *err);
    /* The round's power, NaN: nothing new. */
    double (*power)(struct meter *meter, bool *ret_new);
    double limit_s; /* for an answer */
};

/* The first member of a driver's state: the hooks below take meter->state
 * for one. */
struct dialog {
    const struct dialog_form *form;
    int fd;
    size_t step;
    bool waiting; /* for an answer */
    unsigned misses;
    double pace_s; /* between rounds; the meter's period if not changed */
    int64_t next_ns, asked_ns, round_ns; /* monotonic */
    struct buf in;
};

/* Make meter->state of 'size' bytes, zeroed.  Returns 0, ERR_NOMEM. */
int dialog_state(struct meter *meter, size_t size, struct err *err);

/* Begin with an open descriptor (taken over), the first round at once. */
void dialog_begin(struct meter *meter, const struct dialog_form *form,
                  int own_fd);

/* The hooks of a driver. */
int dialog_stop(struct meter *meter, struct err *err);
size_t dialog_wants(struct meter *meter, struct pollfd *fds, int64_t *deadline);
void dialog_on_fd(struct meter *meter, const struct pollfd *fd);
void dialog_on_time(struct meter *meter, int64_t now_ns);
void dialog_close(struct meter *meter);

/* A whole answer that is a line; whole() of line protocols. */
size_t dialog_line(const uint8_t *data, size_t len);

/* Ask once and wait, blocking at most 'limit_s', for an answer that is a
 * line, put into 'answer' of 'size' bytes without its end.  Returns 0;
 * ERR_IO, ERR_TIMEOUT. */
int dialog_once(int fd, const char *question, double limit_s, char *answer,
                size_t size, struct err *err);

/* Open "HOST:PORT", "HOST" (with the default port) or "/dev/..." (a serial
 * line is made raw, 9600 baud).  Blocks up to five seconds.  Returns 0 and a
 * descriptor; ERR_IO, ERR_TIMEOUT, ERR_USAGE. */
int dialog_open(const char *address, int default_port, int *ret_fd,
                struct err *err);

#endif
