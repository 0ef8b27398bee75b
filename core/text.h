/* text.h - words: near misses, numbers without mercy, quoting for a shell */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"

/* Whether two texts are equal; labels of one table mostly are one text. */
static inline bool text_equal(const char *a, const char *b)
{
    return a == b || !strcmp(a, b);
}

/* The word of 'words' (ends with NULL) nearest to 'word', if it is near
 * enough to be what was meant; else NULL.  Edit distance with swaps
 * (Damerau 1964), at most a third of the length. */
const char *text_nearest(const char *word, const char *const *words);

/* The whole of 'text' as a finite decimal number, '.' in every locale.
 * False if anything else is in it. */
bool text_to_f64(const char *text, double *ret_value);
bool text_to_i64(const char *text, int64_t *ret_value);

/* Append 'word' so that a POSIX shell reads exactly it: 'it'\''s'. */
void text_quote_shell(struct buf *out, const char *word);

/* Append 'len' bytes of foreign text as valid UTF-8: control characters
 * but tab and newline, and bytes that are no UTF-8, become U+FFFD. */
void text_clean_utf8(struct buf *out, const void *data, size_t len);

#endif
