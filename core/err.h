/* err.h - a failure: a code for the program, a sentence for the person
 *
 * A function that can fail returns 0 or a negative err_code and fills 'err',
 * its last parameter, which may be NULL.  On failure it has changed nothing.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

enum err_code {
    ERR_NOMEM = -1,     /* out of memory */
    ERR_IO = -2,        /* the other side failed; text holds its words */
    ERR_FORMAT = -3,    /* input is not of its form; text says where */
    ERR_TIMEOUT = -4,   /* nothing arrived in time */
    ERR_NOT_FOUND = -5, /* what was named is not there */
    ERR_REFUSED = -6,   /* against a rule: host key, lease, identity, lock */
    ERR_USAGE = -7,     /* the caller's words make no sense */
};

#define ERR_TEXT_MAX 512

struct err {
    enum err_code code;
    char text[ERR_TEXT_MAX];
};

/* Fill 'err' (may be NULL) with one sentence, cut at ERR_TEXT_MAX.
 *
 * The sentence starts in lower case, without a full stop, and names the
 * thing.  Returns 'code', so that failing is one line.
 */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, and ": " and the text of errno after it.  Returns 'code'. */
int err_set_errno(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "context: " before the sentence in 'err' (may be NULL).
 *
 * Returns err's code, or ERR_IO if 'err' is NULL.
 */
int err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A short word for a code, for JSON and logs: "format", "timeout", ... */
const char *err_word(enum err_code code);

#endif
