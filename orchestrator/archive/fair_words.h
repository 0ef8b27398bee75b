/* fair_words.h - what is said of a bundle, in each of the forms; for fair.c */
#ifndef ORCHESTRATOR_ARCHIVE_FAIR_WORDS_H
#define ORCHESTRATOR_ARCHIVE_FAIR_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/* Texts are borrowed, "" if not known. */
struct fair_about {
    const char *title, *description, *lab, *licence, *uuid, *created_utc;
    const char *const *authors; /* "Given Family" each */
    size_t authors_len;
    char published[16]; /* the day, 2026-11-30 */
    size_t cells, ok, attempts;
    bool redacted;
};

/* A file of the bundle. */
struct fair_file {
    const char *name, *format, *help;
    char sha256[65];
    size_t bytes;
};

/* Each appends one file's text.  Return 0 or ERR_NOMEM. */
int fair_citation(const struct fair_about *about, struct buf *out,
                  struct err *err);
int fair_dublin_core(const struct fair_about *about, struct buf *out,
                     struct err *err);
int fair_datacite(const struct fair_about *about, struct buf *out,
                  struct err *err);
int fair_readme(const struct fair_about *about, struct buf *out,
                struct err *err);
int fair_crate(const struct fair_about *about, const struct fair_file *files,
               size_t files_len, struct buf *out, struct err *err);

#endif
