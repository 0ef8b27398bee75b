/* redact_forms.h - what a secret looks like; for redact.c */
#ifndef ORCHESTRATOR_ARCHIVE_REDACT_FORMS_H
#define ORCHESTRATOR_ARCHIVE_REDACT_FORMS_H

#include <stdbool.h>
#include <stddef.h>

#include "orchestrator/archive/redact.h"

/* A place in a text: 'skip' bytes to keep, then 'len' bytes of a secret. */
struct redact_span {
    size_t skip, len;
    enum redact_kind kind;
};

/* True for a letter, a digit or '_'. */
bool redact_word_char(char c);

/* Whether something of a known form begins at 'at', where no word char
 * stands before. */
bool redact_form_find(const char *text, size_t len, size_t at,
                      struct redact_span *ret_span);

#endif
