/* launch.h - one mpirun, started and watched */
#ifndef ORCHESTRATOR_CMD_LAUNCH_H
#define ORCHESTRATOR_CMD_LAUNCH_H

#include "core/err.h"

/* What the ranks of one mpirun are watched by: two files of this process. */
struct launch {
    char exit_file[64];  /* the coordinator's exit code, once it has one */
    char alive_file[64]; /* locked by the coordinator while it lives */
    int alive_fd;
};

/* Make the files, and put what the ranks must know into the environment.
 * Returns 0, ERR_IO. */
int launch_open(struct launch *launch, struct err *err);
void launch_close(struct launch *launch);

/* Run mpirun with these words (NULL ends them) in a process group of its own
 * until it has ended.  The first SIGINT or SIGTERM asks the sweep to finish,
 * the second ends it.  mpirun is ended if the coordinator has died, or has
 * left its exit code long ago.  Returns the sweep's exit code; ERR_IO with
 * what happened if there is none: a crash. */
int launch_run(struct launch *launch, char *const *words, struct err *err);

#endif
