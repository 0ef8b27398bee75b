/* redact_campaign.h - the secrets of a campaign, learned from its journal */
#ifndef ORCHESTRATOR_ARCHIVE_REDACT_CAMPAIGN_H
#define ORCHESTRATOR_ARCHIVE_REDACT_CAMPAIGN_H

#include "core/err.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/redact.h"

/* Add hosts, users, addresses, keys and serial numbers that the inventories,
 * the facts of boards, the workers' names and the identities of attempts say;
 * and those of
 * this machine and user; the campaign's UUID is kept.  Reads the journal once.  Returns 0; as
 * journal_walk(). */
int redact_campaign(struct redact *redact, const struct campaign *campaign,
                    struct err *err);

#endif
