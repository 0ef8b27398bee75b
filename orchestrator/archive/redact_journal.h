/* redact_journal.h - a campaign copied, with or without its secrets */
#ifndef ORCHESTRATOR_ARCHIVE_REDACT_JOURNAL_H
#define ORCHESTRATOR_ARCHIVE_REDACT_JOURNAL_H

#include <stdbool.h>

#include "core/err.h"

/* Copy the journal of 'dir', up to its last whole record, into a new one in
 * the existing folder 'to', which ends clean.  With 'redact', hosts, users,
 * addresses, paths, key names and serial numbers are replaced in every text of
 * it: documents, plan, facts, results, raw output, notes.  Numbers, samples
 * and ids of cells stand.  Returns 0; as campaign_replay() and
 * journal_create(); ERR_FORMAT if a secret is a word without which the
 * documents cannot be read. */
int campaign_copy(const char *dir, const char *to, bool redact,
                  struct err *err);

#endif
