/* session.c - one sweep from the coordinator's chair */
#include "orchestrator/cmd/session.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/log.h"
#include "core/vec.h"
#include "orchestrator/archive/campaign_change.h"
#include "orchestrator/cmd/amendment.h"
#include "orchestrator/cmd/hints.h"
#include "orchestrator/cmd/project.h"
#include "orchestrator/cmd/rank.h"
#include "orchestrator/cmd/selection.h"
#include "orchestrator/publisher.h"
#include "orchestrator/signals.h"
#include "workers/collect/collect.h"
#include "workers/meter/meter.h"

static int parse_lease(const struct options *options,
                       enum lease_policy *ret_policy, struct err *err)
{
    static const char *const words[] = {
        [LEASE_WAIT] = "wait",
        [LEASE_SKIP] = "skip",
        [LEASE_FAIL] = "fail",
    };
    const char *word = options_text(options, "lease", words[LEASE_WAIT]);

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(word, words[i])) {
            *ret_policy = (enum lease_policy)i;
            return 0;
        }
    return err_set(err, ERR_USAGE, "--lease: '%s', expected wait, skip or fail",
                   word);
}

/* An option that is a time above 0. */
static int time_of(const struct options *options, const char *name,
                   const char *otherwise, double *ret_s, struct err *err)
{
    const char *text = options_text(options, name, otherwise);

    if (units_parse(text, "s", ret_s, NULL) || !(*ret_s > 0))
        return err_set(err, ERR_USAGE,
                       "--%s: found '%.40s', expected a time such as '%s'",
                       name, text, otherwise);
    return 0;
}

/* What the options ask for, read before anything is begun. */
static int prepare(struct session *session, const struct plan *plan,
                   struct err *err)
{
    const struct options *options = session->inv->options;
    const struct experiment *experiment = session->documents.experiment;
    int rc;

    session->settings = sched_defaults();
    rc = hints_settings(options, experiment, &session->settings, err);
    if (!rc)
        rc = time_of(options, "stall", "10 min", &session->stall_s, err);
    if (!rc)
        rc = time_of(options, "silence", "20 s", &session->silence_s, err);
    if (!rc)
        rc = parse_lease(options, &session->lease, err);
    return rc ? rc
              : hints_make(options, experiment, session->documents.inventory,
                           plan, session->dir, &session->hints, err);
}

int session_new(struct session *session, const char *experiment_path,
                const char *inventory_path, const char *dir, struct err *err)
{
    struct buf text = { 0 };
    int rc;

    session->dir = dir;
    if (fs_is_file(dir))
        return err_set(err, ERR_USAGE,
                       "'%s' is a file: name a folder for the campaign with -o",
                       dir);
    if (campaign_began(dir))
        return err_set(err, ERR_REFUSED,
                       "'%s' holds a campaign: go on with `labsweep resume "
                       "%s`, or name another folder with -o",
                       dir, dir);
    rc = documents_load(experiment_path, inventory_path, &session->documents,
                        err);
    if (!rc)
        rc = collect_check_inventory(session->documents.inventory, err);
    if (!rc)
        rc = meter_check_all(session->documents.inventory, err);
    if (!rc)
        rc = plan_create(session->documents.experiment,
                         session->documents.inventory, &session->own_plan, err);
    if (!rc)
        rc = prepare(session, session->own_plan, err);
    if (!rc)
        rc = documents_to_json(&session->documents, &text, err);
    if (!rc)
        rc = fs_make_dirs(dir, err);
    if (!rc)
        rc = campaign_begin(dir, session->own_plan, buf_text(&text), text.len,
                            NULL, &session->journal, err);
    buf_free(&text);
    return rc;
}

int session_continue(struct session *session, const char *dir, struct err *err)
{
    const char *text;
    int rc;

    session->dir = dir;
    rc = campaign_continue(dir, &session->journal, &session->campaign, err);
    if (rc)
        return rc;
    text = campaign_documents(session->campaign);
    return documents_from_json(text, strlen(text), &session->documents, err);
}

int session_amend(struct session *session, const char *experiment_path,
                  const char *inventory_path, struct err *err)
{
    struct amendment amendment;
    struct buf text = { 0 };
    char said[160];
    int rc = amendment_make(session->campaign, experiment_path, inventory_path,
                            &amendment, err);

    if (rc)
        return rc;
    rc = documents_to_json(&amendment.documents, &text, err);
    if (!rc &&
        strcmp(buf_text(&text), campaign_documents(session->campaign)) != 0) {
        rc = campaign_amend(session->campaign, session->journal, amendment.plan,
                            amendment.change.retired,
                            amendment.change.retired_len, buf_text(&text),
                            text.len, err);
        if (!rc && !options_has(session->inv->options, "quiet"))
            fprintf(stderr, "the plan grew: %s\n",
                    amendment_say(&amendment, said));
    }
    if (!rc) { /* the amendment's replace ours */
        struct documents before = session->documents;

        session->documents = amendment.documents;
        amendment.documents = before;
    }
    amendment_free(&amendment);
    buf_free(&text);
    return rc;
}

int session_redo(struct session *session, const char *where, struct err *err)
{
    struct selection selection = { 0 };
    char reason[RECORDS_REASON_MAX];
    int rc = selection_of_ok(session->campaign, where, &selection, err);

    snprintf(reason, sizeof(reason), "measured again: %s", where);
    if (!rc && selection.len)
        rc = campaign_withdraw(session->campaign, session->journal,
                               selection.cells, selection.len, reason, err);
    if (!rc && !options_has(session->inv->options, "quiet"))
        fprintf(stderr, "%zu ok cells withdrawn to be measured again\n",
                selection.len);
    free(selection.cells);
    return rc;
}

/* The worker of a process without mpirun: the same code over a loop. */
struct loop_end {
    struct link *link;
    const char *site;
};

static void *loop_worker(void *arg)
{
    struct loop_end *end = arg;

    rank_serve(end->link, 0, end->site);
    link_close(end->link);
    return NULL;
}

static const struct plan *session_plan(const struct session *session)
{
    return session->campaign ? campaign_plan(session->campaign)
                             : session->own_plan;
}

static int run_over(struct session *session, struct link *link,
                    struct coordinator_result *result, struct err *err)
{
    const struct options *options = session->inv->options;
    struct coordinator_setup setup = {
        .dir = session->dir,
        .bin_dir = session->inv->bin_dir,
        .project_dir = session->inv->project_dir,
        .link = link,
        .journal = session->journal,
        .plan = session_plan(session),
        .documents = &session->documents,
        .campaign = session->campaign,
        .settings = session->settings,
        .hints = &session->hints.values,
        .lease = session->lease,
        .stall_s = session->stall_s,
        .silence_s = session->silence_s,
        .events_path = options_text(options, "events", NULL),
        .notify = options_text(options, "notify", NULL),
        .quiet = options_has(options, "quiet"),
        .show_boards = options_has(options, "boards"),
        .say_why = session->campaign && !options_has(options, "quiet") &&
                   options_has(options, "why"),
    };

    return coordinator_run(&setup, result, err);
}

static int run_in_process(struct session *session,
                          struct coordinator_result *result, struct err *err)
{
    struct loop_end worker = { .site = options_text(session->inv->options,
                                                    "site", NULL) };
    struct link *coordinator;
    pthread_t thread;
    int rc = link_loop_open(&coordinator, &worker.link, err);

    if (rc)
        return rc;
    if (pthread_create(&thread, NULL, loop_worker, &worker)) {
        link_close(worker.link);
        link_close(coordinator);
        return err_set_errno(err, ERR_IO, "cannot start a thread");
    }
    rc = run_over(session, coordinator, result, err);
    coordinator_dismiss(coordinator);
    link_close(coordinator);
    pthread_join(thread, NULL);
    return rc;
}

static int publish(struct session *session, struct err *err)
{
    struct publisher publisher = { .dir = session->dir,
                                   .bin_dir = session->inv->bin_dir };
    int rc = publisher_start(&publisher, 0, err);

    return rc ? rc : publisher_reap(&publisher, true, err);
}

static int outcome(const struct session *session,
                   const struct coordinator_result *result)
{
    const struct sched_counts *c = &result->counts;

    if (result->signal)
        return EXIT_CODE_SIGNAL + result->signal;
    /* 'left_out' cells are planned: this session was not to run them */
    if (c->ok == c->cells - c->na - c->left_out && c->ok > 0)
        return EXIT_CODE_OK;
    if (session->settings.budget_s > 0 && c->planned > c->left_out)
        return EXIT_CODE_TIME;
    return c->ok ? EXIT_CODE_FAILED : EXIT_CODE_NOTHING;
}

static int print_summary(const struct session *session,
                         const struct coordinator_result *result,
                         double spent_s, int code, struct err *err)
{
    const struct sched_counts *c = &result->counts;
    size_t emulated = plan_boards_emulated(session_plan(session));
    struct json_value *value;
    char spent[32];

    if (options_has(session->inv->options, "json")) {
        value = json_new_object();
        json_set_string(value, "campaign", session->dir);
        json_set_i64(value, "cells", (int64_t)c->cells);
        json_set_i64(value, "ok", (int64_t)c->ok);
        json_set_i64(value, "failed", (int64_t)c->failed);
        json_set_i64(value, "na", (int64_t)c->na);
        json_set_i64(value, "left", (int64_t)(c->planned + c->running));
        json_set_i64(value, "boards_emulated", (int64_t)emulated);
        json_set_i64(value, "left_out", (int64_t)c->left_out);
        json_set_i64(value, "retries", (int64_t)c->retries);
        json_set_bool(value, "stopped", result->stopped);
        json_set_string(value, "stopped_why", result->why);
        json_set_f64(value, "spent_s", spent_s);
        json_set_i64(value, "exit_code", code);
        return command_print_json(session->inv, value, err);
    }
    clock_format_duration(spent_s, spent);
    printf("%s: %zu ok, %zu failed, %zu na, %zu left, in %s%s\n", session->dir,
           c->ok, c->failed, c->na, c->planned + c->running, spent,
           emulated ? ", emulated" : "");
    return 0;
}

int session_run(struct session *session, struct err *err)
{
    struct coordinator_result result = { 0 };
    int64_t start = clock_mono_ns();
    int code, rc = 0;

    if (session->campaign) /* it may have grown since it was opened */
        rc = prepare(session, campaign_plan(session->campaign), err);
    if (rc)
        return rc;
    project_check_folder(session->dir);
    if (session->inv->link)
        rc = run_over(session, session->inv->link, &result, err);
    else
        rc = run_in_process(session, &result, err);
    if (rc) /* the journal stands; say how to go on */
        return err_prefix(err,
                          "the sweep in '%s' ended early, `labsweep "
                          "resume %s` goes on",
                          session->dir, session->dir);
    rc = journal_close(session->journal, true, err);
    session->journal = NULL;
    if (rc)
        return rc;
    code = outcome(session, &result);
    if (result.signal) /* there is no time to publish */
        return code;
    rc = publish(session, err);
    if (rc)
        return err_prefix(err,
                          "the journal is whole, `labsweep archive "
                          "rebuild %s` publishes again",
                          session->dir);
    rc = print_summary(session, &result, NS_TO_S(clock_mono_ns() - start), code,
                       err);
    return rc ? rc : code;
}

void session_close(struct session *session)
{
    journal_close(session->journal, false, NULL);
    campaign_destroy(session->campaign);
    hints_free(&session->hints);
    plan_destroy(session->own_plan);
    documents_close(&session->documents);
}
