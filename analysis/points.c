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
#include "core/vec.h"

#define AXES_KEYS_MAX 15

/* Columns of a cell table that points read, and where their values go. */
static const struct {
    const char *name;
    size_t offset;
} labels[] = {
    { "topology", offsetof(struct point, topology) },
    { "dataset", offsetof(struct point, images) },
    { "platform", offsetof(struct point, platform) },
    { "op_mode", offsetof(struct point, op_mode) },
    { "precision", offsetof(struct point, precision) },
    { "provenance", offsetof(struct point, provenance) },
    { "board", offsetof(struct point, board) },
    { "model_digest", offsetof(struct point, model) },
    { "kernel", offsetof(struct point, kernel) },
    { "accuracy_source", offsetof(struct point, accuracy_source) },
    { "power_scope", offsetof(struct point, power_scope) },
    { "prediction_hash", offsetof(struct point, predictions) },
};

/* The same in all repeats; 'otherwise' where it is missing. */
static const struct {
    const char *name;
    size_t offset;
    double otherwise;
} numbers[] = {
    { "pruning_factor_pct", offsetof(struct point, pruning_pct), 100 },
    { "batch", offsetof(struct point, batch), 1 },
    { "threads", offsetof(struct point, threads), 1 },
    { "streams", offsetof(struct point, streams), 1 },
    { "ops_image", offsetof(struct point, ops_image), (double)NAN },
    { "params", offsetof(struct point, params), (double)NAN },
    { "weight_bits", offsetof(struct point, weight_bits), (double)NAN },
    { "activation_bits", offsetof(struct point, activation_bits), (double)NAN },
    { "accuracy_images", offsetof(struct point, accuracy_images), (double)NAN },
};

#define IN_SCOPE(kind, field)                                                  \
    (offsetof(struct point, scope) + (kind) * sizeof(struct point_scope) +     \
     offsetof(struct point_scope, field))
#define NO_RANGE SIZE_MAX

/* Means over repeats, and the interval of some. */
static const struct {
    const char *name;
    size_t offset, range;
} means[] = {
    { "fps_comp", IN_SCOPE(0, fps), IN_SCOPE(0, fps_range) },
    { "lat_comp_s", IN_SCOPE(0, lat), IN_SCOPE(0, lat_range) },
    { "lat_comp_mean_s", IN_SCOPE(0, mean), NO_RANGE },
    { "lat_comp_p90_s", IN_SCOPE(0, p90), NO_RANGE },
    { "lat_comp_p99_s", IN_SCOPE(0, p99), NO_RANGE },
    { "fps_sys", IN_SCOPE(1, fps), IN_SCOPE(1, fps_range) },
    { "lat_sys_s", IN_SCOPE(1, lat), IN_SCOPE(1, lat_range) },
    { "lat_sys_mean_s", IN_SCOPE(1, mean), NO_RANGE },
    { "lat_sys_p90_s", IN_SCOPE(1, p90), NO_RANGE },
    { "lat_sys_p99_s", IN_SCOPE(1, p99), NO_RANGE },
    { "top1_pct", offsetof(struct point, top1_pct), NO_RANGE },
    { "top5_pct", offsetof(struct point, top5_pct), NO_RANGE },
    { "power_base_w", offsetof(struct point, base_w), NO_RANGE },
    { "power_idle_w", offsetof(struct point, idle_w), NO_RANGE },
    { "power_full_w", offsetof(struct point, full_w), NO_RANGE },
    { "energy_image_j", offsetof(struct point, energy_image_j), NO_RANGE },
    { "duration_s", offsetof(struct point, duration_s), NO_RANGE },
};

/* The columns of the above in one table, found once; NULL: not there. */
struct found {
    const struct table_column *labels[ARRAY_LEN(labels)];
    const struct table_column *numbers[ARRAY_LEN(numbers)];
    const struct table_column *means[ARRAY_LEN(means)];
};

static void found_make(const struct table *cells, struct found *found)
{
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        found->labels[i] = table_find(cells, labels[i].name);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        found->numbers[i] = table_find(cells, numbers[i].name);
    for (size_t i = 0; i < ARRAY_LEN(means); i++)
        found->means[i] = table_find(cells, means[i].name);
}

const char *scope_kind_word(enum scope_kind scope)
{
    return scope == SCOPE_KIND_SYS ? "system" : "compute";
}

/* The rows of one point, and room for their values. */
struct members {
    const struct found *found;
    const uint32_t *rows;
    size_t len;
    double *values;
};

static double members_mean(const struct members *members,
                           const struct table_column *column,
                           struct stats_interval *range)
{
    size_t n;

    for (size_t i = 0; i < members->len; i++)
        members->values[i] = table_f64(column, members->rows[i]);
    n = stats_present(members->values, members->len);
    if (range)
        *range = stats_mean_interval(members->values, n);
    return stats_mean(members->values, n);
}

static void point_fill(const struct members *members, struct point *point)
{
    const struct found *found = members->found;
    char *at = (char *)point;

    point->row = members->rows[0];
    point->rows = members->rows;
    point->repeats = members->len;
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        *(const char **)(void *)(at + labels[i].offset) =
            table_text(found->labels[i], point->row);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        double value = table_f64(found->numbers[i], point->row);

        *(double *)(void *)(at + numbers[i].offset) =
            isnan(value) ? numbers[i].otherwise : value;
    }
    for (size_t i = 0; i < ARRAY_LEN(means); i++) {
        void *range = means[i].range == NO_RANGE ? NULL : at + means[i].range;

        *(double *)(void *)(at + means[i].offset) =
            members_mean(members, found->means[i], range);
    }
    /* only who published so divides power by compute throughput alone: ours
     * is of a whole window */
    for (size_t k = strcmp(point->provenance, "published") ? SCOPE_KIND_SYS : 0;
         k < SCOPE_KINDS; k++)
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
    struct found found;
    int rc = 0;

    found_make(dataset->cells, &found);
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
        struct members members = { &found, sorted + first, end - first,
                                   values };

        at[g].dataset = dataset;
        point_fill(&members, &at[g]);
    }
    points->at = at;
    points->len = groups->count;
    points->rows = sorted;
    sorted = NULL;
out:
    free(start);
    free(sorted);
    free(values);
    return rc;
}

static bool is_ok(int64_t status)
{
    return status == STATUS_OK;
}

static bool is_possible(int64_t status)
{
    return status != STATUS_NA && status != STATUS_RETIRED;
}

static int create(const struct dataset *dataset, const char *where,
                  bool (*keep)(int64_t status), struct points *ret_points,
                  struct err *err)
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
        if (keep(table_i64(status, rows.at[i])))
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

int points_create(const struct dataset *dataset, const char *where,
                  struct points *ret_points, struct err *err)
{
    return create(dataset, where, is_ok, ret_points, err);
}

int points_create_planned(const struct dataset *dataset, const char *where,
                          struct points *ret_points, struct err *err)
{
    return create(dataset, where, is_possible, ret_points, err);
}

void points_free(struct points *points)
{
    if (!points)
        return;
    free(points->at);
    free(points->rows);
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

bool point_emulated(const struct point *point)
{
    return !strcmp(point->provenance, "emulated");
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
