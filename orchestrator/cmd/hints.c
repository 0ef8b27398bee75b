/* hints.c - options and the experiment, as lists over the plan's cells */
#include "orchestrator/cmd/hints.h"

#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/log.h"
#include "core/units.h"
#include "core/vec.h"
#include "inventory/choice.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/cmd/expect.h"
#include "orchestrator/cmd/loads.h"
#include "orchestrator/sched/corners.h"

#define CHOICES_MAX 64

struct choices {
    struct choice *only[CHOICES_MAX], *except[CHOICES_MAX];
    size_t only_len, except_len;
};

int hints_settings(const struct options *options,
                   const struct experiment *experiment,
                   struct sched_settings *settings, struct err *err)
{
    const struct experiment_sentinels *sentinels = &experiment->sentinels;
    const char *budget = options_text(options, "for", NULL);
    int64_t most = 0;
    int rc = options_i64(options, "max-fail", 1, 1000000000, 0, &most, err);

    if (rc)
        return rc;
    if (budget && (units_parse(budget, "s", &settings->budget_s, NULL) ||
                   !(settings->budget_s > 0)))
        return err_set(err, ERR_USAGE,
                       "--for: found '%.40s', expected a time such as '2 h'",
                       budget);
    settings->cell_tries = (uint32_t)experiment->measure.attempts;
    settings->grouped = experiment->order == EXPERIMENT_ORDER_GROUPED;
    settings->longest = experiment->order == EXPERIMENT_ORDER_LONGEST;
    settings->sentinel_every_s = sentinels->every_s;
    settings->sentinel_mode = sentinels->mode;
    settings->sentinel_reboot = sentinels->reboot;
    settings->fail_fast = options_has(options, "fail-fast");
    settings->max_fail = (uint32_t)most;
    if (settings->fail_fast && !settings->max_fail)
        settings->max_fail = 1;
    return 0;
}

static int read_each(const struct options *options, const char *name,
                     const struct plan *plan, struct choice **list, size_t *len,
                     struct err *err)
{
    size_t axes_len;
    const struct axis *axes = plan_axes(plan, &axes_len);
    const char *text;
    int rc = 0;

    while (!rc && (text = options_each(options, name, *len))) {
        if (*len == CHOICES_MAX)
            return err_set(err, ERR_USAGE, "--%s: more than %d of them", name,
                           CHOICES_MAX);
        rc = choice_parse(axes, axes_len, text, &list[*len], err);
        if (rc == ERR_USAGE)
            return err_prefix(err, "--%s %.60s", name, text);
        *len += !rc;
    }
    return rc;
}

static void choices_free(struct choices *choices)
{
    for (size_t i = 0; i < choices->only_len; i++)
        choice_destroy(choices->only[i]);
    for (size_t i = 0; i < choices->except_len; i++)
        choice_destroy(choices->except[i]);
}

/* Boards that some --only does not name, or that an --except of boards
 * alone does. */
static bool board_out(const struct choices *choices, const char *name)
{
    for (size_t i = 0; i < choices->only_len; i++)
        if (choice_names_boards(choices->only[i]) &&
            !choice_has_board(choices->only[i], name))
            return true;
    for (size_t i = 0; i < choices->except_len; i++)
        if (choice_only_boards(choices->except[i]) &&
            choice_has_board(choices->except[i], name))
            return true;
    return false;
}

static bool cell_out(const struct choices *choices, const struct plan *plan,
                     const bool *boards_out, size_t cell)
{
    struct op_point point;
    struct plan_cell row;
    size_t boards = 0;

    plan_cell(plan, cell, &row);
    for (size_t i = 0; i < row.boards_len; i++)
        boards += !boards_out[row.boards[i]];
    if (!boards)
        return true;
    plan_cell_point(plan, cell, &point);
    for (size_t i = 0; i < choices->only_len; i++)
        if (!choice_matches(choices->only[i], &point, true))
            return true;
    for (size_t i = 0; i < choices->except_len; i++)
        if (choice_matches(choices->except[i], &point, false))
            return true;
    return false;
}

static int choose(const struct options *options, const struct plan *plan,
                  struct hints *hints, struct err *err)
{
    struct choices choices = { .only_len = 0 };
    int rc =
        read_each(options, "only", plan, choices.only, &choices.only_len, err);

    if (!rc)
        rc = read_each(options, "except", plan, choices.except,
                       &choices.except_len, err);
    for (size_t i = 0; !rc && i < plan_boards(plan); i++) {
        struct plan_board board;

        plan_board_at(plan, i, &board);
        hints->board_out[i] = board_out(&choices, board.name);
    }
    for (size_t i = 0; !rc && i < plan_cells(plan); i++) {
        if (choices.only_len + choices.except_len)
            hints->left_out[i] = !plan_cell_na(plan, i) &&
                                 cell_out(&choices, plan, hints->board_out, i);
        hints->selected += !hints->left_out[i] && !plan_cell_na(plan, i);
    }
    if (!rc && !hints->selected && choices.only_len + choices.except_len)
        rc = err_set(err, ERR_USAGE,
                     "no cell is left of %zu by --only and "
                     "--except",
                     plan_cells(plan));
    choices_free(&choices);
    return rc;
}

static int find_sentinels(const struct experiment *experiment,
                          const struct plan *plan, struct hints *hints,
                          struct err *err)
{
    struct choice *choice = NULL;
    VEC(uint32_t) found = { 0 };
    struct op_point point;
    size_t len;
    const struct axis *axes = plan_axes(plan, &len);
    int rc;

    if (!json_there(&experiment->sentinels.where))
        return 0;
    rc = choice_read(axes, len, &experiment->sentinels.where, &choice, err);
    for (size_t i = 0; !rc && i < plan_cells(plan); i++) {
        plan_cell_point(plan, i, &point);
        if (!plan_cell_na(plan, i) && choice_matches(choice, &point, true) &&
            !VEC_PUSH(&found, (uint32_t)i))
            rc = err_set(err, ERR_NOMEM, "no memory for sentinels");
    }
    if (!rc && !found.len)
        rc = json_fail(&experiment->sentinels.where, err,
                       "no cell of the plan is such a point");
    choice_destroy(choice);
    hints->sentinels = found.at;
    hints->values.sentinels_len = found.len;
    return rc;
}

/* The campaign's own archive first; it may not be there yet. */
static int learn(const struct options *options, const struct plan *plan,
                 const char *dir, struct hints *hints, struct err *err)
{
    const char *archives[CHOICES_MAX], *text;
    char own[FS_PATH_MAX];
    size_t len = 0;

    if (dir && fs_join(own, sizeof(own), dir, CAMPAIGN_ARCHIVE) &&
        fs_exists(own))
        archives[len++] = own;
    for (size_t i = 0; (text = options_each(options, "history", i)); i++) {
        if (len == CHOICES_MAX)
            return err_set(err, ERR_USAGE, "--history: too many of them");
        archives[len++] = text;
    }
    return expect_durations(plan, archives, len, hints->expected_s, err);
}

static bool hints_alloc(const struct plan *plan, bool corners,
                        struct hints *hints)
{
    size_t cells = plan_cells(plan) + 1, boards = plan_boards(plan) + 1;

    hints->expected_s = calloc(cells, sizeof(*hints->expected_s));
    hints->left_out = calloc(cells, sizeof(*hints->left_out));
    hints->board_out = calloc(boards, sizeof(*hints->board_out));
    hints->rank = corners ? calloc(cells, 1) : NULL;
    return hints->expected_s && hints->left_out && hints->board_out &&
           (hints->rank || !corners);
}

int hints_make(const struct options *options,
               const struct experiment *experiment,
               const struct inventory *inventory, const struct plan *plan,
               const char *dir, struct hints *ret_hints, struct err *err)
{
    bool corners = options_has(options, "for");
    struct hints hints = { .selected = 0 };
    int rc = 0;

    if (!hints_alloc(plan, corners, &hints))
        rc = err_set(err, ERR_NOMEM, "no memory for hints");
    if (!rc)
        rc = choose(options, plan, &hints, err);
    if (!rc)
        rc = find_sentinels(experiment, plan, &hints, err);
    if (!rc)
        rc = learn(options, plan, dir, &hints, err);
    if (!rc)
        rc = loads_costs(plan, inventory, &hints.switches, err);
    if (!rc)
        rc = loads_number(plan, inventory, &hints.loads, err);
    if (!rc && corners)
        rc = corners_rank(plan, hints.rank, err);
    if (rc) {
        hints_free(&hints);
        return rc;
    }
    hints.values.expected_s = hints.expected_s;
    hints.values.left_out = hints.left_out;
    hints.values.board_out = hints.board_out;
    hints.values.rank = hints.rank;
    hints.values.sentinels = hints.sentinels;
    hints.values.loads = hints.loads;
    hints.values.switches = hints.switches;
    *ret_hints = hints;
    return 0;
}

void hints_free(struct hints *hints)
{
    free(hints->expected_s);
    free(hints->left_out);
    free(hints->board_out);
    free(hints->rank);
    free(hints->sentinels);
    free(hints->loads);
    free(hints->switches);
    memset(hints, 0, sizeof(*hints));
}
