/* cmd_status.c - how far a campaign has come, from its journal alone */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/sched/plan.h"
#include "orchestrator/cmd/status_watch.h"

#define WATCH_NS INT64_C(1000000000) /* between two looks */

/* The words of status in the order that a person looks for them. */
static const enum cell_status shown[] = {
    STATUS_OK,      STATUS_RUNNING, STATUS_PLANNED,     STATUS_FAILED,
    STATUS_TIMEOUT, STATUS_INVALID, STATUS_UNREACHABLE, STATUS_INVALIDATED,
    STATUS_STALE,   STATUS_NA,      STATUS_RETIRED,
};

#define SHOWN (sizeof(shown) / sizeof(shown[0]))

static int print_json(const struct invocation *inv,
                      const struct campaign *campaign, bool locked,
                      struct err *err)
{
    struct json_value *value = json_new_object();
    struct json_value *cells = json_new_object();
    struct campaign_intent intent;
    struct json_value *modes = json_new_array();

    json_set_string(value, "path", campaign_dir(campaign));
    json_set_string(value, "campaign", campaign_uuid(campaign));
    json_set_bool(value, "sweeping", locked);
    json_set_bool(value, "ended", campaign_ended(campaign));
    for (size_t i = 0; i < SHOWN; i++)
        json_set_i64(cells, columns_flag_word("status", (int64_t)shown[i]),
                     (int64_t)campaign_count(campaign, shown[i]));
    json_set_i64(cells, "all", (int64_t)campaign_cells(campaign));
    json_set(value, "cells", cells);
    json_set_i64(value, "boards_emulated",
                 (int64_t)plan_boards_emulated(campaign_plan(campaign)));
    json_set_i64(value, "results", (int64_t)campaign_results(campaign));
    json_set_i64(value, "journal_records", (int64_t)campaign_records(campaign));
    for (size_t i = 0; campaign_intent_at(campaign, i, &intent); i++)
        json_push_string(modes, intent.board);
    json_set(value, "modes_to_restore", modes);
    return command_print_json(inv, value, err);
}

static void print_text(const struct campaign *campaign, bool locked)
{
    size_t emulated = plan_boards_emulated(campaign_plan(campaign));
    struct campaign_intent intent;
    char utc[32];

    printf("%s  %s, begun %s, %s\n", campaign_dir(campaign),
           campaign_uuid(campaign),
           clock_format_utc(campaign_created_unix_ns(campaign), utc),
           locked                     ? "sweeping"
           : campaign_ended(campaign) ? "ended"
                                      : "interrupted: resume it");
    if (emulated)
        printf("  %-12s %zu of %zu boards: no measurements\n", "emulated",
               emulated, plan_boards(campaign_plan(campaign)));
    printf("  %-12s %zu\n", "cells", campaign_cells(campaign));
    for (size_t i = 0; i < SHOWN; i++) {
        size_t count = campaign_count(campaign, shown[i]);

        if (count || shown[i] == STATUS_OK)
            printf("  %-12s %zu\n",
                   columns_flag_word("status", (int64_t)shown[i]), count);
    }
    printf("  %-12s %llu\n", "attempts",
           (unsigned long long)campaign_results(campaign));
    for (size_t i = 0; campaign_intent_at(campaign, i, &intent); i++)
        printf("  board %s is to go back to op mode %s\n", intent.board,
               intent.before);
}

static int print_once(const struct invocation *inv,
                      const struct campaign *campaign, bool locked,
                      struct err *err)
{
    if (options_has(inv->options, "json"))
        return print_json(inv, campaign, locked, err);
    print_text(campaign, locked);
    return fflush(stdout) ? err_set_errno(err, ERR_IO, "cannot print") : 0;
}

/* Until the sweep has ended: a look whenever there is something new. */
static int watch(const struct invocation *inv, struct campaign *campaign,
                 struct err *err)
{
    const struct timespec pause = { .tv_sec = WATCH_NS / 1000000000,
                                    .tv_nsec = WATCH_NS % 1000000000 };
    const char *dir = campaign_dir(campaign);
    bool locked = journal_locked(dir), was = locked;
    size_t count = 1;
    int rc = 0;

    while (!rc) {
        if (count || locked != was)
            rc = print_once(inv, campaign, locked, err);
        if (rc || !locked)
            return rc;
        nanosleep(&pause, NULL);
        was = locked;
        locked = journal_locked(dir);
        rc = campaign_refresh(campaign, &count, err);
    }
    return rc;
}

static int status_exec(const struct invocation *inv, struct err *err)
{
    const char *dir = options_arg(inv->options, 0);
    struct campaign *campaign;
    int rc = campaign_replay(dir, true, &campaign, err);

    if (rc)
        return rc;
    if (options_has(inv->options, "watch") &&
        !options_has(inv->options, "json")) {
        status_watch(dir, options_has(inv->options, "boards"));
        rc = campaign_refresh(campaign, NULL, err);
    }
    if (!rc && options_has(inv->options, "watch"))
        rc = watch(inv, campaign, err);
    else if (!rc)
        rc = print_once(inv, campaign, journal_locked(dir), err);
    campaign_destroy(campaign);
    return rc;
}

static const struct option_row options[] = {
    { "watch", 'w', NULL, "the sweep's own bar, until it ends" },
    { "boards", 'b', NULL, "with --watch: a line a board under it" },
    { 0 },
};

const struct command cmd_status = {
    .name = "status",
    .args = "CAMPAIGN",
    .help = "how far a campaign has come",
    .doc = "Reads only the journal, takes no lock, and may be used at any\n"
           "time, from any terminal.  --watch shows what the sweep shows "
           "where it was\nstarted; with --json it prints an object a look.",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .exec = status_exec,
};
