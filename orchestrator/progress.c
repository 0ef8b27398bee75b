/* progress.c - the bar and the lines */
#include "orchestrator/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"

#define BAR_PERIOD_NS MS_TO_NS(100)
#define LINE_PERIOD   (60 * NS_PER_S)

void progress_begin(struct progress *progress, FILE *out, bool quiet,
                    bool boards, int64_t now_ns, const struct view *view)
{
    *progress = (struct progress){
        /* mpirun stands between a rank and the terminal */
        .terminal = isatty(fileno(out)) ||
                    (out == stderr && getenv("LABSWEEP_TERMINAL")),
        .out = out,
        .quiet = quiet,
        .boards = boards,
        .shown_ns = now_ns,
        .shown_done = view_done(view),
    };
}

/* Back to where the drawing began, and nothing below. */
static void wipe(struct progress *progress)
{
    if (!progress->lines_open)
        return;
    if (progress->lines_open > 1)
        fprintf(progress->out, "\033[%zuA", progress->lines_open - 1);
    fprintf(progress->out, "\r\033[J");
    progress->lines_open = 0;
}

static void put_boards(const struct progress *progress, const struct view *view,
                       struct buf *out)
{
    for (size_t i = 0; progress->boards && i < view->boards.len; i++) {
        buf_printf(out, "\n");
        view_put_board(&view->boards.at[i], out);
    }
}

static void draw(struct progress *progress, const struct view *view)
{
    struct buf out = { 0 };

    wipe(progress);
    view_put_bar(view, &out);
    put_boards(progress, view, &out);
    /* the terminal cuts what is wider than it, for a wrapped line could not be
     * counted; mpirun hides its width from us */
    fprintf(progress->out, "\033[?7l%s\033[?7h", buf_text(&out));
    progress->lines_open = 1 + (progress->boards ? view->boards.len : 0);
    buf_free(&out);
}

static void say_lines(const struct progress *progress, const struct view *view)
{
    struct buf out = { 0 };

    view_put_words(view, &out);
    put_boards(progress, view, &out);
    fprintf(progress->out, "%s\n", buf_text(&out));
    buf_free(&out);
}

void progress_show(struct progress *progress, int64_t now_ns,
                   const struct view *view)
{
    size_t done = view_done(view), work = view_work(view);
    bool tenth = work && done * 10 / work != progress->shown_done * 10 / work;

    if (progress->quiet)
        return;
    if (progress->terminal) {
        if (now_ns - progress->shown_ns < BAR_PERIOD_NS)
            return;
        draw(progress, view);
        fflush(progress->out);
    } else {
        if (!tenth && now_ns - progress->shown_ns < LINE_PERIOD)
            return;
        say_lines(progress, view);
    }
    progress->shown_ns = now_ns;
    progress->shown_done = done;
}

void progress_say(struct progress *progress, const char *fmt, ...)
{
    char line[2048];
    va_list ap;

    wipe(progress);
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = ' ';
    fprintf(progress->out, "%s\n", line);
}

void progress_end(struct progress *progress, const struct view *view)
{
    if (progress->quiet)
        return;
    if (progress->terminal) {
        draw(progress, view);
        fputc('\n', progress->out);
    } else if (view_done(view) != progress->shown_done) {
        say_lines(progress, view);
    }
    progress->lines_open = 0;
}
