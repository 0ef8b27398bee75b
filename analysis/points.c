/* points.c - cells of one op point folded into means */
#include "analysis/points.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/efficiency.h"
#include "analysis/groups.h"
#include "analysis/pareto.h"
#include "analysis/select.h"

#define AXES_KEYS_MAX 15

/* Columns of a cell table that points read; NULL where there is none. */
struct names {
    const char *fps, *lat, *mean, *p90, *p99;
};

static const struct names scope_names[SCOPE_KINDS] = {
    { "fps_comp", "lat_comp_s", "lat_comp_mean_s", "lat_comp_p90_s",
      "lat_comp_p99_s" },
    { "fps_sys", "lat_sys_s", "lat_sys_mean_s", "lat_sys_p90_s",
      "lat_sys_p99_s" },
};

const char *scope_kind_word(enum scope_kind scope)
{
    return scope == SCOPE_KIND_SYS ? "system" : "compute";
}

/* The rows of one point, and room for their values. */
struct members {
    const struct table *cells;
    const uint32_t *rows;
    size_t len;
    double *values;
};

static double members_mean(const struct members *members, const char *name,
                           struct stats_interval *range)
{
    const struct table_column *column = table_find(members->cells, name);
    size_t n;

    for (size_t i = 0; i < members->len; i++)
        members->values[i] = table_f64(column, members->rows[i]);
    n = stats_present(members->values, members->len);
    if (range)
        *range = stats_mean_interval(members->values, n);
    return stats_mean(members->values, n);
}

static const char *label(const struct members *members, const char *name)
{
    return table_text(table_find(members->cells, name), members->rows[0]);
}

static double number_or(const struct members *members, const char *name,
                        double otherwise)
{
    double value =
        table_f64(table_find(members->cells, name), members->rows[0]);

    return isnan(value) ? otherwise : value;
}

static void point_labels(const struct members *members, struct point *point)
{
    point->topology = label(members, "topology");
    point->images = label(members, "dataset");
    point->platform = label(members, "platform");
    point->op_mode = label(members, "op_mode");
    point->precision = label(members, "precision");
    point->provenance = label(members, "provenance");
    point->board = label(members, "board");
    point->model = label(members, "model_digest");
    point->kernel = label(members, "kernel");
    point->accuracy_source = label(members, "accuracy_source");
    point->pruning_pct = number_or(members, "pruning_factor_pct", 100);
    point->batch = number_or(members, "batch", 1);
    point->threads = number_or(members, "threads", 1);
    point->streams = number_or(members, "streams", 1);
    point->ops_image = number_or(members, "ops_image", (double)NAN);
    point->params = number_or(members, "params", (double)NAN);
    point->weight_bits = number_or(members, "weight_bits", (double)NAN);
    point->activation_bits = number_or(members, "activation_bits", (double)NAN);
    point->accuracy_images = number_or(members, "accuracy_images", (double)NAN);
}

static void point_fill(const struct members *members, struct point *point)
{
    point->row = members->rows[0];
    point->repeats = members->len;
    point_labels(members, point);
    for (size_t k = 0; k < SCOPE_KINDS; k++) {
        struct point_scope *scope = &point->scope[k];

        scope->fps =
            members_mean(members, scope_names[k].fps, &scope->fps_range);
        scope->lat =
            members_mean(members, scope_names[k].lat, &scope->lat_range);
        scope->mean = members_mean(members, scope_names[k].mean, NULL);
        scope->p90 = members_mean(members, scope_names[k].p90, NULL);
        scope->p99 = members_mean(members, scope_names[k].p99, NULL);
    }
    point->top1_pct = members_mean(members, "top1_pct", NULL);
    point->top5_pct = members_mean(members, "top5_pct", NULL);
    point->base_w = members_mean(members, "power_base_w", NULL);
    point->idle_w = members_mean(members, "power_idle_w", NULL);
    point->full_w = members_mean(members, "power_full_w", NULL);
    point->energy_image_j = members_mean(members, "energy_image_j", NULL);
    for (size_t k = 0; k < SCOPE_KINDS; k++)
        if (isnan(point->energy_image_j))
            point->energy_image_j =
                efficiency_energy_image_j(point->full_w, point->scope[k].fps);
}

/* The axes but those of 'without' (ends with NULL), and what must never be
 * folded together. */
static void point_keys(const struct dataset *dataset,
                       const char *const *without,
                       const char *keys[AXES_KEYS_MAX + 2])
{
    size_t len = 0;

    for (size_t i = 0; i < dataset->n_axes && len < AXES_KEYS_MAX; i++) {
        bool out = false;

        for (size_t k = 0; without[k]; k++)
            out = out || !strcmp(dataset->axes[i], without[k]);
        if (!out)
            keys[len++] = dataset->axes[i];
    }
    keys[len++] = "provenance";
    keys[len] = NULL;
}

/* Group by what makes a point: every axis but repeat, and but board where no
 * op point and repeat ran on two of them (then the board is an outcome). */
static int group(const struct dataset *dataset, const struct rows *rows,
                 struct groups *ret_groups, bool *ret_boards, struct err *err)
{
    static const char *const board[] = { "board", NULL };
    static const char *const both[] = { "repeat", "board", NULL };
    static const char *const repeat[] = { "repeat", NULL };
    const char *keys[AXES_KEYS_MAX + 2];
    struct groups groups;
    int rc;

    point_keys(dataset, board, keys);
    rc = groups_create(dataset->cells, rows, keys, &groups, err);
    if (rc)
        return rc;
    *ret_boards = groups.count < rows->len;
    groups_free(&groups);
    point_keys(dataset, *ret_boards ? repeat : both, keys);
    return groups_create(dataset->cells, rows, keys, ret_groups, err);
}

static int fold(const struct dataset *dataset, const struct rows *rows,
                const struct groups *groups, struct points *points,
                struct err *err)
{
    size_t *start = calloc(groups->count + 1, sizeof(*start));
    uint32_t *sorted = calloc(rows->len + 1, sizeof(*sorted));
    double *values = calloc(rows->len + 1, sizeof(*values));
    struct point *at = calloc(groups->count + 1, sizeof(*at));
    int rc = 0;

    if (!start || !sorted || !values || !at) {
        rc = err_set(err, ERR_NOMEM, "no memory for %zu points", groups->count);
        free(at);
        goto out;
    }
    for (size_t i = 0; i < rows->len; i++) /* counting sort by group */
        start[groups->of[i] + 1]++;
    for (size_t g = 0; g < groups->count; g++)
        start[g + 1] += start[g];
    for (size_t i = rows->len; i-- > 0;)
        sorted[--start[groups->of[i] + 1]] = rows->at[i];
    for (size_t g = 0; g < groups->count; g++) {
        size_t first = start[g + 1];
        size_t end = g + 1 < groups->count ? start[g + 2] : rows->len;
        struct members members = { dataset->cells, sorted + first, end - first,
                                   values };

        at[g].dataset = dataset;
        point_fill(&members, &at[g]);
    }
    points->at = at;
    points->len = groups->count;
out:
    free(start);
    free(sorted);
    free(values);
    return rc;
}

int points_create(const struct dataset *dataset, const char *where,
                  struct points *ret_points, struct err *err)
{
    struct rows rows = { 0 };
    struct groups groups = { 0 };
    struct points points = { 0 };
    const struct table_column *status = table_find(dataset->cells, "status");
    size_t kept = 0;
    int rc = select_rows(dataset->cells, where, &rows, err);

    if (rc)
        return rc;
    for (size_t i = 0; i < rows.len; i++)
        if (table_i64(status, rows.at[i]) == STATUS_OK)
            rows.at[kept++] = rows.at[i];
    rows.len = kept;
    rc = group(dataset, &rows, &groups, &points.boards_compared, err);
    if (!rc)
        rc = fold(dataset, &rows, &groups, &points, err);
    if (!rc)
        *ret_points = points;
    groups_free(&groups);
    select_free(&rows);
    return rc;
}

void points_free(struct points *points)
{
    if (!points)
        return;
    free(points->at);
    memset(points, 0, sizeof(*points));
}

struct place {
    const struct point *point;
    double fps;
    size_t at;
};

static int by_group_then_best(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    int order = classes_by_group(p->point, q->point);

    if (order)
        return order;
    if (p->fps != q->fps)
        return p->fps < q->fps ? 1 : -1;
    return (p->at > q->at) - (p->at < q->at);
}

static int by_place(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

int points_best(const struct points *points, enum scope_kind scope,
                size_t **ret_places, size_t *ret_len, struct err *err)
{
    struct place *sorted = calloc(points->len + 1, sizeof(*sorted));
    size_t *places = calloc(points->len + 1, sizeof(*places));
    size_t n = 0, len = 0;

    if (!sorted || !places) {
        free(sorted);
        free(places);
        return err_set(err, ERR_NOMEM, "no memory to group %zu points",
                       points->len);
    }
    for (size_t i = 0; i < points->len; i++) {
        double fps = points->at[i].scope[scope].fps;

        if (!isnan(fps))
            sorted[n++] = (struct place){ &points->at[i], fps, i };
    }
    qsort(sorted, n, sizeof(*sorted), by_group_then_best);
    for (size_t i = 0; i < n; i++)
        if (!i || classes_by_group(sorted[i - 1].point, sorted[i].point))
            places[len++] = sorted[i].at;
    qsort(places, len, sizeof(*places), by_place);
    free(sorted);
    *ret_places = places;
    *ret_len = len;
    return 0;
}

static bool same_field(const struct point *p, const struct point *q)
{
    return !strcmp(p->provenance, q->provenance) &&
           !strcmp(p->topology, q->topology) && !strcmp(p->images, q->images);
}

int points_front(const struct points *points, const size_t *places, size_t len,
                 enum scope_kind scope, bool *ret_front, struct err *err)
{
    double *fps = calloc(len + 1, sizeof(*fps));
    double *top1 = calloc(len + 1, sizeof(*top1));
    bool *front = calloc(len + 1, sizeof(*front));
    bool *done = calloc(len + 1, sizeof(*done));
    int rc = 0;

    if (!fps || !top1 || !front || !done)
        rc =
            err_set(err, ERR_NOMEM, "no memory for a front of %zu points", len);
    for (size_t i = 0; !rc && i < len; i++) { /* few fields: one pass each */
        const struct point *lead = &points->at[places[i]];
        struct pareto_metric metrics[] = { { fps + i, false },
                                           { top1 + i, false } };

        if (done[i])
            continue;
        for (size_t j = i; j < len; j++) {
            const struct point *point = &points->at[places[j]];
            bool mine = same_field(lead, point);

            fps[j] = mine ? point->scope[scope].fps : (double)NAN;
            top1[j] = mine ? point->top1_pct : (double)NAN;
        }
        rc = pareto_front(metrics, 2, len - i, front, err);
        for (size_t j = i; !rc && j < len; j++)
            if (!done[j] && same_field(lead, &points->at[places[j]])) {
                done[j] = true;
                ret_front[j] = front[j - i];
            }
    }
    free(fps);
    free(top1);
    free(front);
    free(done);
    return rc;
}

char *point_unit(const struct point *point, char *text, size_t size)
{
    bool plain = !*point->op_mode || !strcmp(point->op_mode, "default");

    snprintf(text, size, "%s%s%s", point->platform, plain ? "" : " ",
             plain ? "" : point->op_mode);
    return text;
}

char *point_label(const struct point *point, char *text, size_t size)
{
    char unit[192];

    snprintf(text, size, "%s %s %g %%", point_unit(point, unit, sizeof(unit)),
             point->precision, point->pruning_pct);
    return text;
}
