/* command.h - a subcommand is one file and one row
 *
 * cmd_NAME.c ends with its const row; commands.def names it; help, usage
 * errors and man pages come from the row.
 */
#ifndef ORCHESTRATOR_CMD_COMMAND_H
#define ORCHESTRATOR_CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/json.h"
#include "orchestrator/cmd/exit_code.h"
#include "orchestrator/cmd/options.h"
#include "orchestrator/link/link.h"

/* What a subcommand is called with. */
struct invocation {
    const struct command *command;
    const struct options *options; /* parsed by the command's rows */
    const char *bin_dir;           /* folder of the running program */
    const char *project_dir;       /* source tree or installed data */
    struct link *link;             /* to the workers; NULL without mpirun */
};

struct command {
    const char *name;
    const char *args; /* "EXPERIMENT", "ARCHIVE...", "" */
    const char *help; /* one line */
    const char *doc;  /* paragraphs for --help and the man page, or NULL */
    size_t args_min, args_max; /* positional words, SIZE_MAX: any number */
    bool needs_mpi;            /* under mpirun, all ranks take part */
    const struct option_row *options; /* ends with an empty row */
    /* Returns an exit code; on failure that is not the code's own, 'err' is
     * filled and err_exit_code() of it is returned. */
    int (*exec)(const struct invocation *inv, struct err *err);
};

/* The i-th command of commands.def, NULL past the end; and by name. */
const struct command *command_at(size_t i);
const struct command *command_find(const char *name);

/* The nearest name to a wrong one, or NULL. */
const char *command_nearest(const char *name);

/* Print the help of one command, or of all, to standard output. */
void command_help(const struct command *command);
void command_help_all(void);

/* Write out what was printed to standard output.  Returns 0, or ERR_IO if not
 * all of it got there. */
int command_flush(struct err *err);

/* Characters that a line of standard output has; 0: it is no terminal. */
size_t command_columns(void);

/* Print {"schema": "labsweep-NAME/1", "NAME": own_value} as one line to
 * standard output; takes the value over in any case.
 * Returns 0 or ERR_NOMEM. */
int command_print_json(const struct invocation *inv,
                       struct json_value *own_value, struct err *err);

#endif
