/* boards_restore.c - a lane that takes a lease over and gives it back */
#include "orchestrator/cmd/boards_restore.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "orchestrator/cmd/boards_check.h"
#include "orchestrator/cmd/boards_trust.h"
#include "workers/lane.h"

/* What a lane said of its board. */
struct restoration {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool over, up;
    struct buf words; /* what was found and done, or why not */
};

static void add(struct restoration *r, const char *before, const char *text,
                const char *after)
{
    buf_printf(&r->words, "%s%s%s%s", r->words.len ? "; " : "", before, text,
               after);
}

static void on_report(void *ctx, const struct lane_report *report)
{
    struct restoration *r = ctx;
    bool down = report->kind == LANE_DOWN || report->kind == LANE_HELD;

    pthread_mutex_lock(&r->lock);
    if (!r->over && report->kind == LANE_NOTE)
        add(r, "", report->text, "");
    if (!r->over && report->kind == LANE_MODE_RESTORED)
        add(r, "op mode '", report->text, "' restored");
    if (!r->over && down)
        add(r, "", report->text, "");
    if (!r->over && (down || report->kind == LANE_READY)) {
        r->up = !down;
        r->over = true;
        pthread_cond_signal(&r->answered);
    }
    pthread_mutex_unlock(&r->lock);
}

/* Wait for what becomes of the board; every lane has its connect limit. */
static void restore_board(const struct lane_setup *setup, struct restoration *r)
{
    struct lane *lane;
    struct err why;

    if (lane_open(setup, &lane, &why)) {
        add(r, "", why.text, "");
        return;
    }
    pthread_mutex_lock(&r->lock);
    while (!r->over)
        pthread_cond_wait(&r->answered, &r->lock);
    pthread_mutex_unlock(&r->lock);
    lane_destroy(lane);
    if (r->up && !r->words.len)
        add(r, "", "nothing was left there", "");
}

static void show(const struct invocation *inv, const struct board *board,
                 struct restoration *r, struct json_value *rows)
{
    struct json_value *row = json_new_object();

    json_set_string(row, "board", board->name);
    json_set_bool(row, "ok", r->up);
    json_set_string(row, "text", buf_text(&r->words));
    json_push(rows, row);
    if (!options_has(inv->options, "json"))
        printf("%-20s %-6s %s\n", board->name, r->up ? "ok" : "NOT",
               buf_text(&r->words));
}

static int restore_one(const struct invocation *inv,
                       const struct lane_setup *common,
                       const struct board *board, struct json_value *rows)
{
    struct restoration r = { .lock = PTHREAD_MUTEX_INITIALIZER,
                             .answered = PTHREAD_COND_INITIALIZER };
    struct lane_setup setup = *common;
    int rc;

    setup.board = board;
    setup.ctx = &r;
    restore_board(&setup, &r);
    show(inv, board, &r, rows);
    rc = r.up ? 0 : 1;
    buf_free(&r.words);
    return rc;
}

static int restore_all(const struct invocation *inv,
                       const struct inventory *inventory,
                       const struct experiment *experiment, struct err *err)
{
    char campaign[160] = "", host[128] = "";
    struct lane_lease_setup lease = { .policy = LEASE_FAIL,
                                      .force =
                                          options_has(inv->options, "force"),
                                      .campaign = campaign,
                                      .expiry_s = LANE_LEASE_EXPIRY_S };
    struct lane_setup common =
        boards_visit(inv, experiment, inventory, NULL, "restore");
    struct json_value *rows = json_new_array();
    int worst = 0;

    common.lease = &lease;
    common.report = on_report;
    gethostname(host, sizeof(host) - 1);
    snprintf(campaign, sizeof(campaign), "%s:boards restore %d", host,
             (int)getpid());
    for (size_t i = 0; i < inventory->boards_len; i++) {
        const struct board *board = &inventory->boards[i];

        if (strcmp(board->transport, "none") && boards_chosen(inv, board))
            worst |= restore_one(inv, &common, board, rows);
    }
    if (options_has(inv->options, "json")) {
        int rc = command_print_json(inv, rows, err);

        return rc ? rc : worst;
    }
    json_value_destroy(rows);
    return worst;
}

int boards_restore(const struct invocation *inv,
                   const struct inventory *inventory, struct err *err)
{
    struct experiment *experiment = NULL;
    struct texts *texts;
    int rc;

    if (options_has(inv->options, "force") && options_count(inv->options) < 2)
        return err_set(err, ERR_USAGE,
                       "--force takes boards from those who hold them: name "
                       "the boards");
    texts = texts_create();
    if (!texts)
        return err_set(err, ERR_NOMEM, "no memory for a restoration");
    rc = boards_experiment(texts, &experiment, err);
    if (!rc)
        rc = restore_all(inv, inventory, experiment, err);
    experiment_destroy(experiment);
    texts_destroy(texts);
    return rc;
}
