/* main.c - labrunner: finds the command, prints the error, sets the exit code
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "runner/command.h"

int main(int argc, char **argv)
{
    struct fail fail = { .code = FAIL_INTERNAL, .text = "unknown failure" };
    const struct command *command;
    int rc;

    signal(SIGPIPE, SIG_IGN);
    command = argc > 1 ? command_named(argv[1]) : command_named("--help");
    if (!command)
        rc =
            fail_set(&fail, FAIL_USAGE,
                     "'%.40s' is not a command, see labrunner --help", argv[1]);
    else
        rc = command->exec(argc > 2 ? argc - 2 : 0, argv + 2, &fail);
    if (fflush(stdout) && !rc)
        rc = fail_set_errno(&fail, FAIL_OUTPUT, "cannot write the answer");
    if (!rc)
        return 0;
    fprintf(stderr, "labrunner: %s\n", fail.text);
    return (int)fail.code;
}
