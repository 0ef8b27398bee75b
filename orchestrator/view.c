/* view.c - a view as text for people */
#include "orchestrator/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/clock_format.h"

#define BAR_WIDTH 30

void view_free(struct view *view)
{
    VEC_FREE(&view->boards);
}

size_t view_done(const struct view *view)
{
    return view->counts.ok + view->counts.failed;
}

size_t view_work(const struct view *view)
{
    return view->counts.cells - view->counts.na - view->counts.left_out;
}

/* "3 min ± 20 s"; a forecast without an error is said to be rough. */
static void put_left(const struct view *view, struct buf *out)
{
    const struct sched_counts *c = &view->counts;
    char left[32], error[32];

    if (view_done(view) >= view_work(view)) {
        buf_printf(out, "0 s");
        return;
    }
    clock_format_duration(c->remaining_s, left);
    if (isnan(c->remaining_err_s)) {
        buf_printf(out, "about %s", left);
        return;
    }
    clock_format_duration(c->remaining_err_s, error);
    buf_printf(out, "%s ± %s", left, error);
}

/* What keeps boards from working. */
static void put_holds(const struct view *view, struct buf *out)
{
    const struct sched_counts *c = &view->counts;

    if (c->paused)
        buf_printf(out, "  paused");
    if (c->boards_held)
        buf_printf(out, "  held %zu", c->boards_held);
    if (c->boards_quarantined)
        buf_printf(out, "  quarantine %zu", c->boards_quarantined);
    if (c->boards_given_up)
        buf_printf(out, "  given up %zu", c->boards_given_up);
}

void view_put_bar(const struct view *view, struct buf *out)
{
    const struct sched_counts *c = &view->counts;
    size_t done = view_done(view), work = view_work(view);
    size_t full = work ? done * BAR_WIDTH / work : BAR_WIDTH;

    for (size_t i = 0; i < BAR_WIDTH; i++)
        buf_printf(out, "%s", i < full ? "█" : "░");
    buf_printf(out, " %zu/%zu  ok %zu  failed %zu  running %zu  left ", done,
               work, c->ok, c->failed, c->running);
    put_left(view, out);
    put_holds(view, out);
}

void view_put_words(const struct view *view, struct buf *out)
{
    const struct sched_counts *c = &view->counts;
    char spent[32];

    clock_format_duration(view->spent_s, spent);
    buf_printf(out, "%zu of %zu cells, %zu ok, %zu failed, %s spent, ",
               view_done(view), view_work(view), c->ok, c->failed, spent);
    put_left(view, out);
    buf_printf(out, " left");
    put_holds(view, out);
}

void view_put_board(const struct view_board *board, struct buf *out)
{
    char since[32];

    buf_printf(out, "  %-20s %-10s %5zu ok %4zu failed", board->name,
               *board->hold ? board->hold : board->state, board->ok,
               board->failed);
    if (*board->cell) {
        clock_format_duration(board->since_s, since);
        buf_printf(out, "  %s, since %s", board->cell, since);
    } else if (*board->reason && strcmp(board->state, "ready") != 0) {
        buf_printf(out, "  %.80s", board->reason);
    }
}
