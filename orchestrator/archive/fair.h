/* fair.h - a campaign as a bundle that others can find, cite and reuse
 *
 * A folder: journal and archive.h5 (so that it is a campaign itself), tables
 * as CSV with their columns described, CITATION.cff (1.2.0), Dublin Core
 * (oai_dc), DataCite (4.5), an RO-Crate (1.1), and SHA256SUMS over all.
 */
#ifndef ORCHESTRATOR_ARCHIVE_FAIR_H
#define ORCHESTRATOR_ARCHIVE_FAIR_H

#include <stdbool.h>

#include "core/err.h"

/* Write the bundle of campaign 'dir' into the folder 'to', which is made.
 * With 'redact' as campaign_copy().  Uses HDF5: not for a process that must
 * survive it.  Returns 0; ERR_NOT_FOUND if 'dir' has no journal;
 * ERR_REFUSED if 'to' holds a campaign; ERR_FORMAT, ERR_IO, ERR_NOMEM. */
int fair_export(const char *dir, const char *to, bool redact, struct err *err);

#endif
