/* board_stream.h - what drivers share that sample by labrunner on the board
 *
 * For this room only.  A driver makes the command's arguments and a reading
 * of every record; process, stream and clock are watched here.
 */
#ifndef WORKERS_METER_BOARD_STREAM_H
#define WORKERS_METER_BOARD_STREAM_H

#include "core/buf.h"
#include "workers/meter/meter_driver.h"
#include "workers/meter/power_stream.h"

struct board_stream {
    /* Turn a record into readings of the meter. */
    void (*each)(struct meter *meter, const struct power_record *record);
    struct power_stream stream;
    struct proc *proc;
    bool asked_to_end;
    int64_t unix_minus_mono_ns;
    char words[160]; /* the sampler's own, from stderr */
    double last[POWER_STREAM_SOURCES];
    int64_t last_ns; /* 0: none yet */
    size_t dropped;  /* readings that cannot be right */
};

/* Make meter->state for 'sources' values a record.  Returns 0, ERR_NOMEM. */
int board_stream_open(struct meter *meter, size_t sources,
                      void (*each)(struct meter *meter,
                                   const struct power_record *record),
                      struct err *err);

/* Append "labrunner power --period-s P" with the board's labrunner. */
void board_stream_command(const struct meter *meter, struct buf *out);

/* Append one " --source ..." of the form key=value,...; 'tail' (a path or a
 * pattern) stands last and may hold anything. */
void board_stream_source(struct buf *out, size_t i, double factor, char unit,
                         const char *key, const char *tail);

/* Start the sampler by 'command', which is freed.  Returns as a driver's
 * start(). */
int board_stream_start(struct meter *meter, struct buf *command,
                       struct err *err);

/* A driver's hooks as they are. */
int board_stream_stop(struct meter *meter, struct err *err);
void board_stream_on_proc(struct meter *meter, const struct proc_event *event);
void board_stream_close(struct meter *meter);

/* Keep a reading of this power at the record's time. */
void board_stream_keep(struct meter *meter, const struct power_record *record,
                       double power_w);

#endif
