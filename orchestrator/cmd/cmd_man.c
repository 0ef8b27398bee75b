/* cmd_man.c - manual pages from the rows that help is made of */
#include <stdio.h>
#include <string.h>

#include "orchestrator/cmd/command.h"

/* Text for roff: backslashes and leading dots lose their meaning. */
static void put(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\\')
            fputs("\\e", stdout);
        else if (*p == '-')
            fputs("\\-", stdout);
        else if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
            printf("\\&%c", *p);
        else
            putchar(*p);
    }
}

static void put_option(const struct option_row *row)
{
    printf(".It Fl ");
    if (row->letter)
        printf("%c , ", row->letter);
    printf("\\-%s", row->name);
    if (row->arg)
        printf(" Ar %s", row->arg);
    printf("\n");
    put(row->help);
    printf(".\n");
}

static void put_options(const struct option_row *rows)
{
    printf(".Bl -tag -width Ds\n");
    for (; rows && rows->name; rows++)
        put_option(rows);
    for (const struct option_row *row = options_common; row->name; row++)
        put_option(row);
    printf(".El\n");
}

static void put_command(const struct command *command)
{
    printf(".Ss labsweep %s %s\n", command->name, command->args);
    put(command->help);
    printf(".\n");
    if (command->doc) {
        printf(".Pp\n");
        put(command->doc);
        printf("\n");
    }
    put_options(command->options);
}

static const char exit_codes[] =
    ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n"
    ".It 0\nall planned cells are ok\n"
    ".It 1\nsome cells failed, the archive is whole\n"
    ".It 2\nwrong words, or a file not of its form\n"
    ".It 3\nnothing could run\n"
    ".It 4\narchive, disk or workers failed\n"
    ".It 124\na time limit ended it\n"
    ".It 130\n^C ended it\n.El\n";

static int man_exec(const struct invocation *inv, struct err *err)
{
    const struct command *command;

    (void)inv;
    (void)err;
    printf(".Dd $Mdocdate$\n.Dt LABSWEEP 1\n.Os\n.Sh NAME\n.Nm labsweep\n"
           ".Nd run a benchmark matrix over a lab of boards\n"
           ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n"
           ".Sh COMMANDS\n");
    for (size_t i = 0; (command = command_at(i)); i++)
        put_command(command);
    fputs(exit_codes, stdout);
    return 0;
}

const struct command cmd_man = {
    .name = "man",
    .args = "",
    .help = "print the manual page, for man(1)",
    .doc = "labsweep man > labsweep.1; man ./labsweep.1",
    .args_min = 0,
    .args_max = 0,
    .exec = man_exec,
};
