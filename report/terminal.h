/* terminal.h - a sheet as an aligned table for a terminal */
#ifndef REPORT_TERMINAL_H
#define REPORT_TERMINAL_H

#include "core/buf.h"
#include "core/err.h"
#include "report/sheet.h"

/* Append 'sheet' as text: a head, a rule, a line a row; numbers right, words
 * left, UTF-8 counted by characters.  Columns without a head, and those that
 * every row misses, are left out; a word that all rows share is said once
 * above the table.  'width' is how many characters a line has, 0 if that does
 * not matter: in a narrower one the last column's words go on below, or the
 * columns come in blocks.  Control characters become '?'.  Returns 0 or
 * ERR_NOMEM. */
int terminal_print(const struct sheet *sheet, size_t width, struct buf *out,
                   struct err *err);

#endif
