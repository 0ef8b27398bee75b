/* child.h - a program beside the sweep, which the sweep's signals spare */
#ifndef ORCHESTRATOR_CHILD_H
#define ORCHESTRATOR_CHILD_H

#include <sys/types.h>

/* Start 'argv[0]', a path, with environment 'env'.  It has a process group
 * of its own, for mpirun sends what the user signals to the ranks' whole
 * groups; no standard input; and what it says goes to standard error, for
 * standard output is for the sweep's result.  Does not wait.  Returns 0 and
 * the process, to be reaped; else an errno. */
int child_start(char *const *argv, char *const *env, pid_t *ret_child);

#endif
