/* fail.h - a failure of labrunner: an exit code and one sentence
 *
 * A function that can fail returns 0 or -1 and then has filled 'fail', its
 * last parameter, which may be NULL.
 */
#ifndef RUNNER_FAIL_H
#define RUNNER_FAIL_H

/* Exit codes of labrunner; docs/runner.md has the same table. */
enum fail_code {
    FAIL_INTERNAL = 1, /* our own fault */
    FAIL_USAGE = 2,    /* the caller's words make no sense */
    FAIL_IO = 3,       /* a file cannot be read */
    FAIL_FORMAT = 4,   /* a file is not what it should be */
    FAIL_NOMEM = 5,    /* out of memory */
    FAIL_KERNEL = 6,   /* no such kernel here, or not on this CPU */
    FAIL_OUTPUT = 7,   /* the answer could not be written */
    FAIL_SENSOR = 8,   /* a power source is not there */
    FAIL_CHILD = 9,    /* a served run or program died or did not start */
};

#define FAIL_TEXT_MAX 512

struct fail {
    enum fail_code code;
    char text[FAIL_TEXT_MAX];
};

/* Fill 'fail' (may be NULL) with one sentence, cut at FAIL_TEXT_MAX; lower
 * case, no full stop.  Returns -1, so that failing is one line. */
int fail_set(struct fail *fail, enum fail_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, and ": " and the text of errno after it.  Returns -1. */
int fail_set_errno(struct fail *fail, enum fail_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A short word for a code, for JSON answers: "format", "kernel", ... */
const char *fail_word(enum fail_code code);

#endif
