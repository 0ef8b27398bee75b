/* table_power.c - energy beside accuracy, and traces with their windows */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/pareto.h"
#include "report/names.h"

#define TRACES_MAX 8   /* in a page */
#define BINS       240 /* of a trace: each its mean */

/* clang-format off */
static const struct sheet_column energy_columns[] = {
    { "source",             "archive",    "",    SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",         "provenance", "",    SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { "platform",           "platform",   "",    SHEET_TEXT,   SHEET_PLAIN },
    { "op_mode",            "op mode",    "",    SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",  "",    SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",    "%",   SHEET_NUMBER, SHEET_PLAIN },
    { "batch",              "batch",      "",    SHEET_NUMBER, SHEET_PLAIN },
    { "label",              NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { "power_scope",        "sees",       "",    SHEET_TEXT,   SHEET_PLAIN },
    { "idle_kind",          "idle is",    "",    SHEET_TEXT,   SHEET_PLAIN },
    { "window_source",      "window",     "",    SHEET_TEXT,   SHEET_PLAIN },
    { "power_base_w",       "base",       "W",   SHEET_NUMBER, SHEET_PLAIN },
    { "power_idle_w",       "idle",       "W",   SHEET_NUMBER, SHEET_PLAIN },
    { "power_full_w",       "full",       "W",   SHEET_NUMBER, SHEET_PLAIN },
    { "energy_image_j",     "per image",  "J",   SHEET_NUMBER, SHEET_PREFIX },
    { "energy_image_pm_j",  "+-",         "J",   SHEET_NUMBER, SHEET_PREFIX },
    { "above_idle_image_j", "above idle", "J",   SHEET_NUMBER, SHEET_PREFIX },
    { "images_per_joule",   "images/J",   "1/J", SHEET_NUMBER, SHEET_PLAIN },
    { "top1_pct",           "top-1",      "%",   SHEET_NUMBER, SHEET_FIXED2 },
    { "front",              "front",      "",    SHEET_NUMBER, SHEET_PLAIN },
    { "power_note",         "note",       "",    SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { "dataset",            NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { "weights_set",        NULL,         "",    SHEET_NUMBER, SHEET_PLAIN },
    { "front_of",           NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};

static const struct sheet_column trace_columns[] = {
    { "trace",       "op point", "",  SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",  NULL,       "",  SHEET_TEXT,   SHEET_PLAIN },
    { "meter",       "meter",    "",  SHEET_TEXT,   SHEET_PLAIN },
    { "power_scope", "sees",     "",  SHEET_TEXT,   SHEET_PLAIN },
    { "part",        "part",     "",  SHEET_TEXT,   SHEET_PLAIN },
    { "t_s",         "from",     "s", SHEET_NUMBER, SHEET_PLAIN },
    { "t_end_s",     "to",       "s", SHEET_NUMBER, SHEET_PLAIN },
    { "power_w",     "power",    "W", SHEET_NUMBER, SHEET_PLAIN },
    { "low_w",       NULL,       "W", SHEET_NUMBER, SHEET_PLAIN },
    { "high_w",      NULL,       "W", SHEET_NUMBER, SHEET_PLAIN },
    { "platform",    NULL,       "",  SHEET_TEXT,   SHEET_PLAIN },
    { "precision",   NULL,       "",  SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", NULL, "%", SHEET_NUMBER, SHEET_PLAIN },
    { "batch",       NULL,       "",  SHEET_NUMBER, SHEET_PLAIN },
    { "place",       NULL,       "",  SHEET_NUMBER, SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

/* A point with a power. */
struct watt {
    const struct report_source *source;
    const struct point *point;
    bool front;
};

struct watts {
    struct watt *at;
    size_t len;
};

/* What the cell's primary meter said; NaN and "" where an archive, such as
 * a published one, does not know. */
static double cell_f64(const struct watt *w, const char *name)
{
    return table_f64(table_find(w->point->dataset->cells, name), w->point->row);
}

static const char *cell_text(const struct watt *w, const char *name)
{
    return table_text(table_find(w->point->dataset->cells, name),
                      w->point->row);
}

static int take_watts(const struct report_data *data, struct watts *watts,
                      struct err *err)
{
    size_t n = 0;

    for (size_t s = 0; s < data->len; s++)
        n += data->sources[s].points.len;
    *watts = (struct watts){ calloc(n + 1, sizeof(*watts->at)), 0 };
    if (!watts->at)
        return err_set(err, ERR_NOMEM, "no memory for a table");
    for (size_t s = 0; s < data->len; s++)
        for (size_t i = 0; i < data->sources[s].points.len; i++) {
            const struct point *p = &data->sources[s].points.at[i];

            if (!isnan(p->full_w))
                watts->at[watts->len++] =
                    (struct watt){ &data->sources[s], p, false };
        }
    return 0;
}

/* What no front may mix: who measured, of what, with which weights, at
 * which point of the wire.  Fields of one source, a scope of power apart. */
static int find_fields(const struct report_data *data,
                       const struct watts *watts, size_t *fields,
                       struct err *err)
{
    size_t *places = malloc((watts->len + 1) * sizeof(*places));
    int rc = places ? 0 : err_set(err, ERR_NOMEM, "no memory for fronts");

    for (size_t i = 0, n; !rc && i < watts->len; i += n) {
        const struct report_source *source = watts->at[i].source;

        for (n = 0; i + n < watts->len && watts->at[i + n].source == source;
             n++)
            places[n] = (size_t)(watts->at[i + n].point - source->points.at);
        rc = report_fields(data, source, places, n, fields + i, err);
    }
    free(places);
    return rc;
}

/* Whether two watts compete, their fields being 'p' and 'q'. */
static bool alike(const struct watt *a, const struct watt *b, size_t p,
                  size_t q)
{
    return a->source == b->source && p == q &&
           !strcmp(a->point->power_scope, b->point->power_scope);
}

/* Number fields anew, for all sources and scopes of power: few. */
static void number_fields(const struct watts *watts, const size_t *fields,
                          size_t *ret_numbers, size_t *first)
{
    size_t n = 0;

    for (size_t i = 0; i < watts->len; i++) {
        size_t k = 0;

        while (k < n && !alike(&watts->at[first[k]], &watts->at[i],
                               fields[first[k]], fields[i]))
            k++;
        first[k] = k == n ? i : first[k];
        n += k == n;
        ret_numbers[i] = k;
    }
}

static int find_fronts(const struct report_data *data, struct watts *watts,
                       struct err *err)
{
    size_t n = watts->len;
    double *energy = calloc(n + 1, sizeof(*energy));
    double *top1 = calloc(n + 1, sizeof(*top1));
    bool *front = calloc(n + 1, sizeof(*front));
    size_t *fields = calloc(3 * n + 1, sizeof(*fields));
    struct pareto_metric metrics[] = { { energy, true }, { top1, false } };
    int rc = energy && top1 && front && fields
                 ? find_fields(data, watts, fields, err)
                 : err_set(err, ERR_NOMEM, "no memory for a front");

    for (size_t i = 0; !rc && i < n; i++) {
        energy[i] = watts->at[i].point->energy_image_j;
        top1[i] = watts->at[i].point->top1_pct;
    }
    if (!rc) {
        number_fields(watts, fields, fields + n, fields + 2 * n);
        rc = pareto_fronts(metrics, 2, fields + n, n, front, err);
    }
    for (size_t i = 0; !rc && i < n; i++)
        watts->at[i].front = front[i];
    free(energy);
    free(top1);
    free(front);
    free(fields);
    return rc;
}

static void put_watt(struct sheet *sheet, const struct report_data *data,
                     const struct watt *w)
{
    const struct point *p = w->point;
    double share = p->energy_image_j / cell_f64(w, "energy_j");
    char text[512];

    sheet_text(sheet, report_source_name(w->source));
    sheet_text(sheet, p->provenance);
    sheet_text(sheet, p->topology);
    sheet_text(sheet, p->platform);
    sheet_text(sheet, p->op_mode);
    sheet_text(sheet, p->precision);
    sheet_number(sheet, p->pruning_pct);
    sheet_number(sheet, p->batch);
    sheet_text(sheet, name_label(data, p, text, sizeof(text)));
    sheet_text(sheet, p->power_scope);
    sheet_text(sheet, cell_text(w, "idle_kind"));
    sheet_text(sheet, cell_text(w, "window_source"));
    sheet_number(sheet, p->base_w);
    sheet_number(sheet, p->idle_w);
    sheet_number(sheet, p->full_w);
    sheet_number(sheet, p->energy_image_j);
    sheet_number(sheet, cell_f64(w, "energy_uncertainty_j") * share);
    sheet_number(sheet, cell_f64(w, "energy_above_idle_j") * share);
    sheet_number(sheet, 1 / p->energy_image_j);
    sheet_number(sheet, p->top1_pct);
    sheet_flag(sheet, w->front);
    sheet_text(sheet, cell_text(w, "power_note"));
    sheet_text(sheet, point_unit(p, text, sizeof(text)));
    sheet_text(sheet, p->images);
    sheet_number(sheet, report_weights_set(w->source, p));
    sheet_text(sheet, report_front_of(data, w->source, p, text, sizeof(text)));
}

int report_table_energy(const struct report_data *data,
                        struct sheet **ret_sheet, struct err *err)
{
    struct sheet *sheet = sheet_create(energy_columns);
    struct watts watts = { 0 };
    int rc = sheet ? take_watts(data, &watts, err)
                   : err_set(err, ERR_NOMEM, "no memory for a table");

    if (!rc)
        rc = find_fronts(data, &watts, err);
    for (size_t i = 0; !rc && i < watts.len; i++)
        if (watts.at[i].front || sheet_rows(sheet) < REPORT_ROWS_MAX)
            put_watt(sheet, data, &watts.at[i]);
    free(watts.at);
    if (rc) {
        sheet_destroy(sheet);
        return rc;
    }
    *ret_sheet = sheet;
    return 0;
}

/* ---- traces */

/* Where a trace's rows go, and what all of them say. */
struct trace {
    struct sheet *sheet;
    const struct watt *watt;
    size_t place; /* among the traces */
    char name[1024];
};

static void put_row(const struct trace *t, const char *part, double from_s,
                    double to_s, double power_w, double low_w, double high_w)
{
    sheet_text(t->sheet, t->name);
    sheet_text(t->sheet, t->watt->point->provenance);
    sheet_text(t->sheet, cell_text(t->watt, "meter"));
    sheet_text(t->sheet, t->watt->point->power_scope);
    sheet_text(t->sheet, part);
    sheet_number(t->sheet, from_s);
    sheet_number(t->sheet, to_s);
    sheet_number(t->sheet, power_w);
    sheet_number(t->sheet, low_w);
    sheet_number(t->sheet, high_w);
    sheet_text(t->sheet, t->watt->point->platform);
    sheet_text(t->sheet, t->watt->point->precision);
    sheet_number(t->sheet, t->watt->point->pruning_pct);
    sheet_number(t->sheet, t->watt->point->batch);
    sheet_number(t->sheet, (double)t->place);
}

/* Readings in bins of one length: mean, least, most.  Raw ones are corrected
 * as the row's numbers are. */
static void put_readings(const struct trace *t, const double *watts,
                         const double *times, size_t len)
{
    double gain = cell_f64(t->watt, "calibration_gain");
    double offset = cell_f64(t->watt, "calibration_offset_w");
    size_t step = len / BINS + 1;

    gain = isnan(gain) ? 1 : gain;
    offset = isnan(offset) ? 0 : offset;
    for (size_t i = 0; i < len; i += step) {
        double sum = 0, low = INFINITY, high = -INFINITY, n = 0;
        size_t last = i + step < len ? i + step : len;

        for (size_t k = i; k < last; k++) {
            double w = watts[k] * gain + offset;

            if (isnan(w))
                continue;
            sum += w;
            low = fmin(low, w);
            high = fmax(high, w);
            n++;
        }
        if (n > 0)
            put_row(t, "reading", times[i], times[last - 1], sum / n, low,
                    high);
    }
}

static void put_window(const struct trace *t, const char *part,
                       const char *start, const char *end, const char *power)
{
    double from = cell_f64(t->watt, start), to = cell_f64(t->watt, end);

    if (to > from)
        put_row(t, part, from, to, cell_f64(t->watt, power), (double)NAN,
                (double)NAN);
}

static bool put_trace(struct sheet *sheet, const struct report_data *data,
                      const struct watt *w, size_t place)
{
    struct trace t = { .sheet = sheet, .watt = w, .place = place };
    char apart[512];
    const struct samples *samples = &w->point->dataset->power;
    const struct table *cells = w->point->dataset->cells;
    int64_t offset, len;
    size_t used;

    if (!samples->t_s)
        return false;
    offset = table_i64(table_find(cells, "power_offset"), w->point->row);
    len = table_i64(table_find(cells, "power_length"), w->point->row);
    if (offset < 0 || len < 2 || (uint64_t)offset > samples->count ||
        (uint64_t)len > samples->count - (uint64_t)offset)
        return false;
    name_label(data, w->point, t.name, sizeof(t.name) / 2);
    used = strlen(t.name);
    snprintf(t.name + used, sizeof(t.name) - used, ", batch %g%s%s%s",
             w->point->batch, *w->point->power_scope ? ", " : "",
             w->point->power_scope,
             name_apart(data, w->source, w->point, apart, sizeof(apart)));
    put_readings(&t, samples->value + offset, samples->t_s + offset,
                 (size_t)len);
    put_window(&t, "idle", "idle_start_s", "idle_end_s", "power_idle_w");
    put_window(&t, "inference", "window_start_s", "window_end_s",
               "power_full_w");
    return true;
}

int report_table_power_traces(const struct report_data *data,
                              struct sheet **ret_sheet, struct err *err)
{
    struct sheet *sheet = sheet_create(trace_columns);
    struct watts watts = { 0 };
    size_t traces = 0;
    int rc = sheet ? take_watts(data, &watts, err)
                   : err_set(err, ERR_NOMEM, "no memory for a table");

    if (!rc)
        rc = find_fronts(data, &watts, err);
    for (int front = 1; !rc && front >= 0; front--) /* the front's first */
        for (size_t i = 0; i < watts.len && traces < TRACES_MAX; i++)
            if (watts.at[i].front == (front == 1))
                traces += put_trace(sheet, data, &watts.at[i], traces);
    free(watts.at);
    if (rc) {
        sheet_destroy(sheet);
        return rc;
    }
    *ret_sheet = sheet;
    return 0;
}
