/* cmd_serve.c - `labrunner serve`: requests on stdin, answers on stdout */
#include "runner/command.h"

#include <unistd.h>

#include "runner/serve.h"

int exec_serve(int argc, char **argv, struct fail *fail)
{
    if (argc)
        return fail_set(fail, FAIL_USAGE, "serve takes no '%.40s'", argv[0]);
    return serve_loop(STDIN_FILENO, STDOUT_FILENO, fail);
}
