/* meter.h - the door to instruments: readings with times of their own
 *
 * A meter is asked to start, then says what it waits for (descriptors, a
 * deadline, a process on the board); whoever owns the thread waits for all
 * of that together with the command it runs, and hands events on.  Behind
 * the door is a driver (meters.def); docs/meters.md tells how to add one.
 */
#ifndef WORKERS_METER_METER_H
#define WORKERS_METER_METER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "inventory/inventory.h"
#include "workers/meter/power.h"
#include "workers/transport/transport.h"

#define METER_FDS_MAX 4 /* that one meter waits for */

struct meter;

/* What a meter may use; borrowed until meter_close(). */
struct meter_env {
    struct transport *transport; /* to the board; NULL: none */
    const char *runner;          /* labrunner's path on the board; NULL: none */
    const char *sysfs;           /* where its sensors lie; NULL: /sys */
    void *tag;                   /* of processes it starts on the board */
};

/* The i-th driver's name, NULL past the end; one line of help about it. */
const char *meter_driver_name(size_t i);
const char *meter_driver_help(size_t i);

/* Whether the driver reads on the board, by a labrunner there.  False for a
 * name that is unknown. */
bool meter_driver_on_board(const char *name);

/* Seconds between readings where an entry does not say; NaN: no driver. */
double meter_driver_period_s(const char *name);

/* Check what 'config' says for its driver, without opening anything.
 * Returns 0; ERR_USAGE (no such driver, sources it cannot read). */
int meter_check(const struct board_meter *config, struct err *err);

/* The same of every meter of every board; the error names them. */
int meter_check_all(const struct inventory *inventory, struct err *err);

/* Open a meter, nothing is reached yet; 'config' is borrowed until
 * meter_close().  Returns 0 and a meter; ERR_USAGE (as meter_check()),
 * ERR_NOMEM. */
int meter_open(const struct board_meter *config, const struct meter_env *env,
               struct meter **ret_meter, struct err *err);
void meter_close(struct meter *meter); /* NULL is fine */

/* What meter_open() was given, with the driver's defaults; borrowed. */
const struct board_meter *meter_config(const struct meter *meter);

/* Forget the readings and begin to sample.  May block for one round trip.
 * Returns 0; ERR_USAGE (no labrunner on the board for it, a secret that others
 * may read), ERR_NOT_FOUND (a file that the entry names), ERR_FORMAT, ERR_IO
 * (link or instrument), ERR_TIMEOUT, ERR_NOMEM. */
int meter_start(struct meter *meter, struct err *err);

/* Ask it to end; it runs until it says so (meter_running()).  Returns 0 or
 * ERR_IO. */
int meter_stop(struct meter *meter, struct err *err);
bool meter_running(const struct meter *meter);

/* What it waits for: fills up to METER_FDS_MAX 'fds' and lowers 'deadline'
 * (monotonic).  Returns how many descriptors. */
size_t meter_wants(struct meter *meter, struct pollfd *fds, int64_t *deadline);

/* Something of that happened: a descriptor is ready, the time has come, or
 * a process with its tag said something.  Never blocks; what goes wrong is
 * its fault (below), and ends it. */
void meter_on_fd(struct meter *meter, const struct pollfd *fd);
void meter_on_time(struct meter *meter, int64_t now_ns);
void meter_on_proc(struct meter *meter, const struct proc_event *event);

/* Why it fell silent since meter_start(); "" while all is well. */
const char *meter_fault(const struct meter *meter);

/* What was odd about its readings though they came; "" if nothing. */
const char *meter_oddity(const struct meter *meter);

/* Whether it is no instrument: a recording or a made-up wave. */
bool meter_invented(const struct meter *meter);

/* How far a reading's time may be off, in s: half of the slowest question
 * and answer; 0 where the time is told with the reading. */
double meter_clock_bound_s(const struct meter *meter);

/* Turn the outlet that 'config' describes off or on, through the same
 * instrument.  Blocks a few seconds at most.  Returns 0; ERR_USAGE (this
 * driver or entry cannot switch), ERR_IO, ERR_TIMEOUT. */
int meter_power(const struct board_meter *config, bool on, struct err *err);

/* The readings since meter_start(), in order of time (ns since 1970 on the
 * meter's own clock); borrowed until it is started or closed. */
const struct power_reading *meter_readings(const struct meter *meter,
                                           size_t *ret_len);

/* The meter's clock minus the worker's as the readings' arrival bounds it
 * from below (delays make it smaller, never larger), in ns; 0 without any.
 * Good to place a trace, not to cut it. */
int64_t meter_arrival_offset_ns(const struct meter *meter);

#endif
