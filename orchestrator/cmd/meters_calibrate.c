/* meters_calibrate.c - points read, a line through them, an entry printed */
#include "orchestrator/cmd/meters_calibrate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/units.h"
#include "orchestrator/cmd/boards_check.h"
#include "workers/board_sensors.h"
#include "workers/meter/meter_fit.h"

#define POINTS_MAX 32

/* What is calibrated, by what. */
struct task {
    const struct invocation *inv;
    struct lane_setup setup;
    const char *meter, *reference; /* reference NULL: known loads */
    int64_t seconds, points;
    struct meter_point at[POINTS_MAX];
    size_t len;
};

static bool has_meter(const struct board *board, const char *name)
{
    for (size_t i = 0; i < board->meters_len; i++)
        if (!strcmp(board->meters[i].name, name))
            return true;
    return false;
}

/* Uncorrected mean power by a meter's name, NaN if it was not read. */
static double said_by(const struct json *rows, const struct board *board,
                      const char *name)
{
    double power_w = NAN;
    size_t i = 0;

    for (struct json r = json_first(rows); json_there(&r);
         r = json_next(rows, &r, ++i)) {
        struct json meter = json_get(&r, "meter"), w = json_get(&r, "power_w");
        const char *text = "";

        if (!json_string(&meter, &text, NULL) && !strcmp(text, name))
            json_f64(&w, &power_w, NULL);
    }
    for (size_t k = 0; k < board->meters_len; k++) {
        const struct meter_calibration *c = &board->meters[k].calibration;

        if (!strcmp(board->meters[k].name, name) && c->there)
            power_w = (power_w - c->offset_w) / c->gain;
    }
    return power_w;
}

/* The reference is believed as it is corrected. */
static double true_by(const struct json *rows, const struct board *board,
                      const char *name)
{
    double said = said_by(rows, board, name);

    for (size_t k = 0; k < board->meters_len; k++) {
        const struct meter_calibration *c = &board->meters[k].calibration;

        if (!strcmp(board->meters[k].name, name) && c->there)
            return said * c->gain + c->offset_w;
    }
    return said;
}

static int read_point(struct task *t, double load_w, struct err *err)
{
    const struct board *board = t->setup.board;
    struct json_value *rows = json_new_array();
    struct json_doc *doc = NULL;
    struct buf text = { 0 };
    struct meter_point point = { NAN, load_w };
    struct err why = { 0 };
    struct json root;
    int rc,
        read = board_sensors_read(&t->setup, (double)t->seconds, rows, &why);

    rc = json_print(rows, false, &text, err);
    if (!rc)
        rc = json_doc_parse(text.data, text.len, "sensors", &doc, err);
    if (!rc) {
        root = json_root(doc);
        point.said_w = said_by(&root, board, t->meter);
        if (t->reference)
            point.true_w = true_by(&root, board, t->reference);
    }
    if (!rc && (isnan(point.said_w) || isnan(point.true_w)))
        rc = err_set(err, ERR_IO, "'%s' was not read: %s",
                     isnan(point.said_w) ? t->meter : t->reference,
                     read ? why.text : "it gave no power");
    if (!rc)
        t->at[t->len++] = point;
    json_doc_destroy(doc);
    json_value_destroy(rows);
    buf_free(&text);
    return rc;
}

/* Every known load, or the reference at every load that is set. */
static int read_points(struct task *t, struct err *err)
{
    const struct options *o = t->inv->options;
    double load_w = NAN;
    int rc = 0;

    for (size_t i = 0; !rc && t->len < POINTS_MAX; i++) {
        const char *load = options_each(o, "load", i);

        if (t->reference ? (int64_t)i >= t->points : !load)
            break;
        if (!t->reference)
            rc = units_parse(load, "W", &load_w, err);
        if (!rc && i) {
            fprintf(stderr, "set %s and press Enter\n",
                    t->reference ? "the next load" : load);
            if (getchar() == EOF)
                return err_set(err, ERR_USAGE, "no more loads were set");
        }
        if (!rc)
            rc = read_point(t, load_w, err);
    }
    return rc;
}

static void today(char text[16])
{
    time_t now = (time_t)(clock_unix_ns() / NS_PER_S);
    struct tm tm;

    gmtime_r(&now, &tm);
    strftime(text, 16, "%Y-%m-%d", &tm);
}

static int print_fit(const struct task *t, const struct meter_fit *fit,
                     struct err *err)
{
    const char *by = options_text(t->inv->options, "certificate",
                                  t->reference ? t->reference : "known load");
    struct json_value *c = json_new_object(), *root;
    struct buf text = { 0 };
    char date[16], offset[32];
    int rc;

    today(date);
    snprintf(offset, sizeof(offset), "%.6g W", fit->offset_w);
    json_set_f64(c, "gain", fit->gain);
    json_set_string(c, "offset", offset);
    json_set_string(c, "date", date);
    json_set_string(c, "certificate", by);
    if (options_has(t->inv->options, "json")) {
        root = json_new_object();
        json_set(root, "calibration", c);
        json_set_string(root, "board", t->setup.board->name);
        json_set_string(root, "meter", t->meter);
        json_set_i64(root, "points", (int64_t)t->len);
        json_set_f64(root, "residual_w", fit->residual_w);
        return command_print_json(t->inv, root, err);
    }
    rc = json_print(c, true, &text, err);
    for (size_t i = 0; i < t->len; i++)
        printf("%10.4f W said, %10.4f W true\n", t->at[i].said_w,
               t->at[i].true_w);
    printf("left over: %.3g W\n\"calibration\": %s\n", fit->residual_w,
           buf_text(&text));
    json_value_destroy(c);
    buf_free(&text);
    return rc;
}

static int set_up(struct task *t, const struct inventory *inventory,
                  struct err *err)
{
    const struct options *o = t->inv->options;
    const char *name = options_arg(o, 1);
    const struct board *board = name ? inventory_board(inventory, name) : NULL;
    int rc = options_i64(o, "seconds", 1, 3600, 10, &t->seconds, err);

    if (!rc)
        rc = options_i64(o, "points", 1, POINTS_MAX, 1, &t->points, err);
    t->meter = options_arg(o, 2);
    t->reference = options_text(o, "reference", NULL);
    if (!rc && (!board || !t->meter || !has_meter(board, t->meter)))
        rc = err_set(err, ERR_USAGE, "name a board and one of its meters");
    if (!rc && t->reference && !has_meter(board, t->reference))
        rc = err_set(err, ERR_USAGE, "board '%s' has no meter '%s'", name,
                     t->reference);
    if (!rc && !t->reference == !options_has(o, "load"))
        rc = err_set(err, ERR_USAGE, "name a --reference meter or a --load");
    t->setup = boards_visit(t->inv, NULL, inventory, board, "calibrate");
    return rc;
}

int meters_calibrate(const struct invocation *inv,
                     const struct inventory *inventory, struct err *err)
{
    struct task t = { .inv = inv };
    struct texts *texts = texts_create();
    struct experiment *experiment = NULL;
    struct meter_fit fit;
    int rc = set_up(&t, inventory, err);

    if (!rc)
        rc = boards_experiment(texts, &experiment, err);
    t.setup.experiment = experiment;
    if (!rc)
        rc = read_points(&t, err);
    if (!rc)
        rc = meter_fit(t.at, t.len, &fit, err);
    if (!rc)
        rc = print_fit(&t, &fit, err);
    experiment_destroy(experiment);
    texts_destroy(texts);
    return rc;
}
