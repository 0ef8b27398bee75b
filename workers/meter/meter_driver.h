/* meter_driver.h - what a meter's driver provides; for this room only */
#ifndef WORKERS_METER_METER_DRIVER_H
#define WORKERS_METER_METER_DRIVER_H

#include "core/vec.h"
#include "workers/meter/meter.h"

struct meter_driver {
    const char *name; /* as an inventory writes it */
    const char *help;
    bool on_board;   /* reads on the board, by labrunner */
    bool invented;   /* what it says was never measured here */
    double period_s; /* between readings, where the entry does not say */
    /* Returns 0, or ERR_USAGE with what is wrong with the entry. */
    int (*check)(const struct board_meter *config, struct err *err);
    /* Make meter->state from meter->config and ->env.  NULL: none needed. */
    int (*open)(struct meter *meter, struct err *err);
    int (*start)(struct meter *meter, struct err *err);
    int (*stop)(struct meter *meter, struct err *err);
    /* Hooks for what the driver waits for; NULL: it never does. */
    size_t (*wants)(struct meter *meter, struct pollfd *fds, int64_t *deadline);
    void (*on_fd)(struct meter *meter, const struct pollfd *fd);
    void (*on_time)(struct meter *meter, int64_t now_ns);
    void (*on_proc)(struct meter *meter, const struct proc_event *event);
    void (*close)(struct meter *meter); /* frees meter->state */
    /* Turn the outlet off or on; blocks a few seconds at most.  NULL: it
     * has none.  Returns 0, ERR_IO, ERR_TIMEOUT, ERR_USAGE. */
    int (*power)(const struct board_meter *config, bool on, struct err *err);
};

struct meter {
    const struct meter_driver *driver;
    const struct board_meter *config; /* &own_config */
    struct board_meter own_config;    /* with the driver's defaults */
    struct meter_env env;
    void *state;
    bool running;
    char fault[256], oddity[256];
    double clock_bound_s;       /* of a reading's time */
    int64_t unix_minus_mono_ns; /* of the worker, at the start */
    VEC(struct power_reading) readings;
    bool arrived;
    int64_t arrival_offset_ns;
};

/* For drivers: keep a reading that arrives now (one that is not finite is
 * missed; none is kept once the worker's clock was set); say what is wrong,
 * once. */
void meter_keep(struct meter *meter, const struct power_reading *reading);
void meter_fail(struct meter *meter, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* When the reading after the one due at 'due_ns' (monotonic) is due: periods
 * that have passed already are not made up for. */
int64_t meter_next_due(int64_t due_ns, double period_s);

/* Name what is odd about its readings, in place of what was named before. */
void meter_odd(struct meter *meter, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
