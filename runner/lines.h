/* lines.h - a command that prints numbers line by line, as binary records
 *
 * The same stream as power.h's; a record's time is when its last line came.
 */
#ifndef RUNNER_LINES_H
#define RUNNER_LINES_H

#include <regex.h>

#include "runner/power.h"

#define LINES_LINE_MAX 4096 /* bytes of a line that are looked at */

/* Patterns, and what they found since the last record. */
struct lines {
    const struct power_source *sources;
    size_t count;
    regex_t regex[POWER_SOURCES_MAX];
    size_t compiled;
    double values[POWER_SOURCES_MAX]; /* scaled; NaN: not yet */
};

/* Compile the sources' patterns (POSIX extended); the last group of each is
 * its number.  Free with lines_free() in any case.  Returns 0, or -1:
 * FAIL_USAGE. */
int lines_compile(const struct power_source *sources, size_t count,
                  struct lines *ret_lines, struct fail *fail);
void lines_free(struct lines *lines);

/* Look at one line.  A value that comes again before all others have come
 * closes a record without them.  Calls 'each' for each whole record.
 * Returns 0 or what 'each' returns. */
int lines_take(struct lines *lines, const char *line,
               int (*each)(void *ctx, const double *values), void *ctx);

/* Start 'command' by the shell and write head and records to 'out' until
 * 'in' ends or a signal comes (then it and its children are ended).
 * Returns 0, or -1: FAIL_OUTPUT, FAIL_CHILD (it ended by itself). */
int lines_stream(struct lines *lines, const char *command, int in, int out,
                 struct fail *fail);

#endif
