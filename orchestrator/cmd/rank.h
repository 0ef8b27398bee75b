/* rank.h - what a worker's rank does */
#ifndef ORCHESTRATOR_CMD_RANK_H
#define ORCHESTRATOR_CMD_RANK_H

#include "orchestrator/link/link.h"

/* Serve the coordinator at the other end of 'link' until it says quit; logs
 * what goes wrong.  'rank' is for the name only; 'site' is announced, NULL:
 * the host's name.  Honours
 * LABSWEEP_WORKER_LOG, a folder that gets one file a worker of acknowledged
 * results.  Returns 0, or 1 if it ended early. */
int rank_serve(struct link *link, int rank, const char *site);

#endif
