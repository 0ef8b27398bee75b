/* campaign_state.h - what a campaign holds; for campaign*.c alone */
#ifndef ORCHESTRATOR_ARCHIVE_CAMPAIGN_STATE_H
#define ORCHESTRATOR_ARCHIVE_CAMPAIGN_STATE_H

#include "core/fs.h"
#include "core/hash.h"
#include "core/vec.h"
#include "hdf5_schema/table.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/sched/plan.h"
#include "orchestrator/wire/known.h"

#define CAMPAIGN_STATUSES 16 /* room for the words of enum cell_status */

/* Column lists, and the record from which on they are in effect. */
struct layouts_from {
    uint64_t offset;
    struct result_layouts layouts;
};

struct board_facts {
    char *board, *json;
};

struct campaign {
    bool headers_only;
    char dir[FS_PATH_MAX];
    struct journal_reader *reader; /* of campaign_replay() */
    char *json, *documents;
    char uuid[CAMPAIGN_UUID_BYTES];
    int64_t created_unix_ns;
    struct plan *plan;
    struct campaign_cell *cells;
    size_t cells_len;
    size_t counts[CAMPAIGN_STATUSES];
    struct table *texts; /* its one column's labels */
    VEC(struct layouts_from) layouts;
    VEC(struct record_mode) intents;
    VEC(struct board_facts) boards;
    VEC(struct record_note) notes;
    VEC(char *) amendments;
    struct known known; /* stays empty with headers_only */
    uint64_t records, results, bytes;
    uint64_t head_digest; /* of the HEAD in effect */
    bool ended;
};

#endif
