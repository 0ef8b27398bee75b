/* form.h - how a tool wrote its values down, turned into JSON
 *
 * Paths are tried on JSON; what is written in another form is rewritten as
 * JSON first, so that one kind of path serves all.
 */
#ifndef WORKERS_COLLECT_FORM_H
#define WORKERS_COLLECT_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "inventory/adapter.h"

/* The value that 'text' holds in a form:
 *
 * json    the last JSON object (or array), among other lines
 * lines   JSON objects, one a line; the last, or an array of all
 * python  Python dictionaries (literal.h); the last, or an array of all
 * table   a line of names and the lines of as many cells under it, cut at
 *         commas; an array of objects of strings
 *
 * Returns 0 and a document for json_doc_destroy(); ERR_NOT_FOUND with a
 * sentence that says what is there instead; ERR_NOMEM. */
int form_read(enum adapter_form form, const char *text, size_t len, bool array,
              struct json_doc **ret_doc, struct err *err);

#endif
