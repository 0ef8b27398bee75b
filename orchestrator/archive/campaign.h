/* campaign.h - the state that a journal says, as values
 *
 * For the coordinator (journal_open() with campaign_apply()), for status
 * (headers only, refreshed) and for the publisher.  About 32 bytes a cell.
 */
#ifndef ORCHESTRATOR_ARCHIVE_CAMPAIGN_H
#define ORCHESTRATOR_ARCHIVE_CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "hdf5_schema/columns.h"
#include "orchestrator/archive/journal.h"
#include "orchestrator/archive/records.h"

#define CAMPAIGN_ARCHIVE    "archive.h5"
#define CAMPAIGN_REPORT     "report.html"
#define CAMPAIGN_NO_TEXT    UINT32_MAX
#define CAMPAIGN_UUID_BYTES 37

struct campaign;
struct known; /* orchestrator/wire/known.h */
struct plan;  /* orchestrator/sched/plan.h */

/* What the journal says of a cell.  'status' is ok while an attempt is
 * accepted; na by the plan; running if the last attempt was handed out and
 * has no result; else how the last attempt ended. */
struct campaign_cell {
    uint64_t accepted;    /* offset of the accepted RESULT, 0: none */
    uint64_t last;        /* offset of the last RESULT, 0: none */
    uint32_t fingerprint; /* campaign_text() of the accepted one's */
    uint32_t withdrawn;   /* campaign_text() of why it was withdrawn last */
    uint16_t attempts;    /* highest number of an attempt */
    uint16_t results;     /* highest number of an attempt with a result */
    uint8_t status;       /* enum cell_status */
    uint8_t ended;        /* how the last attempt with a result ended */
};

/* A board that was put into another op mode and not restored. */
struct campaign_intent {
    const char *board, *mode, *before;
    int64_t when_unix_ns;
};

/* Facts about a board, a JSON text of one object; borrowed. */
struct campaign_board {
    const char *board;
    const char *facts_json;
};

/* An empty state.  'headers_only', to count: payloads of results are not
 * looked at (no fingerprints), and the plan is an outline, see
 * plan_decode_outline().  NULL if there is no memory. */
struct campaign *campaign_create(bool headers_only);
void campaign_destroy(struct campaign *campaign); /* NULL is fine */

/* Take one record in; a journal_replay_f with the campaign as argument.
 * A RESULT seen before (same cell and attempt) changes nothing.  Returns 0;
 * ERR_FORMAT if the record cannot be, ERR_NOMEM. */
int campaign_apply(void *campaign, const struct journal_record *record,
                   struct err *err);

/* Read the journal of folder 'dir', without a lock, up to its last whole
 * record.  Returns 0 and a campaign that campaign_refresh() keeps up to
 * date; as journal_reader_open(); ERR_FORMAT if it is damaged or has no
 * plan yet. */
int campaign_replay(const char *dir, bool headers_only,
                    struct campaign **ret_campaign, struct err *err);

/* Read what is new since; sets ret_records to their number (may be NULL).
 * Only for a campaign of campaign_replay().  Returns as that. */
int campaign_refresh(struct campaign *campaign, size_t *ret_records,
                     struct err *err);

/* True if 'dir' holds a campaign.  False if it has no journal, or one whose
 * making was cut short before its plan was on disk, so that nothing was ever
 * acknowledged; campaign_begin() replaces that.  True if in doubt (damaged, held
 * by a process). */
bool campaign_began(const char *dir);

/* Begin a campaign: make the folder, journal, HEAD and PLAN, synced.  The
 * UUID is random.  'campaign_extra_json' is NULL or a JSON object whose
 * members are added (provenance of an import).  Returns 0 and the journal
 * for journal_close(); ERR_REFUSED if the folder has a journal; ERR_IO;
 * ERR_NOMEM. */
int campaign_begin(const char *dir, const struct plan *plan,
                   const char *documents_json, size_t documents_len,
                   const char *campaign_extra_json,
                   struct journal **ret_journal, struct err *err);

/* Open a campaign to go on: journal_open() into a new campaign, and a new
 * HEAD if our columns are not those in effect.  Returns as journal_open();
 * both results are the caller's. */
int campaign_continue(const char *dir, struct journal **ret_journal,
                      struct campaign **ret_campaign, struct err *err);

/* All borrowed from the campaign, until the next record. */
const struct plan *campaign_plan(const struct campaign *campaign);
const char *campaign_documents(const struct campaign *campaign);
const char *campaign_json(const struct campaign *campaign);
const char *campaign_uuid(const struct campaign *campaign);
const char *campaign_dir(const struct campaign *campaign); /* "" if none */
int64_t campaign_created_unix_ns(const struct campaign *campaign);

/* How many cells its plan has, retired ones among them. */
size_t campaign_cells(const struct campaign *campaign);
/* Cell 'i' of the plan. */
const struct campaign_cell *campaign_cell(const struct campaign *campaign,
                                          size_t i);
/* The text of an index, "" for CAMPAIGN_NO_TEXT. */
const char *campaign_text(const struct campaign *campaign, uint32_t index);
/* Cells in a state. */
size_t campaign_count(const struct campaign *campaign, enum cell_status status);

/* Lists; NULL or false beyond the last. */
bool campaign_intent_at(const struct campaign *campaign, size_t i,
                        struct campaign_intent *ret_intent);
bool campaign_board_at(const struct campaign *campaign, size_t i,
                       struct campaign_board *ret_board);
const struct record_note *campaign_note_at(const struct campaign *campaign,
                                           size_t i);
/* Documents that the i-th amendment replaced: those of the first plan, then
 * of each amendment but the last, whose are campaign_documents(). */
const char *campaign_amendment_at(const struct campaign *campaign, size_t i);

/* What its attempts made once for all; empty with headers_only. */
const struct known *campaign_known(const struct campaign *campaign);

/* The column lists in effect at a record's offset; borrowed. */
const struct result_layouts *campaign_layouts(const struct campaign *campaign,
                                              uint64_t offset);

/* Results seen (repeated ones not counted), records, bytes read. */
uint64_t campaign_results(const struct campaign *campaign);
uint64_t campaign_records(const struct campaign *campaign);
uint64_t campaign_bytes(const struct campaign *campaign);
/* True if the last record is END. */
bool campaign_ended(const struct campaign *campaign);

#endif
