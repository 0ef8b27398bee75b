/* cmd_boards.c - look at the lab: check, trust, discover, power-cycle */
#include <stdbool.h>
#include <string.h>

#include "core/vec.h"
#include "inventory/documents.h"
#include "orchestrator/cmd/boards_check.h"
#include "orchestrator/cmd/boards_discover.h"
#include "orchestrator/cmd/boards_leases.h"
#include "orchestrator/cmd/boards_power.h"
#include "orchestrator/cmd/boards_restore.h"
#include "orchestrator/cmd/boards_trust.h"
#include "orchestrator/cmd/command.h"

static const struct verb {
    const char *name;
    int (*exec)(const struct invocation *inv, const struct inventory *inventory,
                struct err *err);
    bool without; /* an inventory may be missing */
} verbs[] = {
    { "check", boards_check, false },
    { "leases", boards_leases, false },
    { "restore", boards_restore, false },
    { "trust", boards_trust, false },
    { "discover", boards_discover, true },
    { "power-cycle", boards_power_cycle, false },
};

static int boards_exec(const struct invocation *inv, struct err *err)
{
    const char *word = options_arg(inv->options, 0);
    const char *path = options_text(inv->options, "inventory", NULL);
    const struct verb *verb = NULL;
    struct documents documents = { 0 };
    int rc = 0;

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (!strcmp(verbs[i].name, word))
            verb = &verbs[i];
    if (!verb)
        return err_set(err, ERR_USAGE,
                       "found '%s', expected 'check', 'trust', 'leases', "
                       "'restore', 'discover' or 'power-cycle'",
                       word);
    if (!path && !verb->without)
        return err_set(err, ERR_USAGE, "name the lab with -i INVENTORY");
    documents.texts = texts_create();
    if (!documents.texts)
        return err_set(err, ERR_NOMEM, "no memory for the inventory");
    if (path)
        rc = inventory_load(documents.texts, path, &documents.inventory, err);
    if (!rc)
        rc = verb->exec(inv, documents.inventory, err);
    documents_close(&documents);
    return rc;
}

static const struct option_row options[] = {
    { "inventory", 'i', "FILE", "the lab's boards and platforms" },
    { "force", 0, NULL, "restore: also what somebody holds" },
    { "sysfs", 0, "DIR",
      "discover: where a HOST's sensors are looked up (/sys)" },
    { "yes", 'y', NULL,
      "write unknown keys unasked, power-cycle beyond the day's cap" },
    { 0 },
};

const struct command cmd_boards = {
    .name = "boards",
    .args = "check|trust|leases|restore|discover|power-cycle [BOARD...]",
    .help = "look at the lab: boards, sensors, host keys, leases; undo a crash",
    .doc = "check reaches every board, verifies its identity, and reads its op "
           "mode and\nevery declared sensor; no cell is run, no op mode set, "
           "no lease taken.  trust shows "
           "the fingerprints of host keys\nand appends unknown ones to the "
           "inventory's known_hosts; a changed key is shown\nand never "
           "written.  leases shows who holds what.  restore ends and undoes "
           "what a\nholder left that is gone; with --force it takes the named "
           "boards from those who\nhold them.  discover asks a board of the "
           "inventory or any HOST what it is and\nwhich sensors it has, and "
           "prints an entry.  power-cycle turns outlets off and on,\nas often "
           "a day as the inventory allows.",
    .args_min = 1,
    .args_max = SIZE_MAX,
    .options = options,
    .exec = boards_exec,
};
