/* lane_health.c - a line out, a look back */
#include "workers/lane_health.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "workers/lane_run.h"

#define LOOK_S     2.0 /* between looks beside a job */
#define ANSWER_S   5.0
#define ANSWER_MAX ((size_t)64 << 10)

const struct lane_tag lane_health_tag = { .kind = LANE_TAG_HEALTH };

/* t: a zone in mdegC; f: kHz; c: times throttled; a line "." ends a look.
 * Another tree than /sys is for tests. */
static const char script[] =
    "s=${LABSWEEP_SYSFS:-/sys}\n"
    "say() { if read -r v <\"$2\"; then echo \"$1 $v\"; fi; }\n"
    "while read -r x; do\n"
    "for f in \"$s\"/class/thermal/thermal_zone*/temp; do say t \"$f\"; done\n"
    "d=$s/devices/system/cpu\n"
    "say f \"$d/cpu0/cpufreq/scaling_cur_freq\"\n"
    "for f in \"$d\"/cpu*/thermal_throttle/core_throttle_count; do "
    "say c \"$f\"; done\n"
    "echo .\n"
    "done 2>/dev/null";

static void take(struct health_look *look, char kind, double value)
{
    if (kind == 't' && value > -60e3 && value < 200e3)
        look->temp_degc = fmax(look->temp_degc, value / 1000);
    else if (kind == 'f' && value > 0)
        look->freq_hz = value * 1e3;
    else if (kind == 'c' && value >= 0)
        look->throttles =
            isnan(look->throttles) ? value : look->throttles + value;
}

struct health_look lane_health_parse(const char *text, size_t len)
{
    struct health_look look = { (double)NAN, (double)NAN, (double)NAN };

    while (len) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;
        char word[24];
        double value;

        if (n > 2 && n < sizeof(word) && text[1] == ' ') {
            memcpy(word, text + 2, n - 2);
            word[n - 2] = 0;
            if (text_to_f64(word, &value))
                take(&look, text[0], value);
        }
        n += end != NULL;
        text += n;
        len -= n;
    }
    return look;
}

/* Whole answers become looks. */
static void read_answers(struct lane_health *h)
{
    const char *end;

    while (h->said.len && (end = strstr(buf_text(&h->said), ".\n"))) {
        size_t used = (size_t)(end - buf_text(&h->said));

        h->last = lane_health_parse(buf_text(&h->said), used);
        if (!h->looks++)
            h->first = h->last;
        buf_consume(&h->said, used + 2);
    }
}

void lane_health_hear(struct lane_board *b, const struct proc_event *ev)
{
    struct lane_health *h = &b->health;

    if (ev->kind == PROC_STDOUT && h->said.len + ev->len < ANSWER_MAX)
        buf_put(&h->said, ev->data, ev->len);
    else if (ev->kind == PROC_EXIT)
        h->ended = true;
    read_answers(h);
}

static void ask(struct lane_board *b)
{
    size_t put;

    proc_write(b->health.proc, "\n", 1, &put, NULL);
    b->health.ask_ns = clock_mono_ns() + S_TO_NS(LOOK_S);
}

static bool has_looked(const struct lane_board *b)
{
    return b->health.looks >= b->health.wanted || b->health.ended;
}

/* Ask, and wait for one look more than there are. */
static int look(struct lane_board *b, struct err *err)
{
    b->health.wanted = b->health.looks + 1;
    ask(b);
    return lane_idle(b, ANSWER_S, has_looked, err);
}

/* A board with one channel a session has none for this. */
static bool has_room(const struct lane_board *b)
{
    bool one = b->lease.keeper.transport && !b->lease.keeper.proc;

    return !one && b->meters_len + 4 <= TRANSPORT_PROCS_MAX &&
           strcmp(b->setup->board->transport, "script") != 0;
}

int lane_health_begin(struct lane_board *b, struct err *err)
{
    struct lane_health *h = &b->health;

    if (!has_room(b) || h->ended)
        return 0;
    if (!h->proc &&
        transport_start(b->transport, script,
                        (void *)(uintptr_t)&lane_health_tag, &h->proc, NULL))
        return 0; /* what is wrong with the link, the cell will find */
    h->on = true;
    h->looks = 0;
    return look(b, err);
}

int64_t lane_health_tend(struct lane_board *b)
{
    struct lane_health *h = &b->health;

    if (!h->on || h->ended)
        return INT64_MAX;
    if (clock_mono_ns() >= h->ask_ns)
        ask(b);
    return h->ask_ns;
}

static void fill(const struct lane_health *h, struct attempt_row *row)
{
    double rise = h->last.throttles - h->first.throttles;
    char words[64];

    if (isnan(row->temp_before_degc))
        row->temp_before_degc = h->first.temp_degc;
    row->temp_after_degc = h->last.temp_degc;
    row->freq_before_hz = h->first.freq_hz;
    row->freq_after_hz = h->last.freq_hz;
    if (!(rise >= 0))
        return;
    row->throttle_events = (int64_t)rise;
    if (rise > 0 && !row->noisy_reason.s[0]) {
        snprintf(words, sizeof(words), "throttled %.0f times", rise);
        row->noisy = 1;
        column_text_set(&row->noisy_reason, words);
    }
}

int lane_health_end(struct lane_board *b, struct attempt_row *row,
                    struct err *err)
{
    struct lane_health *h = &b->health;
    int rc = 0;

    if (!h->on)
        return 0;
    if (!h->ended && !b->link_lost)
        rc = look(b, err);
    h->on = false;
    if (h->looks > 1)
        fill(h, row);
    return rc;
}

void lane_health_close(struct lane_board *b)
{
    proc_release(b->health.proc);
    buf_free(&b->health.said);
    b->health = (struct lane_health){ 0 };
}
