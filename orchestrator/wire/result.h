/* result.h - one attempt's outcome: the same bytes on the wire and in the
 * journal
 *
 * u8 version; the attempt's row; u32 count and power rows; u32 count and
 * sample blocks; u32 count and raw outputs.  Rows are written by the column
 * lists that travel first (journal head, wire set-up), see record.h.
 */
#ifndef ORCHESTRATOR_WIRE_RESULT_H
#define ORCHESTRATOR_WIRE_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/vec.h"
#include "hdf5_schema/columns.h"
#include "hdf5_schema/record.h"
#include "orchestrator/wire/samples.h"

#define RESULT_VERSION    1
#define RESULT_POWER_MAX  64           /* meters */
#define RESULT_BLOCKS_MAX 128          /* sample blocks */
#define RESULT_RAW_MAX    64           /* outputs */
#define RESULT_TEXT_MAX   (4u << 20)   /* bytes an output, as kept */
#define RESULT_BYTES_MAX  (512u << 20) /* bytes a result */

/* What a job printed, as kept: the first bytes of 'full_len'. */
struct raw_output {
    char job[64];      /* name of the job in the adapter */
    char stream[16];   /* "stdout", "stderr", or a file's short name */
    char *text;        /* 'len' bytes and a zero; owned */
    size_t len;        /* at most RESULT_TEXT_MAX */
    uint64_t full_len; /* as printed, before the cap */
};

struct result {
    struct attempt_row attempt;
    VEC(struct power_row) power;
    VEC(struct sample_block) samples;
    VEC(struct raw_output) raw;
};

/* The column lists that the rows of a result are written by. */
struct result_layouts {
    struct record_layout *attempts;
    struct record_layout *power_runs;
};

/* Our own lists.  Returns 0 and layouts for result_layouts_free();
 * ERR_NOMEM. */
int result_layouts_own(struct result_layouts *ret_layouts, struct err *err);

/* Free the lists and leave them NULL. */
void result_layouts_free(struct result_layouts *layouts);

/* Every field missing, every list empty. */
void result_init(struct result *result);

/* Free the lists and make the result as after result_init().  NULL is
 * fine. */
void result_free(struct result *result);

/* Keep the first RESULT_TEXT_MAX bytes of 'text' (copied) as one more raw
 * output.  Returns 0; ERR_NOMEM; ERR_USAGE beyond RESULT_RAW_MAX. */
int result_add_raw(struct result *result, const char *job, const char *stream,
                   const void *text, size_t len, uint64_t full_len,
                   struct err *err);

/* Append the result to 'out'.  Returns 0; ERR_USAGE if a list is longer
 * than its bound, or a channel stands twice or names no meter; ERR_NOMEM. */
int result_encode(const struct result *result, struct buf *out,
                  struct err *err);

/* Read a result.  Returns 0 and a result for result_free(); ERR_FORMAT if
 * the bytes are not of its form, ERR_NOMEM. */
int result_decode(const struct result_layouts *layouts, struct cursor *cur,
                  struct result *ret_result, struct err *err);

/* Read the rows of attempt and meters; samples and raw output stay empty.
 * Returns as result_decode(). */
int result_decode_rows(const struct result_layouts *layouts, struct cursor *cur,
                       struct result *ret_result, struct err *err);

/* Read only the attempt's row, which comes first.  Returns 0 or
 * ERR_FORMAT. */
int result_decode_attempt(const struct result_layouts *layouts,
                          struct cursor *cur, struct attempt_row *ret_row,
                          struct err *err);

#endif
