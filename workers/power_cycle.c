/* power_cycle.c - the switch, so often a day */
#include "workers/power_cycle.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "workers/meter/meter.h"
#include "workers/power_ledger.h"

#define SILENCE_S 3600 /* two failures so far apart are one */

static const struct board_meter *outlet_of(const struct board *board)
{
    for (size_t i = 0; i < board->meters_len; i++)
        if (!strcmp(board->meters[i].name, board->power_cycle.meter))
            return &board->meters[i];
    return NULL; /* board_parse() refuses such */
}

static void sleep_s(double seconds)
{
    int64_t until = clock_mono_ns() + S_TO_NS(seconds);
    struct timespec at = { .tv_sec = (time_t)(until / NS_PER_S),
                           .tv_nsec = (long)(until % NS_PER_S) };

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

/* Off is tried once, on three times: nothing is left without power. */
static int switch_outlet(const struct board *board, struct err *err)
{
    const struct board_meter *meter = outlet_of(board);
    int rc = meter ? meter_power(meter, false, err) : ERR_USAGE, on = ERR_IO;

    if (rc)
        return rc;
    sleep_s(board->power_cycle.off_s);
    for (int i = 0; i < 3 && on; i++)
        on = meter_power(meter, true, err);
    return on;
}

/* Counted before it is done: a crash in between must not make it free; and
 * before the cap is looked at, so that of two who ask at once none goes
 * beyond it. */
static int count_one(int ledger, const struct board *board, bool beyond,
                     struct err *err)
{
    int64_t now = clock_unix_ns();
    size_t count;
    int rc = power_ledger_add(ledger, "cycle", now, err);

    if (rc)
        return rc;
    count = power_ledger_count(ledger, "cycle", POWER_LEDGER_DAY_S);
    if (count > (size_t)board->power_cycle.per_day && !beyond) {
        power_ledger_remove(ledger, "cycle", now);
        return err_set(err, ERR_REFUSED,
                       "board '%s' was power-cycled %zu times in 24 hours, "
                       "%d are allowed",
                       board->name, count - 1, (int)board->power_cycle.per_day);
    }
    power_ledger_remove(ledger, "down", 0);
    return 0;
}

int power_cycle(const struct board *board, bool beyond, struct err *err)
{
    int ledger, rc;

    if (!board->power_cycle.meter)
        return err_set(err, ERR_USAGE, "board '%s' declares no \"power_cycle\"",
                       board->name);
    rc = power_ledger_open(board, &ledger, err);
    if (rc)
        return rc;
    rc = count_one(ledger, board, beyond, err);
    close(ledger);
    return rc ? rc : switch_outlet(board, err);
}

int power_cycle_count(const struct board *board)
{
    int ledger, count;

    if (!board->power_cycle.meter || power_ledger_open(board, &ledger, NULL))
        return 0;
    count = (int)power_ledger_count(ledger, "cycle", POWER_LEDGER_DAY_S);
    close(ledger);
    return count;
}

bool power_cycle_after_silence(const struct board *board, double *ret_boot_s,
                               struct err *err)
{
    int ledger, rc = 0;
    bool before;

    if (err)
        err->text[0] = 0;
    if (!board->power_cycle.meter || power_ledger_open(board, &ledger, err))
        return false;
    before = power_ledger_count(ledger, "down", SILENCE_S) > 0;
    if (!before) {
        power_ledger_remove(ledger, "down", 0);
        rc = power_ledger_add(ledger, "down", clock_unix_ns(), err);
    }
    close(ledger);
    if (rc || !before || power_cycle(board, false, err))
        return false;
    *ret_boot_s = board->power_cycle.boot_s;
    return true;
}

void power_cycle_answered(const struct board *board)
{
    int ledger;

    if (!board->power_cycle.meter || power_ledger_open(board, &ledger, NULL))
        return;
    power_ledger_remove(ledger, "down", 0);
    close(ledger);
}
