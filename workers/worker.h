/* worker.h - one rank's lanes, and its one thread that speaks to the link */
#ifndef WORKERS_WORKER_H
#define WORKERS_WORKER_H

#include <stdbool.h>

#include "core/err.h"
#include "orchestrator/link/link.h"

struct worker_setup {
    struct link *link;       /* to the coordinator */
    const char *name;        /* host and process, for rows and messages */
    const char *site;        /* which boards its host can reach: those that
                                name this site, or none */
    const char *bin_dir;     /* folder of the labsweep program */
    const char *project_dir; /* source tree or data folder */
    const char *log_path;    /* NULL, or a file that gets one line
                                  "CELL ATTEMPT STATUS" for every result that
                                  was acknowledged (durability tests) */
    bool (*ended)(void);     /* true once the process was told to end */
};

/* Serve the coordinator until it says quit or falls silent, or ended().
 *
 * Blocks; asleep while nothing happens.  Lanes are closed before it
 * returns.  Returns 0; ERR_IO if the coordinator is gone; ERR_FORMAT if it
 * speaks another version; ERR_NOMEM.
 */
int worker_run(const struct worker_setup *setup, struct err *err);

#endif
