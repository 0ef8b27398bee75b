/* jout.h - writes one line of JSON into memory
 *
 * The line is shown to nobody until it is whole, so that a failure half way
 * leaves no partial JSON.  A writer that ran out of memory stays so.
 */
#ifndef RUNNER_JOUT_H
#define RUNNER_JOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/fail.h"

struct jout {
    char *text; /* zero-terminated if len > 0 */
    size_t len, room;
    bool bad; /* out of memory */
};

/* In all of these 'key' is NULL inside an array or at the top; text is taken
 * as UTF-8, bytes that are not become '?'. */

/* Open an object or an array; jout_end() closes the last one opened. */
void jout_object(struct jout *j, const char *key);
void jout_array(struct jout *j, const char *key);
/* Close what was opened with 'close', '}' or ']'. */
void jout_end(struct jout *j, char close);
/* A string, or null for NULL. */
void jout_str(struct jout *j, const char *key, const char *value);
/* A number with nine significant digits, null if it is not finite. */
void jout_f64(struct jout *j, const char *key, double value);
/* A whole number. */
void jout_i64(struct jout *j, const char *key, int64_t value);
/* true or false. */
void jout_bool(struct jout *j, const char *key, bool value);
/* null. */
void jout_null(struct jout *j, const char *key);

/* 'len' bytes of JSON that stand for themselves, a whole value. */
void jout_raw(struct jout *j, const char *key, const char *text, size_t len);

/* End the line and write it to 'fd' whole.
 *
 * Returns 0, or -1: FAIL_NOMEM, FAIL_OUTPUT.  Empties 'j' in any case. */
int jout_flush(struct jout *j, int fd, struct fail *fail);

/* Free the text; 'j' is then empty. */
void jout_clear(struct jout *j);

/* Write all 'len' bytes to 'fd'.  Returns 0, or -1: FAIL_OUTPUT. */
int jout_write_all(int fd, const void *data, size_t len, struct fail *fail);

#endif
