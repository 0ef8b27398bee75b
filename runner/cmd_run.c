/* cmd_run.c - `labrunner run`: one op point, one JSON line */
#include "runner/command.h"

#include <unistd.h>

#include "runner/run.h"

int exec_run(int argc, char **argv, struct fail *fail)
{
    struct run_loaded loaded = { 0 };
    struct run_options options;
    struct jout j = { 0 };
    int rc = run_options_parse(argc, argv, &options, fail);

    if (rc)
        return rc;
    if (options.help) {
        command_print(command_named("run"));
        return 0;
    }
    rc = run_load(&options, &loaded, fail);
    if (!rc)
        rc = run_measure(&options, &loaded, &j, fail);
    if (!rc)
        rc = jout_flush(&j, STDOUT_FILENO, fail);
    jout_clear(&j);
    run_unload(&loaded);
    return rc;
}
