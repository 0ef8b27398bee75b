/* exit_code.h - what a shell sees; docs/exit-codes.md tells it to people */
#ifndef ORCHESTRATOR_CMD_EXIT_CODE_H
#define ORCHESTRATOR_CMD_EXIT_CODE_H

#include "core/err.h"

enum exit_code {
    EXIT_CODE_OK = 0,       /* all planned cells are ok */
    EXIT_CODE_FAILED = 1,   /* some cells failed, the archive is whole */
    EXIT_CODE_USAGE = 2,    /* wrong words, or a file not of its form */
    EXIT_CODE_NOTHING = 3,  /* nothing could run */
    EXIT_CODE_IO = 4,       /* archive, disk or workers failed */
    EXIT_CODE_TIME = 124,   /* a time limit ended it */
    EXIT_CODE_SIGNAL = 128, /* plus the signal that ended it: 130 for ^C */
};

/* The exit code of a failure: usage and format are 2, refusal is 2, time is
 * 124, the rest is 4. */
int err_exit_code(const struct err *err);

#endif
