/* cmd_control.c - pause a sweep, take boards out of it, let them in again */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "inventory/hostlist.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/journal.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/control.h"
#include "orchestrator/sched/plan.h"

/* What may be asked; the ones with a board take a host list. */
static const struct {
    const char *word;
    bool boards;
    const char *done;
} verbs[] = {
    { "pause", false, "hands out no more cells; what runs goes on" },
    { "resume", false, "goes on" },
    { "drain", true, "finishes what runs there, then leaves it" },
    { "release", true, "may use it again, out of quarantine too" },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static size_t find_verb(const char *word)
{
    size_t i = 0;

    while (i < VERBS && strcmp(verbs[i].word, word) != 0)
        i++;
    return i;
}

static int change_board(struct control *control, const char *name, bool drain,
                        struct err *err)
{
    struct control_board *board = control_board(control, name);

    if (!board)
        return err_set(err, ERR_NOMEM, "no memory for boards");
    board->drained = drain;
    board->released += !drain;
    return 0;
}

/* True if the plan has a board of that name. */
static bool known(const struct plan *plan, const char *name)
{
    struct plan_board board;

    for (size_t i = 0; i < plan_boards(plan); i++) {
        plan_board_at(plan, i, &board);
        if (!strcmp(board.name, name))
            return true;
    }
    return false;
}

static int change_boards(const char *dir, const char *text, bool drain,
                         struct control *control, struct err *err)
{
    struct campaign *campaign = NULL;
    struct hostlist *list = NULL;
    int rc = campaign_replay(dir, true, &campaign, err);

    if (!rc)
        rc = hostlist_expand(text, &list, err);
    for (size_t i = 0; !rc && i < hostlist_len(list); i++) {
        const char *name = hostlist_at(list, i)->name;

        if (!known(campaign_plan(campaign), name))
            rc = err_set(err, ERR_USAGE, "'%.80s' is no board of the campaign",
                         name);
        else
            rc = change_board(control, name, drain, err);
    }
    hostlist_destroy(list);
    campaign_destroy(campaign);
    return rc;
}

/* Read, change and replace the file while nobody else does. */
static int change(const char *dir, size_t verb, const char *boards,
                  struct err *err)
{
    struct control control;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

    if (fd < 0 || flock(fd, LOCK_EX)) {
        rc = err_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                           "cannot lock '%s'", dir);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    rc = control_read(dir, &control, err);
    if (!rc) {
        if (verbs[verb].boards)
            rc = change_boards(dir, boards, verb == 2, &control, err);
        else
            control.paused = verb == 0;
        if (!rc)
            rc = control_write(dir, &control, err);
        control_free(&control);
    }
    close(fd);
    return rc;
}

static int control_exec(const struct invocation *inv, struct err *err)
{
    const char *dir = options_arg(inv->options, 0);
    size_t verb = find_verb(options_arg(inv->options, 1));
    const char *boards = options_arg(inv->options, 2);
    struct json_value *value;
    bool locked;
    int rc;

    if (verb == VERBS)
        return err_set(err, ERR_USAGE,
                       "found '%.40s', expected pause, resume, drain or "
                       "release",
                       options_arg(inv->options, 1));
    if (verbs[verb].boards != (boards != NULL))
        return err_set(err, ERR_USAGE, "'%s' %s", verbs[verb].word,
                       boards ? "takes no board" : "needs a board");
    rc = change(dir, verb, boards, err);
    if (rc)
        return rc;
    locked = journal_locked(dir);
    if (options_has(inv->options, "json")) {
        value = json_new_object();
        json_set_string(value, "campaign", dir);
        json_set_string(value, "asked", verbs[verb].word);
        if (boards)
            json_set_string(value, "boards", boards);
        json_set_bool(value, "sweeping", locked);
        return command_print_json(inv, value, err);
    }
    printf("%s %s%s%s\n", locked ? "the sweep" : "the next sweep",
           boards ? boards : "", boards ? ": " : "", verbs[verb].done);
    return 0;
}

static const struct option_row options[] = {
    { 0 },
};

const struct command cmd_control = {
    .name = "control",
    .args = "CAMPAIGN pause|resume|drain BOARD|release BOARD",
    .help = "pause a sweep, drain or release boards",
    .doc = "BOARD may be a host list, zcu[1-4].  What is asked stands in the "
           "campaign's file\n'control' and holds for later sessions too; a "
           "running sweep follows within a second.\n'release' also takes a "
           "board out of quarantine, or tries one again that was given\nup.",
    .args_min = 2,
    .args_max = 3,
    .options = options,
    .exec = control_exec,
};
