/* options.h - command lines by rows, and help from the same rows */
#ifndef ORCHESTRATOR_CMD_OPTIONS_H
#define ORCHESTRATOR_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* { "output", 'o', "DIR", "campaign folder" }: long name, letter or 0, name
 * of its argument or NULL for a switch, one line of help.  The list ends
 * with an empty row.  --help and --json belong to every command and are not
 * listed. */
struct option_row {
    const char *name;
    char letter;
    const char *arg;
    const char *help;
};

/* The rows that belong to every command: --json and --help. */
extern const struct option_row options_common[];

struct options;

/* Parse the words after the subcommand: "--name value", "--name=value",
 * "-o value", "-ovalue", "-qj"; after "--" everything is positional.  The
 * words are borrowed.  Returns 0 and options for options_destroy();
 * ERR_USAGE with a did-you-mean; ERR_NOMEM. */
int options_parse(const struct option_row *rows, size_t argc, char **argv,
                  struct options **ret_options, struct err *err);
void options_destroy(struct options *options); /* NULL is fine */

/* True if the switch or option was given. */
bool options_has(const struct options *options, const char *name);

/* The (last) value of an option, or 'otherwise'; borrowed. */
const char *options_text(const struct options *options, const char *name,
                         const char *otherwise);

/* The i-th value of an option given several times, NULL past the end. */
const char *options_each(const struct options *options, const char *name,
                         size_t i);

/* The value as a whole number from 'low' to 'high', 'otherwise' if not
 * given.  Returns 0 or ERR_USAGE. */
int options_i64(const struct options *options, const char *name, int64_t low,
                int64_t high, int64_t otherwise, int64_t *ret_value,
                struct err *err);

/* Positional words: their number, and the i-th (NULL past the end). */
size_t options_count(const struct options *options);
const char *options_arg(const struct options *options, size_t i);

#endif
