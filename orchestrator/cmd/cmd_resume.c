/* cmd_resume.c - run what a campaign still lacks */
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/session.h"

static int resume_exec(const struct invocation *inv, struct err *err)
{
    const char *experiment = options_text(inv->options, "experiment", NULL);
    const char *inventory = options_text(inv->options, "inventory", NULL);
    const char *redo = options_text(inv->options, "redo", NULL);
    struct session session = { .inv = inv };
    int rc = session_continue(&session, options_arg(inv->options, 0), err);

    if (!rc && (experiment || inventory))
        rc = session_amend(&session, experiment, inventory, err);
    if (!rc && redo)
        rc = session_redo(&session, redo, err);
    if (!rc)
        rc = session_run(&session, err);
    session_close(&session);
    return rc;
}

static const struct option_row options[] = {
    { "experiment", 'e', "FILE", "go on with a grown experiment" },
    { "inventory", 'i', "FILE", "go on with a grown lab" },
    { "redo", 0, "COLUMN=VALUE,...",
      "withdraw the ok cells that meet all, and measure them again" },
    { "why", 'w', NULL, "say of each cell why it is kept or run again" },
    SESSION_OPTIONS,
    { 0 },
};

const struct command cmd_resume = {
    .name = "resume",
    .args = "CAMPAIGN",
    .help = "run the failed, missing and stale cells of a campaign",
    .doc = "An ok cell is kept as long as its fingerprint stands: adapter, "
           "runner, model\nand data set are what they were.\nWith -e or -i the "
           "plan "
           "grows: old cells keep row, id and result, new ones\nstand behind, "
           "dropped ones are retired (`labsweep plan --diff` shows it "
           "first).",
    .args_min = 1,
    .args_max = 1,
    .needs_mpi = true,
    .options = options,
    .exec = resume_exec,
};
