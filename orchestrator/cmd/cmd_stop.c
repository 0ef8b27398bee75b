/* cmd_stop.c - ask a running sweep to end in order */
#include <stdio.h>
#include <string.h>

#include "core/fs.h"
#include "orchestrator/archive/journal.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/coordinator.h"

static int stop_exec(const struct invocation *inv, struct err *err)
{
    const char *dir = options_arg(inv->options, 0);
    bool cancel = options_has(inv->options, "cancel");
    const char *word = cancel ? "cancel\n" : "finish\n";
    char path[FS_PATH_MAX];
    struct json_value *value;
    int rc;

    if (!journal_locked(dir))
        return err_set(err, ERR_NOT_FOUND, "no sweep runs in '%s'", dir);
    fs_join(path, sizeof(path), dir, COORDINATOR_STOP_FILE);
    rc = fs_write_atomic(path, word, strlen(word), err);
    if (rc)
        return rc;
    if (options_has(inv->options, "json")) {
        value = json_new_object();
        json_set_string(value, "campaign", dir);
        json_set_bool(value, "cancel", cancel);
        return command_print_json(inv, value, err);
    }
    printf("asked the sweep in %s to %s\n", dir,
           cancel ? "cancel what runs" : "finish what runs and end");
    return 0;
}

static const struct option_row options[] = {
    { "cancel", 'c', NULL, "end what runs instead of letting it finish" },
    { 0 },
};

const struct command cmd_stop = {
    .name = "stop",
    .args = "CAMPAIGN",
    .help = "ask a running sweep to end: modes restored, archive published",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .exec = stop_exec,
};
