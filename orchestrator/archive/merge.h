/* merge.h - several campaigns as one */
#ifndef ORCHESTRATOR_ARCHIVE_MERGE_H
#define ORCHESTRATOR_ARCHIVE_MERGE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/* Make a campaign in the new folder 'to' of those in 'dirs': every cell, every
 * attempt, samples and raw output, facts and notes; two axes say campaign and
 * lab of each row, so equal cells stay separate observations.
 *
 * What is called the same and is not the same (a platform's peaks, a topology,
 * an adapter, a board, digests of a model or a data set) is a conflict: a
 * sentence a line in 'conflicts'.  Then nothing is made, unless 'keep': the
 * first one's documents hold, and the conflicts become notes.
 * Returns 0; ERR_REFUSED if there are conflicts; ERR_FORMAT if axes do not fit
 * or a campaign is there twice; as campaign_replay() and campaign_begin(). */
int campaigns_merge(const char *const *dirs, size_t len, const char *to,
                    bool keep, struct buf *conflicts, struct err *err);

#endif
