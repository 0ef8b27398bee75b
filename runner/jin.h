/* jin.h - reads one flat JSON object: a request line
 *
 * Values are strings, numbers, true, false, null, or arrays of strings;
 * nothing nests deeper.  Numbers are kept as text.
 */
#ifndef RUNNER_JIN_H
#define RUNNER_JIN_H

#include <stddef.h>

#include "runner/fail.h"

#define JIN_LINE_MAX  65536 /* bytes of a line */
#define JIN_PAIRS_MAX 64
#define JIN_ITEMS_MAX 64 /* strings of an array */

enum jin_kind {
    JIN_STRING,
    JIN_NUMBER,
    JIN_TRUE,
    JIN_FALSE,
    JIN_NULL,
    JIN_ARRAY
};

struct jin_pair {
    const char *key, *text; /* text of a string or number, else NULL */
    enum jin_kind kind;
    size_t first, items; /* of an array: at[first] ... */
};

/* A parsed line; its text lies in the line itself, which is overwritten. */
struct jin {
    struct jin_pair pair[JIN_PAIRS_MAX];
    size_t pairs;
    char *at[JIN_ITEMS_MAX]; /* the strings of all arrays */
    size_t items;
};

/* Parse 'line', zero-terminated, in place; borrowed until 'ret_jin' is no
 * longer used.  Returns 0, or -1: FAIL_USAGE (a sentence with the column). */
int jin_parse(char *line, struct jin *ret_jin, struct fail *fail);

/* The pair with this key, or NULL. */
const struct jin_pair *jin_find(const struct jin *jin, const char *key);

#endif
