/* power_cycle.c - the switch, and the ledger of its days */
#include "workers/power_cycle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/text.h"
#include "workers/meter/meter.h"

#define DAY_S     86400
#define SILENCE_S 3600 /* two failures so far apart are one */
#define ENTRIES   64

/* Instants in s since 1970; 'down' 0: answers. */
struct ledger {
    int fd; /* locked */
    int64_t cycles[ENTRIES], down;
    size_t len;
};

/* $XDG_STATE_HOME/labsweep/power/BOARD@HOST */
static int ledger_path(const struct board *board, char *path, size_t size,
                       struct err *err)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char dir[FS_PATH_MAX], name[300];

    if (state && *state)
        snprintf(dir, sizeof(dir), "%s/labsweep/power", state);
    else
        snprintf(dir, sizeof(dir), "%s/.local/state/labsweep/power",
                 home ? home : "");
    snprintf(name, sizeof(name), "%s@%s", board->name,
             board->host ? board->host : "");
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '_' : *c;
    if (!fs_join(path, size, dir, name))
        return err_set(err, ERR_IO, "the path of the power ledger is too long");
    return fs_make_dirs(dir, err);
}

static void ledger_read(struct ledger *l)
{
    int64_t now = clock_unix_ns() / NS_PER_S;
    char word[16];
    long long at;
    FILE *file = fdopen(dup(l->fd), "r");

    while (file && fscanf(file, "%15s %lld", word, &at) == 2) {
        if (!strcmp(word, "cycle") && at > now - DAY_S && l->len < ENTRIES)
            l->cycles[l->len++] = at;
        if (!strcmp(word, "down") && at > now - SILENCE_S)
            l->down = at;
    }
    if (file)
        fclose(file);
}

static int ledger_open(const struct board *board, struct ledger *l,
                       struct err *err)
{
    char path[FS_PATH_MAX];
    int rc = ledger_path(board, path, sizeof(path), err);

    *l = (struct ledger){ .fd = -1 };
    if (rc)
        return rc;
    l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (l->fd < 0 || flock(l->fd, LOCK_EX)) {
        rc = err_set_errno(err, ERR_IO, "cannot open '%s'", path);
        if (l->fd >= 0)
            close(l->fd);
        return rc;
    }
    ledger_read(l);
    return 0;
}

/* Write it anew and let it go. */
static int ledger_close(struct ledger *l, struct err *err)
{
    int rc = 0;

    if (ftruncate(l->fd, 0) || lseek(l->fd, 0, SEEK_SET) < 0)
        rc = ERR_IO;
    for (size_t i = 0; !rc && i < l->len; i++)
        rc = dprintf(l->fd, "cycle %lld\n", (long long)l->cycles[i]) < 0
                 ? ERR_IO
                 : 0;
    if (!rc && l->down && dprintf(l->fd, "down %lld\n", (long long)l->down) < 0)
        rc = ERR_IO;
    if (rc || fsync(l->fd))
        rc = err_set_errno(err, ERR_IO, "cannot write the power ledger");
    close(l->fd);
    return rc;
}

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

/* Counted before it is done: a crash in between must not make it free. */
static int cycle_with(struct ledger *l, const struct board *board, bool beyond,
                      struct err *err)
{
    int64_t now = clock_unix_ns() / NS_PER_S;
    bool capped = (int64_t)l->len >= board->power_cycle.per_day;

    if (capped && !beyond)
        return err_set(err, ERR_REFUSED,
                       "board '%s' was power-cycled %zu times in 24 hours, "
                       "%d are allowed",
                       board->name, l->len, (int)board->power_cycle.per_day);
    if (l->len == ENTRIES)
        memmove(l->cycles, l->cycles + 1, --l->len * sizeof(l->cycles[0]));
    l->cycles[l->len++] = now;
    l->down = 0;
    return 0;
}

int power_cycle(const struct board *board, bool beyond, struct err *err)
{
    struct ledger l;
    struct err later;
    int rc;

    if (!board->power_cycle.meter)
        return err_set(err, ERR_USAGE, "board '%s' declares no \"power_cycle\"",
                       board->name);
    rc = ledger_open(board, &l, err);
    if (rc)
        return rc;
    rc = cycle_with(&l, board, beyond, err);
    if (ledger_close(&l, &later) && !rc) {
        rc = ERR_IO;
        if (err)
            *err = later;
    }
    return rc ? rc : switch_outlet(board, err);
}

int power_cycle_count(const struct board *board)
{
    struct ledger l;
    int count;

    if (!board->power_cycle.meter || ledger_open(board, &l, NULL))
        return 0;
    count = (int)l.len;
    close(l.fd);
    return count;
}

bool power_cycle_after_silence(const struct board *board, double *ret_boot_s,
                               struct err *err)
{
    struct ledger l;
    bool before;

    if (err)
        err->text[0] = 0;
    if (!board->power_cycle.meter || ledger_open(board, &l, err))
        return false;
    before = l.down != 0;
    if (!before)
        l.down = clock_unix_ns() / NS_PER_S;
    if (ledger_close(&l, err) || !before || power_cycle(board, false, err))
        return false;
    *ret_boot_s = board->power_cycle.boot_s;
    return true;
}

void power_cycle_answered(const struct board *board)
{
    struct ledger l;

    if (!board->power_cycle.meter || ledger_open(board, &l, NULL))
        return;
    l.down = 0;
    ledger_close(&l, NULL);
}
