/* options.h - a command's options as rows: parsed, and shown, from one table
 */
#ifndef RUNNER_OPTIONS_H
#define RUNNER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/fail.h"

enum option_kind {
    OPTION_FLAG,  /* bool, takes no value */
    OPTION_TEXT,  /* const char *, borrowed from argv */
    OPTION_COUNT, /* uint64_t, from 'low' to 'high' */
    OPTION_SPAN,  /* double, seconds, from 'low' to 'high' */
    OPTION_LIST,  /* struct option_list, may come several times */
};

#define OPTION_LIST_MAX 32

struct option_list {
    const char *at[OPTION_LIST_MAX];
    size_t len;
};

struct option {
    const char *name; /* without the dashes; NULL ends the table */
    enum option_kind kind;
    size_t offset; /* of the field in the command's own struct */
    double low, high;
    const char *value, *help; /* as --help shows them */
};

/* Set the fields of 'into' from argv[0..argc-1].
 *
 * Options start with "--"; a value follows as the next word or after '='.
 * Words without dashes go to 'words', which holds at most OPTION_LIST_MAX;
 * with words NULL they are errors.  Returns 0, or -1: FAIL_USAGE. */
int options_take(const struct option *table, int argc, char **argv, void *into,
                 struct option_list *words, struct fail *fail);

/* Print the table, one row a line, to stdout. */
void options_print(const struct option *table);

#endif
