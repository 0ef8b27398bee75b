/* fingerprint.h - what an offline result depends on, as one digest */
#ifndef ORCHESTRATOR_FINGERPRINT_H
#define ORCHESTRATOR_FINGERPRINT_H

#include "core/err.h"
#include "core/hash.h"
#include "inventory/documents.h"
#include "orchestrator/sched/plan.h"

struct fingerprints;

/* Remembers digests of files it has read.  'documents' is borrowed; the
 * folders are those of scope.h.  NULL if there is no memory. */
struct fingerprints *fingerprints_create(const struct documents *documents,
                                         const char *bin_dir,
                                         const char *project_dir);
void fingerprints_destroy(struct fingerprints *prints); /* NULL is fine */

/* SHA-256 over the adapter's digest and, for every file that it stages for
 * this cell on this board (runner, model, data set), its name and digest.
 * Reads each file once.  A file that is missing counts as missing: the lane
 * will say so.  Returns 0, ERR_FORMAT (a template), ERR_IO, ERR_NOMEM. */
int fingerprint_of(struct fingerprints *prints, const struct board *board,
                   const struct op_point *point, char hex[HASH_HEX],
                   struct err *err);

#endif
