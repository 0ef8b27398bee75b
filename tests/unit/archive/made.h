/* made.h - campaigns made up for tests: a plan, results that a seed says, a
 * folder of their own
 */
#ifndef TESTS_UNIT_ARCHIVE_MADE_H
#define TESTS_UNIT_ARCHIVE_MADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/wire/result.h"

#define MADE_PATH   256
#define MADE_IMAGES 1000

/* What made_result() puts into a result. */
struct made_shape {
    unsigned seed;
    size_t latencies; /* samples of each latency channel */
    size_t readings;  /* samples of each of two meters */
    bool raw;
    bool predictions; /* MADE_IMAGES classes, one of two lists a cell */
};

/* Make a new, empty folder; 'dir' holds MADE_PATH bytes. */
void made_dir(char *dir);
/* Remove it with its files. */
void made_dir_remove(const char *dir);

/* Begin a campaign of 'batches' cells that can run on each of two platforms
 * and one na cell; asserts that it works. */
struct journal *made_begin(const char *dir, size_t batches);

/* Append an amendment: the plan of made_begin() with the same 'batches', of
 * which 'retired' is dropped. */
void made_amend(struct journal *journal, size_t batches, uint64_t retired);

/* A result of a cell as the shape says, the same for the same arguments;
 * for result_free(). */
void made_result(const struct made_shape *shape, uint64_t cell,
                 uint16_t attempt, int status, struct result *ret_result);

/* Append made_result() to a journal; asserts that it works. */
void made_append(struct journal *journal, const struct made_shape *shape,
                 uint64_t cell, uint16_t attempt, int status);

/* The whole of a file; asserts that it can be read. */
void made_read(const char *dir, const char *name, struct buf *content);
/* Replace a file's content. */
void made_write(const char *dir, const char *name, const void *data,
                size_t len);

/* A step of the generator. */
uint64_t made_random(uint64_t *state);

#endif
