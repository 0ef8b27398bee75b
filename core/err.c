/* err.c - failures as a code and a sentence */
#include "core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list ap;

    if (!err)
        return code;
    err->code = code;
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    return code;
}

int err_set_errno(struct err *err, enum err_code code, const char *fmt, ...)
{
    int saved = errno;
    char reason[128];
    size_t len;
    va_list ap;

    if (!err)
        return code;
    err->code = code;
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    len = strlen(err->text);
    snprintf(err->text + len, sizeof(err->text) - len, ": %s",
             strerror_r(saved, reason, sizeof(reason)));
    return code;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
    char old[ERR_TEXT_MAX];
    size_t len;
    va_list ap;

    if (!err)
        return ERR_IO;
    memcpy(old, err->text, sizeof(old));
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    len = strlen(err->text);
    snprintf(err->text + len, sizeof(err->text) - len, ": %s", old);
    return err->code;
}

const char *err_word(enum err_code code)
{
    switch (code) {
    case ERR_NOMEM:
        return "memory";
    case ERR_IO:
        return "io";
    case ERR_FORMAT:
        return "format";
    case ERR_TIMEOUT:
        return "timeout";
    case ERR_NOT_FOUND:
        return "not-found";
    case ERR_REFUSED:
        return "refused";
    case ERR_USAGE:
        return "usage";
    }
    return "unknown";
}
