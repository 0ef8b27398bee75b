/* clean.h - what a tool printed, as plain UTF-8 lines */
#ifndef WORKERS_COLLECT_CLEAN_H
#define WORKERS_COLLECT_CLEAN_H

#include <stddef.h>

#include "core/buf.h"

/* Append 'len' bytes of output as text that patterns can be tried on:
 * carriage returns become line ends (once before a newline), terminal
 * control sequences (ECMA-48 CSI, colours and the like) vanish, the rest as
 * text_clean_utf8(). */
void collect_clean(struct buf *out, const void *data, size_t len);

/* The last 'max' bytes of cleaned text as one line for a sentence: line ends
 * become "; ", blanks at both ends vanish.  'line' has 'size' bytes.
 * Returns 'line', "" if there is nothing but blanks. */
char *collect_last_words(const void *data, size_t len, char *line, size_t size);

#endif
