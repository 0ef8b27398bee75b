/* literal.h - Python literals, rewritten as JSON
 *
 * What str(dict) and repr() print: dictionaries, lists, tuples, strings,
 * numbers, True, False, None, and calls of one value as NumPy prints them,
 * "np.float64(1.5)".  nan and inf become null: they are no readings.
 * https://docs.python.org/3/reference/expressions.html#displays-for-lists-sets-and-dictionaries
 */
#ifndef WORKERS_COLLECT_LITERAL_H
#define WORKERS_COLLECT_LITERAL_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/* Append the value at byte 'at' of 'text' as JSON; ret_end is where it
 * ends.  Returns 0; ERR_FORMAT with the place (and 'out' as it was);
 * ERR_NOMEM. */
int literal_to_json(const char *text, size_t len, size_t at, struct buf *out,
                    size_t *ret_end, struct err *err);

/* Append 'len' bytes as a JSON string, quotes included. */
void literal_put_string(struct buf *out, const char *text, size_t len);

#endif
