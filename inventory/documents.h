/* documents.h - experiment, inventory and adapters as one thing to keep
 *
 * What a journal embeds: made from files once, written as one JSON object,
 * parsed again from it without a file.
 */
#ifndef INVENTORY_DOCUMENTS_H
#define INVENTORY_DOCUMENTS_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "experiments/experiment.h"
#include "inventory/inventory.h"

struct documents {
    struct texts *texts;
    struct experiment *experiment;
    struct inventory *inventory;
};

/* Read both files and all they name.  Returns 0 and fills 'ret_documents',
 * for documents_close(); ERR_NOT_FOUND, ERR_IO, ERR_FORMAT, ERR_NOMEM. */
int documents_load(const char *experiment_path, const char *inventory_path,
                   struct documents *ret_documents, struct err *err);

/* The same where a path may be NULL: that part is then taken from 'held'.
 * Returns as documents_load(). */
int documents_load_over(const struct documents *held,
                        const char *experiment_path, const char *inventory_path,
                        struct documents *ret_documents, struct err *err);

/* Append one JSON object on one line.  Returns 0 or ERR_NOMEM. */
int documents_to_json(const struct documents *documents, struct buf *out,
                      struct err *err);

/* From what documents_to_json() wrote; reads no file.  Returns as
 * documents_load(). */
int documents_from_json(const char *text, size_t len,
                        struct documents *ret_documents, struct err *err);

/* Free what it holds and leave it empty. */
void documents_close(struct documents *documents);

#endif
