/* fail.c - fills a failure with its sentence */
#include "runner/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct fail *fail, enum fail_code code, const char *fmt,
                 va_list ap)
{
    if (!fail)
        return;
    fail->code = code;
    vsnprintf(fail->text, sizeof fail->text, fmt, ap);
}

int fail_set(struct fail *fail, enum fail_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fill(fail, code, fmt, ap);
    va_end(ap);
    return -1;
}

int fail_set_errno(struct fail *fail, enum fail_code code, const char *fmt, ...)
{
    int saved = errno;
    va_list ap;
    size_t len;

    if (!fail)
        return -1;
    va_start(ap, fmt);
    fill(fail, code, fmt, ap);
    va_end(ap);
    len = strlen(fail->text);
    snprintf(fail->text + len, sizeof fail->text - len, ": %s",
             strerror(saved));
    return -1;
}

const char *fail_word(enum fail_code code)
{
    switch (code) {
    case FAIL_INTERNAL:
        return "internal";
    case FAIL_USAGE:
        return "usage";
    case FAIL_IO:
        return "io";
    case FAIL_FORMAT:
        return "format";
    case FAIL_NOMEM:
        return "nomem";
    case FAIL_KERNEL:
        return "kernel";
    case FAIL_OUTPUT:
        return "output";
    case FAIL_SENSOR:
        return "sensor";
    case FAIL_CHILD:
        return "child";
    }
    return "unknown";
}
