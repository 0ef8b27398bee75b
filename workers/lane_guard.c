/* lane_guard.c - the guard's script, its start and its end */
#include "workers/lane_guard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"

#define LIMIT_MAX_S 1e8
#define BLINK_S     0.1 /* requests shorter than that are told of nothing */

/* $g: group guarded, until uptime $e; $w: the sleeper, until uptime $u.  A
 * sleeper says "tick" into the FIFO, so that one read hears all; every 15 s
 * at least, to see whether the group or the connection ($PPID) is gone.
 * Numbers of ended groups are forgotten then, before they are used again.
 * kill is written as bash, dash and busybox all read it. */
static const char script[] =
    "f=; for d in \"$HOME\" \"${TMPDIR:-/tmp}\"; do "
    "f=$d/.labsweep-guard.$$; rm -f \"$f\" 2>/dev/null; "
    "(umask 077; mkfifo \"$f\") 2>/dev/null && break; f=; done; "
    "[ \"$f\" ] || { echo 'no FIFO can be made' >&2; exit 1; }\n"
    "now() { read -r n x </proc/uptime; n=${n%%.*}; }\n"
    "nap() { u=$((n + $1)); (sleep $1; echo tick >&3) & w=$!; }\n"
    "look() {\n"
    "if [ \"$g\" ] && [ $n -ge $e ]; then kill -$s -$g 2>/dev/null; "
    "e=$((n + 2)); s=KILL; fi\n"
    "if [ \"$g\" ] && ! kill -0 -$g 2>/dev/null; then g=; fi\n"
    "[ \"$g\" ] || [ -d /proc/$PPID ] || return 1\n"
    "t=15; [ -z \"$g\" ] || [ $((e - n)) -ge 15 ] || t=$((e - n))\n"
    "[ $t -gt 0 ] || t=1; nap $t\n"
    "}\n"
    "guard() {\n"
    "trap '' HUP INT PIPE; exec 3<>\"$f\"; g= s=TERM; now; nap 15\n"
    "while read -r a b <&3; do now; "
    "if [ \"$a\" = tick ]; then look || break; "
    "elif [ \"$b\" = off ]; then [ \"$g\" != \"$a\" ] || g=; "
    "else g=$a s=TERM e=$((n + b)); "
    "[ $e -ge $u ] || { kill $w; nap $b; }; fi; done\n"
    "rm -f \"$f\"\n"
    "}\n"
    "guard </dev/null >/dev/null 2>&1 &\n"
    "echo \"$$ $f\"";

/* "GROUP PATH", as the script says it. */
static int take_answer(struct lane_board *b, const char *said)
{
    char *rest = NULL;
    long long group = strtoll(said, &rest, 10);
    size_t len = strcspn(rest, "\n");

    if (group <= 1 || rest[0] != ' ' || rest[1] != '/' ||
        len > sizeof(b->guard_fifo))
        return ERR_FORMAT;
    b->guard_group = group;
    snprintf(b->guard_fifo, sizeof(b->guard_fifo), "%.*s", (int)len - 1,
             rest + 1);
    return 0;
}

/* Of an earlier connection, which may not have seen its end. */
static void end_old(struct lane_board *b)
{
    if (b->guard_fifo[0])
        lane_guard_end(b);
}

int lane_guard_start(struct lane_board *b, struct err *err)
{
    struct buf said = { 0 };
    struct err why;
    int rc;

    if (!strcmp(b->setup->board->transport, "script"))
        return 0;
    end_old(b);
    rc = lane_command(b, "the guard", script, LANE_SHORT_S, &said, &why);
    if (!rc && take_answer(b, buf_text(&said)))
        rc = err_set(&why, ERR_FORMAT, "it said: %.100s", buf_text(&said));
    buf_free(&said);
    if (rc && b->link_lost)
        return err_set(err, rc, "%s", why.text);
    if (rc && !b->guard_missed) {
        log_line(LOG_WARN, "lane",
                 "%s: the board itself holds no time limit: %s",
                 b->setup->board->name, why.text);
        b->guard_missed = true;
    }
    return 0;
}

void lane_guard_put(const struct lane_board *b, double limit_s,
                    struct buf *command)
{
    struct buf fifo = { 0 };

    if (!b->guard_fifo[0] || !(limit_s > 0) || limit_s > LIMIT_MAX_S)
        return;
    text_quote_shell(&fifo, b->guard_fifo);
    buf_printf(command, "[ ! -p %s ] || echo \"$$ %.0f\" 1<>%s\n",
               buf_text(&fifo), ceil(limit_s) + LANE_GUARD_LATE_S,
               buf_text(&fifo));
    if (buf_failed(&fifo))
        command->failed = true;
    buf_free(&fifo);
}

/* The keeper of the lease is a kept process already: it says the words. */
static void tell(struct lane_board *b, int64_t group, const char *limit)
{
    struct buf words = { 0 };

    buf_printf(&words, "guard %lld %s %s", (long long)group, limit,
               b->guard_fifo);
    if (!buf_failed(&words))
        lease_keeper_send(&b->lease.keeper, buf_text(&words), false, NULL);
    buf_free(&words);
}

void lane_guard_expect(struct lane_board *b, struct proc *served,
                       double limit_s)
{
    struct lane_watch *w = &b->guard_watch;

    if (!b->guard_fifo[0] || !b->lease.keeper.proc || !(limit_s > 0) ||
        limit_s > LIMIT_MAX_S)
        return;
    *w = (struct lane_watch){ .proc = served, .limit_s = limit_s };
    w->start_ns = clock_mono_ns();
    w->tell_ns = w->start_ns + S_TO_NS(BLINK_S);
}

int64_t lane_guard_tend(struct lane_board *b)
{
    struct lane_watch *w = &b->guard_watch;
    int64_t now = clock_mono_ns(), group;
    char limit[24];

    if (!w->proc || w->told_group)
        return INT64_MAX;
    if (now < w->tell_ns)
        return w->tell_ns;
    group = proc_group(w->proc);
    if (group <= 1) { /* it has said nothing yet */
        w->tell_ns = now + S_TO_NS(BLINK_S);
        return w->tell_ns;
    }
    snprintf(limit, sizeof(limit), "%.0f",
             ceil(fmax(w->limit_s - NS_TO_S(now - w->start_ns), 0)) +
                 LANE_GUARD_LATE_S);
    tell(b, group, limit);
    w->told_group = group;
    return INT64_MAX;
}

void lane_guard_over(struct lane_board *b)
{
    if (b->guard_watch.told_group && !b->link_lost)
        tell(b, b->guard_watch.told_group, "off");
    b->guard_watch = (struct lane_watch){ 0 };
}

void lane_guard_end(struct lane_board *b)
{
    struct buf command = { 0 };
    bool was_deaf = b->deaf;

    buf_printf(&command, "rm -f ");
    text_quote_shell(&command, b->guard_fifo);
    buf_printf(&command,
               "; kill -KILL -%lld 2>/dev/null; :", (long long)b->guard_group);
    b->deaf = true;
    if (b->guard_fifo[0] && b->transport && !b->link_lost &&
        !buf_failed(&command))
        lane_command(b, "ending the guard", buf_text(&command), LANE_SHORT_S,
                     NULL, NULL);
    b->deaf = was_deaf;
    b->guard_fifo[0] = '\0';
    buf_free(&command);
}
