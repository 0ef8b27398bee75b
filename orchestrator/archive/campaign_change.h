/* campaign_change.h - what a person adds to a campaign that stands still:
 * an amended plan, a withdrawal, a note
 *
 * Each is one record of the journal, synced, and taken into the state.
 */
#ifndef ORCHESTRATOR_ARCHIVE_CAMPAIGN_CHANGE_H
#define ORCHESTRATOR_ARCHIVE_CAMPAIGN_CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/journal.h"

/* Both are those of campaign_continue().  Each returns 0; ERR_IO, which is
 * final for the journal; ERR_USAGE if the record were too long; ERR_NOMEM. */

/* The plan grew: 'plan' is an amended one, which keeps the rows of the
 * campaign's and drops 'retired' of them; 'documents_json' is what it was
 * made of. */
int campaign_amend(struct campaign *campaign, struct journal *journal,
                   const struct plan *plan, const uint64_t *retired,
                   size_t retired_len, const char *documents_json,
                   size_t documents_len, struct err *err);

/* Withdraw the accepted results of 'cells': they stay in /attempts, leave
 * /cells and with it every statistic, and resume measures them again. */
int campaign_withdraw(struct campaign *campaign, struct journal *journal,
                      const uint64_t *cells, size_t cells_len,
                      const char *reason, struct err *err);

/* Keep a sentence, at most RECORDS_REASON_MAX bytes with its zero. */
int campaign_note(struct campaign *campaign, struct journal *journal,
                  const char *text, struct err *err);

#endif
