/* boards_check.c - reach every board and see that it is the one meant */
#include "orchestrator/cmd/boards_check.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "orchestrator/cmd/boards_trust.h"
#include "workers/board_sensors.h"
#include "workers/lane.h"

#define SENSORS_S 1.0 /* that each is listened to */

/* A board's lane and what it said. */
struct visit {
    struct visits *all;
    const struct board *board;
    struct lane_setup setup;
    struct lane *lane;
    bool answered, up;
    int64_t start_ns, end_ns;
    struct buf facts; /* JSON */
    char why[512];
    struct json_value *sensors; /* an array, once they were read */
    bool silent;                /* one that is declared cannot be read */
};

struct visits {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    size_t waiting;
    struct visit *at;
    size_t len;
    struct experiment *experiment; /* limits only */
};

static void on_report(void *ctx, const struct lane_report *report)
{
    struct visit *visit = ctx;

    if (report->kind != LANE_READY && report->kind != LANE_DOWN)
        return;
    pthread_mutex_lock(&visit->all->lock);
    if (!visit->answered) {
        visit->answered = true;
        visit->end_ns = clock_mono_ns();
        visit->up = report->kind == LANE_READY;
        if (visit->up)
            buf_put(&visit->facts, report->text, strlen(report->text));
        else
            snprintf(visit->why, sizeof(visit->why), "%s", report->text);
        visit->all->waiting--;
        pthread_cond_signal(&visit->all->answered);
    }
    pthread_mutex_unlock(&visit->all->lock);
}

struct lane_setup boards_visit(const struct invocation *inv,
                               const struct experiment *experiment,
                               const struct inventory *inventory,
                               const struct board *board, const char *name)
{
    return (struct lane_setup){ .experiment = experiment,
                                .inventory = inventory,
                                .board = board,
                                .bin_dir = inv->bin_dir,
                                .project_dir = inv->project_dir,
                                .worker_name = name,
                                .restore_mode = "" };
}

int boards_experiment(struct texts *texts, struct experiment **ret_experiment,
                      struct err *err)
{
    static const char text[] = "{\"experiment\": \"boards\", \"title\": "
                               "\"no cells\", \"matrix\": []}";
    int rc = !texts ? err_set(err, ERR_NOMEM, "no memory for a visit")
                    : texts_add(texts, "experiment", "boards", ".", text,
                                sizeof(text) - 1, err);

    return rc ? rc : experiment_load(texts, NULL, ret_experiment, err);
}

static void begin_visit(const struct invocation *inv,
                        const struct inventory *inventory,
                        struct visits *visits, const struct board *board)
{
    struct visit *visit = &visits->at[visits->len++];
    struct err why;

    visit->all = visits;
    visit->board = board;
    visit->start_ns = clock_mono_ns();
    visit->setup =
        boards_visit(inv, visits->experiment, inventory, board, "check");
    visit->setup.look = true;
    visit->setup.report = on_report;
    visit->setup.ctx = visit;
    pthread_mutex_lock(&visits->lock);
    visits->waiting++;
    pthread_mutex_unlock(&visits->lock);
    if (!lane_open(&visit->setup, &visit->lane, &why))
        return;
    on_report(visit,
              &(struct lane_report){ .kind = LANE_DOWN, .text = why.text });
}

/* Once its lane is gone, a board's declared sensors are read. */
static void read_sensors(struct visit *visit)
{
    struct err err = { 0 };

    visit->sensors = json_new_array();
    visit->silent =
        board_sensors_read(&visit->setup, SENSORS_S, visit->sensors, &err) != 0;
    if (visit->silent)
        snprintf(visit->why, sizeof(visit->why), "%s", err.text);
}

static struct json_value *visit_to_json(struct visit *visit)
{
    struct json_value *row = json_new_object();
    struct json_doc *doc;

    json_set_string(row, "board", visit->board->name);
    json_set_string(row, "platform", visit->board->platform->name);
    json_set_string(row, "transport", visit->board->transport);
    json_set_bool(row, "up", visit->up);
    json_set_f64(row, "contact_s", NS_TO_S(visit->end_ns - visit->start_ns));
    if (!visit->up) {
        json_set_string(row, "reason", visit->why);
    } else if (!json_doc_parse(visit->facts.data, visit->facts.len, "facts",
                               &doc, NULL)) {
        struct json root = json_root(doc);

        json_set(row, "facts", json_copy(&root));
        json_doc_destroy(doc);
    }
    if (visit->sensors)
        json_set(row, "sensors", json_value_copy(visit->sensors));
    return row;
}

static void visit_print(struct visit *visit)
{
    char took[32];

    clock_format_duration(NS_TO_S(visit->end_ns - visit->start_ns), took);
    printf("%-20s %-22s %-8s %-5s %8s  %s\n", visit->board->name,
           visit->board->platform->name, visit->board->transport,
           visit->up ? "ok" : "DOWN", took,
           visit->up ? buf_text(&visit->facts) : visit->why);
}

static void print_sensor(const struct json *row)
{
    static const char *const texts[] = { "meter", "driver", "scope", "reason" };
    struct json at = json_get(row, "ok"), w = json_get(row, "power_w");
    struct json update = json_get(row, "update_interval_s");
    const char *words[4] = { "", "", "", "" };
    double power_w = NAN, update_s = NAN;
    bool ok = false;

    json_bool(&at, &ok, NULL);
    json_f64(&w, &power_w, NULL);
    json_f64(&update, &update_s, NULL);
    for (size_t i = 0; i < 4; i++) {
        at = json_get(row, texts[i]);
        json_opt_string(&at, &words[i], NULL);
    }
    printf("  %-18s %-8s %-8s %-5s", words[0], words[1], words[2],
           ok ? "ok" : "BAD");
    if (!isnan(power_w))
        printf(" %9.4g W", power_w);
    if (!isnan(update_s))
        printf(", a value every %.3g s", update_s);
    printf("%s%s\n", *words[3] ? "  " : "", words[3]);
}

static void print_sensors(const struct visit *visit)
{
    struct json_doc *doc = NULL;
    struct buf text = { 0 };
    struct json root;
    size_t i = 0;

    if (!visit->sensors || json_print(visit->sensors, false, &text, NULL) ||
        json_doc_parse(text.data, text.len, "sensors", &doc, NULL)) {
        buf_free(&text);
        return;
    }
    root = json_root(doc);
    for (struct json r = json_first(&root); json_there(&r);
         r = json_next(&root, &r, ++i))
        print_sensor(&r);
    json_doc_destroy(doc);
    buf_free(&text);
}

static int print_visits(const struct invocation *inv, struct visits *visits,
                        struct err *err)
{
    struct json_value *rows = json_new_array();
    int worst = 0, rc = 0;

    for (size_t i = 0; i < visits->len; i++) {
        if (!visits->at[i].up || visits->at[i].silent)
            worst = 1;
        if (options_has(inv->options, "json"))
            json_push(rows, visit_to_json(&visits->at[i]));
        else
            visit_print(&visits->at[i]);
        if (!options_has(inv->options, "json"))
            print_sensors(&visits->at[i]);
    }
    if (options_has(inv->options, "json"))
        rc = command_print_json(inv, rows, err);
    else
        json_value_destroy(rows);
    return rc ? rc : worst;
}

static void visit_free(struct visit *visit)
{
    buf_free(&visit->facts);
    json_value_destroy(visit->sensors);
}

int boards_check(const struct invocation *inv,
                 const struct inventory *inventory, struct err *err)
{
    struct visits visits = { .lock = PTHREAD_MUTEX_INITIALIZER,
                             .answered = PTHREAD_COND_INITIALIZER };
    struct texts *texts = texts_create();
    int rc;

    visits.at = calloc(inventory->boards_len + 1, sizeof(visits.at[0]));
    if (!texts || !visits.at)
        rc = err_set(err, ERR_NOMEM, "no memory for a check");
    else
        rc = boards_experiment(texts, &visits.experiment, err);
    for (size_t i = 0; !rc && i < inventory->boards_len; i++) {
        const struct board *board = &inventory->boards[i];

        if (strcmp(board->transport, "none") && boards_chosen(inv, board))
            begin_visit(inv, inventory, &visits, board);
    }
    pthread_mutex_lock(&visits.lock);
    while (visits.waiting) /* every lane has its connect limit */
        pthread_cond_wait(&visits.answered, &visits.lock);
    pthread_mutex_unlock(&visits.lock);
    for (size_t i = 0; i < visits.len; i++)
        lane_destroy(visits.at[i].lane);
    for (size_t i = 0; !rc && i < visits.len; i++)
        if (visits.at[i].up && visits.at[i].board->meters_len)
            read_sensors(&visits.at[i]);
    if (!rc)
        rc = print_visits(inv, &visits, err);
    for (size_t i = 0; i < visits.len; i++)
        visit_free(&visits.at[i]);
    free(visits.at);
    experiment_destroy(visits.experiment);
    texts_destroy(texts);
    return rc;
}
