/* cmd_sha256.c - `labrunner sha256 FILE...`: as sha256sum prints it */
#include "runner/command.h"

#include <stdio.h>

#include "runner/sha256.h"

int exec_sha256(int argc, char **argv, struct fail *fail)
{
    char hex[SHA256_HEX];

    if (argc == 0)
        return fail_set(fail, FAIL_USAGE, "sha256 needs a file");
    for (int i = 0; i < argc; i++) {
        if (sha256_file(argv[i], hex, fail))
            return -1;
        if (printf("%s  %s\n", hex, argv[i]) < 0)
            return fail_set_errno(fail, FAIL_OUTPUT, "cannot write the answer");
    }
    return 0;
}
