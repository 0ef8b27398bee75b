/* control.h - what people ask of a sweep by a file in its campaign
 *
 * DIR/control, JSON, replaced as a whole: the state that is wished, so that
 * it also holds for the next session.  The coordinator looks at the file's
 * time twice a second and reads it when that changed.
 */
#ifndef ORCHESTRATOR_CONTROL_H
#define ORCHESTRATOR_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/vec.h"

#define CONTROL_NAME      "control"
#define CONTROL_BOARD_MAX 192

struct control_board {
    char name[CONTROL_BOARD_MAX];
    bool drained;
    int64_t released; /* how often: each time is a wish of its own */
};

struct control {
    bool paused;
    VEC(struct control_board) boards;
};

/* Read DIR/control; without one nothing is wished.  Returns 0 and a control
 * for control_free(); ERR_FORMAT, ERR_IO, ERR_NOMEM. */
int control_read(const char *dir, struct control *ret_control, struct err *err);
void control_free(struct control *control);

/* Replace DIR/control.  Returns 0, ERR_IO, ERR_NOMEM. */
int control_write(const char *dir, const struct control *control,
                  struct err *err);

/* The board's entry, added if there is none; NULL without memory. */
struct control_board *control_board(struct control *control, const char *name);

/* Changes whenever DIR/control is replaced; 0 if there is none. */
uint64_t control_stamp(const char *dir);

#endif
