/* lane_clock.c - the quickest of a few round trips */
#include "workers/lane_clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "workers/clock_line.h"
#include "workers/lane_run.h"

#define ROUNDS  8
#define ROUND_S 5.0
#define ANSWER_ 512

/* A shell that answers a line with its time, where there is no labrunner;
 * whole seconds, marked so, where date(1) knows no better. */
static const char date_loop[] =
    "while read -r x; do t=$(date +%s%N); [ ${#t} -eq 19 ] && [ \"$t\" -gt 0 ] "
    "2>/dev/null || t=$(date +%s)s; echo \"$t\"; done";

const struct lane_tag lane_clock_tag = { .kind = LANE_TAG_CLOCK };

/* Write what fits of '*rest': a connection just opened may have no room yet,
 * and says when it has. */
static int write_rest(struct proc *proc, const char **rest, struct err *err)
{
    size_t put = 0;
    int rc = **rest ? proc_write(proc, *rest, strlen(*rest), &put, err) : 0;

    *rest += rc ? 0 : put;
    return rc;
}

/* One round: a line out, a line back. */
static int ask(struct lane_board *b, struct proc *proc, const char *question,
               struct buf *answer, struct err *err)
{
    int64_t deadline = clock_mono_ns() + S_TO_NS(ROUND_S);
    struct proc_event ev;
    int rc;

    buf_clear(answer);
    rc = write_rest(proc, &question, err);
    while (!rc && !memchr(buf_text(answer), '\n', answer->len)) {
        rc = lane_pump(b, deadline, &ev, err);
        if (rc || ev.proc != proc)
            continue;
        if (ev.kind == PROC_WRITABLE)
            rc = write_rest(proc, &question, err);
        if (ev.kind == PROC_EXIT)
            rc = err_set(err, ERR_IO, "the clock probe ended with status %d",
                         ev.exit_status);
        if (ev.kind == PROC_STDOUT && answer->len + ev.len < ANSWER_)
            buf_put(answer, ev.data, ev.len);
    }
    return rc;
}

static int ask_rounds(struct lane_board *b, struct proc *proc,
                      const char *question, struct lane_clock *ret_clock,
                      struct err *err)
{
    struct lane_clock best = { NAN, INFINITY };
    struct buf answer = { 0 };
    int rc = 0;

    for (int i = 0; !rc && i < ROUNDS; i++) {
        int64_t before = clock_unix_ns(), after;
        double board_s = 0, coarse_s = 0, half;

        rc = ask(b, proc, question, &answer, err);
        after = clock_unix_ns();
        if (!rc)
            rc = clock_line_parse(buf_text(&answer), answer.len, &board_s,
                                  &coarse_s, err);
        half = NS_TO_S(after - before) / 2;
        if (rc || half + coarse_s >= best.bound_s)
            continue;
        best.bound_s = half + coarse_s;
        best.offset_s = board_s - (NS_TO_S(before) + half);
    }
    buf_free(&answer);
    if (!rc)
        *ret_clock = best;
    return rc;
}

/* Start the process that answers, unless it runs. */
static int start(struct lane_board *b, const char *runner, struct err *err)
{
    struct buf command = { 0 };
    int rc;

    if (b->clock_proc)
        return 0;
    if (runner) {
        buf_printf(&command, "exec ");
        text_quote_shell(&command, runner);
        buf_printf(&command, " serve");
    } else {
        buf_printf(&command, "%s", date_loop);
    }
    rc = transport_start(b->transport, buf_text(&command),
                         (void *)(uintptr_t)&lane_clock_tag, &b->clock_proc,
                         err);
    if (rc && rc != ERR_NOMEM)
        b->link_lost = true;
    buf_free(&command);
    return rc;
}

/* It is kept where the board allows processes enough. */
static bool is_kept(const struct lane_board *b)
{
    return b->lease.keeper.proc && b->meters_len + 3 <= TRANSPORT_PROCS_MAX;
}

void lane_clock_close(struct lane_board *b)
{
    proc_release(b->clock_proc);
    b->clock_proc = NULL;
}

int lane_clock_measure(struct lane_board *b, const char *runner,
                       struct lane_clock *ret_clock, struct err *err)
{
    const char *question = runner ? "{\"cmd\":\"clock\"}\n" : "\n";
    int rc = start(b, runner, err);

    if (!rc)
        rc = ask_rounds(b, b->clock_proc, question, ret_clock, err);
    if (rc)
        err_prefix(err, "measuring the board's clock");
    if (rc || !is_kept(b))
        lane_clock_close(b);
    return rc;
}

struct lane_clock lane_clock_join(const struct lane_clock *before,
                                  const struct lane_clock *after)
{
    struct lane_clock joined = {
        .offset_s = (before->offset_s + after->offset_s) / 2,
        .bound_s = fmax(before->bound_s, after->bound_s) +
                   fabs(before->offset_s - after->offset_s) / 2,
    };

    return joined;
}
