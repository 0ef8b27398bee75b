/* progress.c - the bar and the lines */
#include "orchestrator/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"

#define BAR_WIDTH     30
#define BAR_PERIOD_NS MS_TO_NS(100)
#define LINE_PERIOD   (60 * NS_PER_S)

static size_t done_of(const struct sched_counts *counts)
{
    return counts->ok + counts->failed;
}

static size_t work_of(const struct sched_counts *counts)
{
    return counts->cells - counts->na;
}

void progress_begin(struct progress *progress, bool quiet, int64_t now_ns,
                    const struct sched_counts *counts)
{
    *progress = (struct progress){
        /* mpirun stands between a rank and the terminal */
        .terminal = isatty(STDERR_FILENO) || getenv("LABSWEEP_TERMINAL"),
        .quiet = quiet,
        .start_ns = now_ns,
        .shown_ns = now_ns,
        .first_done = done_of(counts),
        .shown_done = done_of(counts),
    };
}

/* Seconds left: from the pace so far once there is one, else as planned. */
static double left_s(const struct progress *progress, int64_t now_ns,
                     const struct sched_counts *counts)
{
    size_t done = done_of(counts) - progress->first_done;
    size_t left = work_of(counts) - done_of(counts);

    if (done < 3)
        return counts->remaining_s;
    return NS_TO_S(now_ns - progress->start_ns) * (double)left / (double)done;
}

static void draw(struct progress *progress, int64_t now_ns,
                 const struct sched_counts *counts)
{
    size_t done = done_of(counts), work = work_of(counts);
    size_t full = work ? done * BAR_WIDTH / work : BAR_WIDTH;
    char left[32], bar[BAR_WIDTH * 3 + 1];
    size_t at = 0;

    for (size_t i = 0; i < BAR_WIDTH; i++)
        at += (size_t)snprintf(bar + at, sizeof(bar) - at, "%s",
                               i < full ? "█" : "░");
    clock_format_duration(left_s(progress, now_ns, counts), left);
    fprintf(stderr,
            "\r\033[K%s %zu/%zu  ok %zu  failed %zu  running %zu  left %s", bar,
            done, work, counts->ok, counts->failed, counts->running,
            done < work ? left : "0 s");
    progress->line_open = true;
}

static void say_line(struct progress *progress, int64_t now_ns,
                     const struct sched_counts *counts)
{
    char left[32], spent[32];

    clock_format_duration(left_s(progress, now_ns, counts), left);
    clock_format_duration(NS_TO_S(now_ns - progress->start_ns), spent);
    fprintf(stderr, "%zu of %zu cells, %zu ok, %zu failed, %s spent, %s left\n",
            done_of(counts), work_of(counts), counts->ok, counts->failed, spent,
            done_of(counts) < work_of(counts) ? left : "0 s");
}

bool progress_due(const struct progress *progress, int64_t now_ns)
{
    return now_ns - progress->looked_ns >= BAR_PERIOD_NS;
}

void progress_show(struct progress *progress, int64_t now_ns,
                   const struct sched_counts *counts)
{
    size_t done = done_of(counts), work = work_of(counts);
    bool tenth = work && done * 10 / work != progress->shown_done * 10 / work;

    progress->looked_ns = now_ns;
    if (progress->quiet)
        return;
    if (progress->terminal) {
        if (now_ns - progress->shown_ns < BAR_PERIOD_NS)
            return;
        draw(progress, now_ns, counts);
    } else {
        if (!tenth && now_ns - progress->shown_ns < LINE_PERIOD)
            return;
        say_line(progress, now_ns, counts);
    }
    progress->shown_ns = now_ns;
    progress->shown_done = done;
}

void progress_say(struct progress *progress, const char *fmt, ...)
{
    va_list ap;

    if (progress->line_open)
        fprintf(stderr, "\r\033[K");
    progress->line_open = false;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

void progress_end(struct progress *progress, int64_t now_ns,
                  const struct sched_counts *counts)
{
    if (progress->quiet)
        return;
    if (progress->terminal) {
        draw(progress, now_ns, counts);
        fputc('\n', stderr);
    } else if (done_of(counts) != progress->shown_done) {
        say_line(progress, now_ns, counts);
    }
    progress->line_open = false;
}
