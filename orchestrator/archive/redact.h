/* redact.h - texts without what belongs to people and their network
 *
 * Known secrets are added with their kind; others are found by form (paths,
 * addresses, user@host, serial numbers).  Each becomes a word such as
 * "host-2", the same one wherever it stands, so that boards can still be
 * told apart.
 */
#ifndef ORCHESTRATOR_ARCHIVE_REDACT_H
#define ORCHESTRATOR_ARCHIVE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"

enum redact_kind {
    REDACT_HOST,
    REDACT_USER,
    REDACT_ADDRESS,
    REDACT_PATH,
    REDACT_KEY,
    REDACT_SERIAL,
    REDACT_KINDS
};

struct redact;

/* Nothing known yet.  NULL if there is no memory. */
struct redact *redact_create(void);
void redact_destroy(struct redact *redact); /* NULL is fine */

/* From now on 'text' is a secret ("" is none; a single character is one only
 * as the whole of a text).  Returns 0 or ERR_NOMEM. */
int redact_add(struct redact *redact, enum redact_kind kind, const char *text,
               struct err *err);

/* Never touch 'text' (it only looks like a secret).  Returns 0 or
 * ERR_NOMEM. */
int redact_keep(struct redact *redact, const char *text, struct err *err);

/* Append 'text' with every secret replaced; a secret is one where no letter,
 * digit or '_' stands before or behind it.  Returns 0 or ERR_NOMEM. */
int redact_text(struct redact *redact, const char *text, size_t len,
                struct buf *out, struct err *err);

/* A JSON value with its texts replaced, those that are JSON themselves
 * inside; keys and words of the form ("transport", "driver", ...) stand.
 * Returns it for json_value_destroy(); NULL without memory. */
struct json_value *redact_json(struct redact *redact, const struct json *at);

/* Learn the secrets that a JSON value names by its keys ("host", "user",
 * "serial", ...), at any depth.  Returns 0 or ERR_NOMEM. */
int redact_learn_json(struct redact *redact, const struct json *at,
                      struct err *err);

#endif
