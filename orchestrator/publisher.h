/* publisher.h - archive.h5 is made by a process of its own
 *
 * HDF5 was seen to crash in its exit handlers on a full disk; a child's
 * death cannot hurt the sweep.
 */
#ifndef ORCHESTRATOR_PUBLISHER_H
#define ORCHESTRATOR_PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/err.h"

struct publisher {
    const char *dir;            /* of the campaign */
    const char *bin_dir;        /* where the labsweep program lies */
    uint64_t published_size;    /* of the journal when the last one began */
    pid_t child;                /* 0: none */
    int64_t began_ns, ended_ns; /* of the last one */
};

/* Begin `labsweep archive publish DIR` unless one runs already.  Returns 0
 * or ERR_IO. */
int publisher_start(struct publisher *publisher, uint64_t journal_size,
                    struct err *err);

/* True if the journal grew by half, and a megabyte, since the last time, and
 * publishing has taken less than a tenth of the time since. */
bool publisher_due(const struct publisher *publisher, uint64_t journal_size);

/* Look, or with 'wait' wait, for the child's end.  Returns 0; ERR_IO with
 * what became of it if it failed. */
int publisher_reap(struct publisher *publisher, bool wait, struct err *err);

#endif
