/* pattern.h - a regular expression over foreign text, bounded
 *
 * PCRE2 with '^' and '$' at every line.  A pattern belongs to one thread.
 */
#ifndef WORKERS_COLLECT_PATTERN_H
#define WORKERS_COLLECT_PATTERN_H

#include <stddef.h>

#include "core/err.h"

struct pattern;

/* Where the pattern matched, and where its group 1 (without groups: all of
 * it); offsets in bytes.  group_start > group_end: group 1 took no part. */
struct pattern_match {
    size_t start, end;
    size_t group_start, group_end;
};

/* Compile.  Returns 0 and a pattern for pattern_destroy(); ERR_FORMAT with
 * PCRE2's words and the place; ERR_NOMEM. */
int pattern_compile(const char *text, struct pattern **ret_pattern,
                    struct err *err);
void pattern_destroy(struct pattern *pattern); /* NULL is fine */

/* The text it was compiled from, borrowed. */
const char *pattern_text(const struct pattern *pattern);

/* The first match at or after byte 'at' of 'text', which must be valid
 * UTF-8 (collect_clean()).  Returns 0; ERR_NOT_FOUND (quietly, 'err' is not
 * touched); ERR_FORMAT if it took more steps than are allowed. */
int pattern_next(struct pattern *pattern, const char *text, size_t len,
                 size_t at, struct pattern_match *ret_match, struct err *err);

/* Group 1 of the first match, trimmed, into 'value' of 'size' bytes (cut at
 * a whole character).  Returns as pattern_next(); ERR_FORMAT also if group 1
 * took no part. */
int pattern_first(struct pattern *pattern, const char *text, size_t len,
                  char *value, size_t size, struct err *err);

#endif
