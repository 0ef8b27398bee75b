/* cmd_boards.c - look at the lab: check, trust */
#include <string.h>

#include "core/vec.h"
#include "inventory/documents.h"
#include "orchestrator/cmd/boards_check.h"
#include "orchestrator/cmd/boards_leases.h"
#include "orchestrator/cmd/boards_restore.h"
#include "orchestrator/cmd/boards_trust.h"
#include "orchestrator/cmd/command.h"

static const struct verb {
    const char *name;
    int (*exec)(const struct invocation *inv, const struct inventory *inventory,
                struct err *err);
} verbs[] = {
    { "check", boards_check },
    { "leases", boards_leases },
    { "restore", boards_restore },
    { "trust", boards_trust },
};

static int boards_exec(const struct invocation *inv, struct err *err)
{
    const char *word = options_arg(inv->options, 0);
    const char *path = options_text(inv->options, "inventory", NULL);
    const struct verb *verb = NULL;
    struct documents documents = { 0 };
    int rc;

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (!strcmp(verbs[i].name, word))
            verb = &verbs[i];
    if (!verb)
        return err_set(err, ERR_USAGE,
                       "found '%s', expected 'check', 'trust', 'leases' or "
                       "'restore'",
                       word);
    if (!path)
        return err_set(err, ERR_USAGE, "name the lab with -i INVENTORY");
    documents.texts = texts_create();
    if (!documents.texts)
        return err_set(err, ERR_NOMEM, "no memory for the inventory");
    rc = inventory_load(documents.texts, path, &documents.inventory, err);
    if (!rc)
        rc = verb->exec(inv, documents.inventory, err);
    documents_close(&documents);
    return rc;
}

static const struct option_row options[] = {
    { "inventory", 'i', "FILE", "the lab's boards and platforms" },
    { "force", 0, NULL, "restore: also what somebody holds" },
    { "yes", 'y', NULL, "trust: write unknown keys without asking" },
    { 0 },
};

const struct command cmd_boards = {
    .name = "boards",
    .args = "check|trust|leases|restore [BOARD...]",
    .help = "look at the lab: reach boards, host keys, leases; undo a crash",
    .doc = "check reaches every board, verifies its identity and reads its op "
           "mode; no cell is\nrun, no op mode set, no lease taken.  trust "
           "shows the fingerprints of host keys "
           "and appends unknown ones to the\ninventory's known_hosts; a "
           "changed key is shown and never written.  leases shows who holds "
           "what.  restore\nends and undoes what a holder left that is gone; "
           "with --force it takes the named\nboards from those who hold "
           "them.",
    .args_min = 1,
    .args_max = SIZE_MAX,
    .options = options,
    .exec = boards_exec,
};
