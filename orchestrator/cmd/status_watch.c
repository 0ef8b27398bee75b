/* status_watch.c - drawing DIR/progress.json again and again */
#include "orchestrator/cmd/status_watch.h"

#include <time.h>

#include "core/clock.h"
#include "orchestrator/archive/journal.h"
#include "orchestrator/progress.h"
#include "orchestrator/view.h"

/* Between two looks: the coordinator writes once a second. */
static const struct timespec look = { .tv_nsec = 500000000 };

/* Without a terminal a line whenever a cell has ended. */
static void show(struct progress *progress, const struct view *view)
{
    if (!progress->terminal && view_done(view) != progress->shown_done)
        progress->shown_ns = 0;
    progress_show(progress, clock_mono_ns(), view);
}

void status_watch(const char *dir, bool boards)
{
    struct progress progress;
    struct view view;
    bool begun = false;

    while (journal_locked(dir) && !view_read(dir, &view, NULL)) {
        if (!begun)
            progress_begin(&progress, stdout, false, boards, 0, &view);
        begun = true;
        show(&progress, &view);
        view_free(&view);
        nanosleep(&look, NULL);
    }
    if (begun && !view_read(dir, &view, NULL)) {
        progress_end(&progress, &view);
        view_free(&view);
    }
}
