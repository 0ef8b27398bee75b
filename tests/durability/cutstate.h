/* cutstate.h - a folder as a power cut may leave it
 *
 * Covered by a completed sync: there.  Not covered: nothing of it, an ordered
 * prefix of it, every 512-byte sector at a version of its own, the file's size
 * ahead of its data, or all.  Creations, renames and removals happen in order
 * and are durable up to the last sync of the folder, and some way beyond.
 */
#ifndef TESTS_DURABILITY_CUTSTATE_H
#define TESTS_DURABILITY_CUTSTATE_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "tests/durability/iolog.h"

#define CUTSTATE_NAMES 64

struct cutstate {
    struct buf content[IOLOG_FILES]; /* of each file */
    char names[CUTSTATE_NAMES][IOLOG_NAME];
    int files[CUTSTATE_NAMES]; /* that a name stands for */
    size_t names_len;
    uint64_t acked; /* bytes of the journal that were acknowledged */
    int published;  /* the archive that was reported, -1: none */
};

/* The state after event 'cut' (exclusive), as 'random' says; for
 * cutstate_free(). */
void cutstate_make(size_t cut, uint64_t *random, struct cutstate *ret_state);
void cutstate_free(struct cutstate *state);

/* The file of a name, -1 if there is none. */
int cutstate_find(const struct cutstate *state, const char *name);

#endif
