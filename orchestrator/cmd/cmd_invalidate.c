/* cmd_invalidate.c - withdraw results that are not to be believed */
#include <stdio.h>
#include <stdlib.h>

#include "orchestrator/archive/campaign_change.h"
#include "orchestrator/archive/h5_writer.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/selection.h"

/* Withdraw them and publish anew; nothing is touched if there are none. */
static int withdraw(const char *dir, const char *where, const char *reason,
                    size_t *ret_cells, struct err *err)
{
    struct campaign *campaign = NULL;
    struct journal *journal = NULL;
    struct selection selection = { 0 };
    int rc = campaign_continue(dir, &journal, &campaign, err);

    if (!rc)
        rc = selection_of_ok(campaign, where, &selection, err);
    if (!rc && !selection.len)
        rc = err_set(err, ERR_USAGE, "no ok cell of '%s' meets '%s'", dir,
                     where);
    if (!rc)
        rc = campaign_withdraw(campaign, journal, selection.cells,
                               selection.len, reason, err);
    if (rc) {
        journal_close(journal, false, NULL);
    } else {
        *ret_cells = selection.len;
        rc = journal_close(journal, true, err);
    }
    campaign_destroy(campaign);
    free(selection.cells);
    return rc ? rc : archive_publish(dir, err);
}

static int invalidate_exec(const struct invocation *inv, struct err *err)
{
    const char *dir = options_arg(inv->options, 0);
    const char *where = options_text(inv->options, "where", NULL);
    const char *reason = options_text(inv->options, "reason", NULL);
    struct json_value *value;
    size_t cells = 0;
    int rc;

    if (!where || !reason)
        return err_set(err, ERR_USAGE,
                       "say which cells with --where and why with --reason");
    rc = withdraw(dir, where, reason, &cells, err);
    if (rc)
        return rc;
    if (options_has(inv->options, "json")) {
        value = json_new_object();
        json_set_string(value, "campaign", dir);
        json_set_i64(value, "cells", (int64_t)cells);
        json_set_string(value, "reason", reason);
        return command_print_json(inv, value, err);
    }
    printf("%s: %zu cells withdrawn, `labsweep resume %s` measures them "
           "again\n",
           dir, cells, dir);
    return 0;
}

static const struct option_row options[] = {
    { "where", 'w', "COLUMN=VALUE,...",
      "cells that meet all; also != < <= > >= and VALUE|VALUE" },
    { "reason", 'r', "TEXT", "why they are not to be believed" },
    { 0 },
};

const struct command cmd_invalidate = {
    .name = "invalidate",
    .args = "CAMPAIGN",
    .help = "withdraw ok cells with a reason; resume measures them again",
    .doc =
        "What was measured stays visible in /attempts, and leaves /cells and "
        "with it every\nstatistic.  Columns are those of /cells: axes, "
        "board, status, fps_comp, ...",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .exec = invalidate_exec,
};
