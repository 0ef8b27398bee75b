/* exit_code.c - failures as exit codes */
#include "orchestrator/cmd/exit_code.h"

int err_exit_code(const struct err *err)
{
    switch (err->code) {
    case ERR_FORMAT:
    case ERR_NOT_FOUND:
    case ERR_REFUSED:
    case ERR_USAGE:
        return EXIT_CODE_USAGE;
    case ERR_TIMEOUT:
        return EXIT_CODE_TIME;
    case ERR_NOMEM:
    case ERR_IO:
        return EXIT_CODE_IO;
    }
    return EXIT_CODE_IO;
}
