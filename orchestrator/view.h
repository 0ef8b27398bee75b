/* view.h - how far a sweep has come, for people: here and elsewhere
 *
 * The coordinator takes a view, draws it, and leaves it as DIR/progress.json
 * (no fsync: it is worth nothing after a crash), which `labsweep status
 * --watch` draws with the same functions.
 */
#ifndef ORCHESTRATOR_VIEW_H
#define ORCHESTRATOR_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/vec.h"
#include "orchestrator/sched/sched.h"

#define VIEW_NAME "progress.json"

struct view_board {
    char name[96];
    char state[16];   /* board_state_word() */
    char hold[24];    /* "", "drained", "out of hours" */
    char cell[160];   /* label of what runs, "" if nothing does */
    char reason[256]; /* of its last failure */
    double since_s;   /* it has run for so long */
    size_t ok, failed;
};

struct view {
    struct sched_counts counts;
    double spent_s;
    VEC(struct view_board) boards;
};

/* Free the list of boards. */
void view_free(struct view *view);

/* Replace DIR/progress.json.  Returns 0, ERR_IO, ERR_NOMEM. */
int view_write(const char *dir, const struct view *view, struct err *err);

/* Read it.  Returns 0 and a view for view_free(); ERR_NOT_FOUND, ERR_IO,
 * ERR_FORMAT, ERR_NOMEM. */
int view_read(const char *dir, struct view *ret_view, struct err *err);

/* Append the bar, or the same as words, or the line of a board; no newline. */
void view_put_bar(const struct view *view, struct buf *out);
void view_put_words(const struct view *view, struct buf *out);
void view_put_board(const struct view_board *board, struct buf *out);

/* Cells that have ended, and cells that are to, in this session. */
size_t view_done(const struct view *view);
size_t view_work(const struct view *view);

#endif
