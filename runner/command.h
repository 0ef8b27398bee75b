/* command.h - what a labrunner command is */
#ifndef RUNNER_COMMAND_H
#define RUNNER_COMMAND_H

#include "runner/fail.h"
#include "runner/options.h"

struct command {
    const char *name, *args, *help;
    const struct option *options; /* for --help; may be NULL */
    /* Run with the words after the command's name.  Returns 0 when all was
     * answered on stdout, or -1. */
    int (*exec)(int argc, char **argv, struct fail *fail);
};

/* Find a command by name; NULL if there is none. */
const struct command *command_named(const char *name);

/* Print a command's usage and options to stdout. */
void command_print(const struct command *command);

/* The execs, one file each: cmd_NAME.c. */
int exec_run(int argc, char **argv, struct fail *fail);
/* Answers requests on stdin until it ends. */
int exec_serve(int argc, char **argv, struct fail *fail);
/* Streams power samples until stdin ends or SIGTERM. */
int exec_power(int argc, char **argv, struct fail *fail);
/* Prints the SHA-256 of files. */
int exec_sha256(int argc, char **argv, struct fail *fail);
/* The rows of `labrunner info`. */
extern const struct option info_option_table[];

/* Describes the board. */
int exec_info(int argc, char **argv, struct fail *fail);
/* Measures the board's ceilings. */
int exec_roofline(int argc, char **argv, struct fail *fail);

#endif
