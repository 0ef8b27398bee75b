/* records.h - what the journal's records hold, to bytes and back
 *
 * A RESULT holds the bytes of wire/result.h.  Strings in the decoded
 * structs are borrowed from the payload where they are said to be, and
 * copied into arrays elsewhere.
 */
#ifndef ORCHESTRATOR_ARCHIVE_RECORDS_H
#define ORCHESTRATOR_ARCHIVE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "orchestrator/archive/journal.h"
#include "orchestrator/wire/result.h"

#define RECORDS_FORMAT_MAJOR 1
#define RECORDS_FORMAT_MINOR 0
#define RECORDS_NAME_MAX     192
#define RECORDS_REASON_MAX   512

/* HEAD: JSON {"format": [1, 0], "software": "0.1.0", "attempts": [...],
 * "power_runs": [...]}; the lists are in effect until the next HEAD. */

/* Append our own head to 'out'.  Returns 0 or ERR_NOMEM. */
int records_head_encode(struct buf *out, struct err *err);
/* Read a head.  Returns 0 and layouts for result_layouts_free(); ERR_FORMAT,
 * also for another major version; ERR_NOMEM. */
int records_head_decode(const void *payload, size_t len,
                        struct result_layouts *ret_layouts, struct err *err);

/* PLAN and AMENDMENT.  'campaign_json' is {"campaign": UUID, "created":
 * UTC, "created_unix_ns", "host", "software", "provenance", ...};
 * 'documents_json' as documents_to_json() writes it; 'plan' as
 * plan_encode() does; 'retired' are rows that an amendment drops. */
struct record_plan {
    const char *campaign_json; /* not ended by a zero when decoded */
    size_t campaign_len;
    const char *documents_json;
    size_t documents_len;
    const void *plan;
    size_t plan_len;
    const uint8_t *retired; /* u64 each; see record_plan_retired() */
    size_t retired_len;     /* rows */
};
/* Append the payload.  'retired' are 'retired_len' rows. */
void records_plan_encode(const struct record_plan *plan,
                         const uint64_t *retired, struct buf *out);
/* Read a plan; everything borrowed from the payload.  Returns 0 or
 * ERR_FORMAT. */
int records_plan_decode(const void *payload, size_t len,
                        struct record_plan *ret_plan, struct err *err);
/* Row 'i' of the retired ones of a decoded plan. */
uint64_t record_plan_retired(const struct record_plan *plan, size_t i);

/* BOARD: facts read from a board, a JSON object (identity, kernel, memory,
 * measured peaks); a later record of one board replaces an earlier one. */
struct record_board {
    char board[RECORDS_NAME_MAX];
    const char *facts_json; /* not ended by a zero when decoded */
    size_t facts_len;
};
void records_board_encode(const struct record_board *board, struct buf *out);
/* Borrowed from the payload.  Returns 0 or ERR_FORMAT. */
int records_board_decode(const void *payload, size_t len,
                         struct record_board *ret_board, struct err *err);

/* ATTEMPT: a cell was handed to a board; cell and number of the attempt
 * are in the record's header. */
struct record_attempt {
    char board[RECORDS_NAME_MAX];
    char worker[RECORDS_NAME_MAX];
    int64_t start_unix_ns; /* coordinator's clock */
};
void records_attempt_encode(const struct record_attempt *attempt,
                            struct buf *out);
/* Returns 0 or ERR_FORMAT. */
int records_attempt_decode(const void *payload, size_t len,
                           struct record_attempt *ret_attempt, struct err *err);

/* INVALIDATION: rows whose accepted result is withdrawn. */
struct record_invalidation {
    char reason[RECORDS_REASON_MAX];
    int64_t when_unix_ns;
    const uint8_t *cells; /* u64 each; see record_invalidation_cell() */
    size_t cells_len;     /* rows */
};
void records_invalidation_encode(const char *reason, int64_t when_unix_ns,
                                 const uint64_t *cells, size_t cells_len,
                                 struct buf *out);
/* Cells borrowed from the payload.  Returns 0 or ERR_FORMAT. */
int records_invalidation_decode(const void *payload, size_t len,
                                struct record_invalidation *ret_invalidation,
                                struct err *err);
/* Encode a decoded one again, its rows 'by' further on. */
void records_invalidation_shift(const struct record_invalidation *inv,
                                uint64_t by, struct buf *out);
/* Row 'i' of a decoded invalidation. */
uint64_t record_invalidation_cell(const struct record_invalidation *inv,
                                  size_t i);

/* NOTE: a sentence by a person or by the coordinator. */
struct record_note {
    int64_t when_unix_ns;
    char text[RECORDS_REASON_MAX];
};
void records_note_encode(const struct record_note *note, struct buf *out);
/* Returns 0 or ERR_FORMAT. */
int records_note_decode(const void *payload, size_t len,
                        struct record_note *ret_note, struct err *err);

/* MODE_INTENT: 'board' is about to be put into 'mode'; 'before' is what to
 * restore.  MODE_RESTORED: 'board' is in 'before' again (mode ""). */
struct record_mode {
    char board[RECORDS_NAME_MAX];
    char mode[RECORDS_NAME_MAX];
    char before[RECORDS_NAME_MAX];
    int64_t when_unix_ns;
};
void records_mode_encode(const struct record_mode *mode, struct buf *out);
/* Returns 0 or ERR_FORMAT. */
int records_mode_decode(const void *payload, size_t len,
                        struct record_mode *ret_mode, struct err *err);

#endif
