/* merge_documents.h - documents of several campaigns as one; for merge.c */
#ifndef ORCHESTRATOR_ARCHIVE_MERGE_DOCUMENTS_H
#define ORCHESTRATOR_ARCHIVE_MERGE_DOCUMENTS_H

#include "core/buf.h"
#include "core/err.h"
#include "inventory/documents.h"
#include "orchestrator/archive/campaign.h"

struct merge_part {
    struct campaign *campaign;
    struct documents documents;
};

/* What has a name in several campaigns, and what it was first. */
struct merge_names;
struct merge_names *merge_names_create(void);
void merge_names_destroy(struct merge_names *names); /* NULL is fine */

/* Append the documents of a merged campaign to 'out': platforms, boards,
 * topologies, data sets and adapters of all, an experiment without points.
 * A name that stands for another thing is a line in 'conflicts', and the
 * first one holds.  Returns 0, ERR_FORMAT, ERR_NOMEM. */
int merge_documents(const struct merge_part *parts, size_t len,
                    struct merge_names *names, struct buf *conflicts,
                    struct buf *out, struct err *err);

/* Compare digests of models and data sets over the accepted results.  Returns
 * as cell_result_read(). */
int merge_digests(const struct merge_part *parts, size_t len,
                  struct merge_names *names, struct buf *conflicts,
                  struct err *err);

#endif
