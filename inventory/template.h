/* template.h - texts with {names} in them, filled in
 *
 * {{ and }} are literal braces; a name is letters, digits, '_', '.' and '-'.
 * {!name} is put in as it is also where {name} is quoted for a shell: for
 * values that are commands themselves.
 */
#ifndef INVENTORY_TEMPLATE_H
#define INVENTORY_TEMPLATE_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/err.h"

enum template_quote {
    TEMPLATE_RAW,   /* paths, JSON strings, patterns */
    TEMPLATE_SHELL, /* commands: every value is one word of a POSIX shell */
};

/* Where values come from.  'find' returns the text of a name, borrowed until
 * the next call, or NULL; 'at' the i-th known name, or NULL beyond the last
 * (for near misses). */
struct template_names {
    const char *(*find)(const void *ctx, const char *name);
    const char *(*at)(const void *ctx, size_t i);
    const void *ctx;
};

/* Append 'text' with its names filled in.  Returns 0; ERR_FORMAT (unknown
 * name with a near miss, lone brace, text beyond 64 KiB), ERR_NOMEM. */
int template_expand(const char *text, enum template_quote quote,
                    const struct template_names *names, struct buf *out,
                    struct err *err);

/* Call 'each' for every name in 'text', once an occurrence; stops at the
 * first that returns non-zero and returns that.  ERR_FORMAT as above. */
int template_walk(const char *text,
                  int (*each)(void *ctx, const char *name, struct err *err),
                  void *ctx, struct err *err);

/* True if 'text' is "{name}" and nothing else; copies the name (at most 63
 * bytes). */
bool template_is_name(const char *text, char name[64]);

#endif
