/* hints.h - what a session knows of its cells beyond the plan */
#ifndef ORCHESTRATOR_CMD_HINTS_H
#define ORCHESTRATOR_CMD_HINTS_H

#include "core/err.h"
#include "experiments/experiment.h"
#include "inventory/inventory.h"
#include "orchestrator/cmd/options.h"
#include "orchestrator/sched/sched.h"

/* The options of `run` and `resume` that are read here and below. */
/* clang-format off */
#define HINTS_OPTIONS                                                         \
    { "only", 0, "AXIS=VALUE,...", "only these cells or boards" },            \
    { "except", 0, "AXIS=VALUE,...", "all but these" },                       \
    { "for", 0, "TIME", "as much as fits this time, corners first" },         \
    { "history", 0, "ARCHIVE", "learn from it how long cells take" },         \
    { "max-fail", 0, "N", "end when so many cells have failed" },             \
    { "fail-fast", 0, NULL, "end at the first failure, cancel what runs" }
/* clang-format on */

struct hints {
    struct sched_hints values; /* lists owned by this struct */
    float *expected_s;
    bool *left_out, *board_out;
    uint8_t *rank;
    uint32_t *sentinels, *loads;
    struct sched_switch *switches;
    size_t selected; /* cells of this session */
};

/* Settings that the options and the experiment ask for, put over
 * 'settings'.  Returns 0 or ERR_USAGE. */
int hints_settings(const struct options *options,
                   const struct experiment *experiment,
                   struct sched_settings *settings, struct err *err);

/* Read --only, --except, --for, --history, the experiment's sentinels, what
 * adapters say of switches and the archive of campaign folder 'dir', if there
 * is one (NULL: there is no folder).  Returns 0 and hints for hints_free();
 * ERR_USAGE, also if no cell is left; as archive_read(); ERR_NOMEM. */
int hints_make(const struct options *options,
               const struct experiment *experiment,
               const struct inventory *inventory, const struct plan *plan,
               const char *dir, struct hints *ret_hints, struct err *err);
void hints_free(struct hints *hints);

#endif
