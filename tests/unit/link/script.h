/* script.h - one conversation that every link must carry */
#ifndef TESTS_UNIT_LINK_SCRIPT_H
#define TESTS_UNIT_LINK_SCRIPT_H

#include "orchestrator/link/link.h"

#define SCRIPT_FRAMES 200

/* The coordinator's half: greet every peer with frames of growing size (up
 * to some MB), expect each back reversed, in order.  Returns 0, or the
 * number of the first wrong step. */
int script_coordinator(struct link *link);

/* The worker's half: send back every frame, reversed, until an empty one. */
int script_worker(struct link *link);

#endif
