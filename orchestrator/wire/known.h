/* known.h - what a campaign knows of a board, to be made once
 *
 * An accuracy is made once for (board, op mode, tool version, model, data
 * set), base power once for a board: the attempt that made one says so in its
 * row (accuracy_cell, accuracy_attempt; power_base_cell, power_base_attempt),
 * and so does every later one that took it over.  The coordinator learns from
 * the rows, replayed or heard; a lane is told when it opens.  Pure.
 */
#ifndef ORCHESTRATOR_WIRE_KNOWN_H
#define ORCHESTRATOR_WIRE_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/vec.h"
#include "hdf5_schema/columns.h"
#include "orchestrator/wire/result.h"

/* One thing, made by an attempt; for known.c alone. */
struct known_item {
    char *name; /* accuracy_key, or "" of base power; owned */
    int64_t provenance;
    int64_t cell, attempt;
    struct buf rows; /* records of the attempt and, of base, its meters */
};

/* All of one board; for known.c alone. */
struct known_board {
    char *name; /* owned */
    VEC(struct known_item) items;
};

/* What is known of all boards; zeroed is empty. */
struct known {
    VEC(struct known_board) boards; /* by name */
};

/* Free all and leave it empty. */
void known_free(struct known *known);

/* Learn from an attempt: 'layouts' are those of its bytes at 'cur', which
 * stands before the result (result.h).  What is newer replaces; bytes that
 * are not of the form teach nothing.  Returns 0, ERR_NOMEM. */
int known_learn(struct known *known, const struct result_layouts *layouts,
                struct cursor cur, struct err *err);

/* The same where the attempt's row was read from these bytes before. */
int known_learn_row(struct known *known, const struct result_layouts *layouts,
                    struct cursor cur, const struct attempt_row *row,
                    struct err *err);

/* The cell's results are withdrawn, and what its attempts made with them. */
void known_forget(struct known *known, uint64_t cell);

/* Add all of 'from'.  Returns 0, ERR_NOMEM. */
int known_copy(struct known *known, const struct known *from, struct err *err);

/* Append what is known of a board from attempts of that provenance: u32
 * count and attempts' rows, one for each accuracy; u32 count, 0 or 1, of base
 * power: an attempt's row, u32 count and its meters' rows. */
void known_encode(const struct known *known, const char *board,
                  int64_t provenance, struct buf *out);

/* The same at its reader. */
struct known_facts {
    VEC(struct attempt_row) accuracies;
    VEC(struct power_row) base; /* of meters that have one */
    struct attempt_row base_of; /* says which board and which attempt */
};

/* Read what known_encode() wrote, written by our own column lists.  Returns
 * 0 and facts for known_facts_free(); ERR_FORMAT, ERR_NOMEM. */
int known_decode(const void *data, size_t len, struct known_facts *ret_facts,
                 struct err *err);
/* Free the lists.  NULL is fine. */
void known_facts_free(struct known_facts *facts);

#endif
