/* points.c - cells of one op point folded into means */
#include "analysis/points.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/efficiency.h"
#include "analysis/groups.h"
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
    bool metered; /* of repeats whose meters see the same alone */
} means[] = {
    { "fps_comp", IN_SCOPE(0, fps), IN_SCOPE(0, fps_range), false },
    { "lat_comp_s", IN_SCOPE(0, lat), IN_SCOPE(0, lat_range), false },
    { "lat_comp_mean_s", IN_SCOPE(0, mean), NO_RANGE, false },
    { "lat_comp_p90_s", IN_SCOPE(0, p90), NO_RANGE, false },
    { "lat_comp_p99_s", IN_SCOPE(0, p99), NO_RANGE, false },
    { "fps_sys", IN_SCOPE(1, fps), IN_SCOPE(1, fps_range), false },
    { "lat_sys_s", IN_SCOPE(1, lat), IN_SCOPE(1, lat_range), false },
    { "lat_sys_mean_s", IN_SCOPE(1, mean), NO_RANGE, false },
    { "lat_sys_p90_s", IN_SCOPE(1, p90), NO_RANGE, false },
    { "lat_sys_p99_s", IN_SCOPE(1, p99), NO_RANGE, false },
    { "top1_pct", offsetof(struct point, top1_pct), NO_RANGE, false },
    { "top5_pct", offsetof(struct point, top5_pct), NO_RANGE, false },
    { "power_base_w", offsetof(struct point, base_w), NO_RANGE, true },
    { "power_idle_w", offsetof(struct point, idle_w), NO_RANGE, true },
    { "power_full_w", offsetof(struct point, full_w),
      offsetof(struct point, full_range), true },
    { "energy_image_j", offsetof(struct point, energy_image_j),
      offsetof(struct point, energy_range), true },
    { "duration_s", offsetof(struct point, duration_s), NO_RANGE, false },
};

/* The columns of the above in one table, found once; NULL: not there. */
struct found {
    const struct table_column *labels[ARRAY_LEN(labels)];
    const struct table_column *numbers[ARRAY_LEN(numbers)];
    const struct table_column *means[ARRAY_LEN(means)];
    const struct table_column *power_scope;
};

static void found_make(const struct table *cells, struct found *found)
{
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        found->labels[i] = table_find(cells, labels[i].name);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        found->numbers[i] = table_find(cells, numbers[i].name);
    for (size_t i = 0; i < ARRAY_LEN(means); i++)
        found->means[i] = table_find(cells, means[i].name);
    found->power_scope = table_find(cells, "power_scope");
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
    uint32_t *metered; /* room for those of one power scope */
    double *values;
    const double *t95; /* Student's, by degrees of freedom below T95_MAX */
};

#define T95_MAX 32

/* The values of a column that are there; returns their count. */
static size_t members_values(const struct members *members,
                             const struct table_column *column)
{
    double *values = members->values;
    size_t n = 0;

    if (column->type != COLUMN_F64) {
        for (size_t i = 0; i < members->len; i++)
            values[i] = table_f64(column, members->rows[i]);
        return stats_present(values, members->len);
    }
    for (size_t i = 0; i < members->len; i++) {
        values[n] = column->f64[members->rows[i]];
        if (!isnan(values[n]))
            n++;
    }
    return n;
}

static double members_mean(const struct members *members,
                           const struct table_column *column)
{
    return stats_mean(members->values, members_values(members, column));
}

/* The mean and its interval over repeats. */
static double members_range(const struct members *members,
                            const struct table_column *column,
                            struct stats_interval *ret_range)
{
    size_t n = members_values(members, column);
    double mean = stats_mean(members->values, n);

    *ret_range = STATS_NO_INTERVAL;
    if (n > 1)
        *ret_range = stats_interval_at(members->values, n, mean,
                                       n <= T95_MAX ? members->t95[n - 1]
                                                    : stats_t95(n - 1));
    return mean;
}

/* Means of the columns that are there; the others' are missing. */
static void point_means(const struct members *all,
                        const struct members *metered, struct point *point)
{
    char *at = (char *)point;

    for (size_t i = 0; i < ARRAY_LEN(means); i++) {
        const struct members *members = means[i].metered ? metered : all;
        const struct table_column *column = members->found->means[i];
        double *mean = (double *)(void *)(at + means[i].offset);
        bool ranged = means[i].range != NO_RANGE;

        if (ranged)
            *(struct stats_interval *)(void *)(at + means[i].range) =
                STATS_NO_INTERVAL;
        if (!column)
            *mean = (double)NAN;
        else if (ranged)
            *mean =
                members_range(members, column, (void *)(at + means[i].range));
        else
            *mean = members_mean(members, column);
    }
}

/* What is the same in all repeats, from the first. */
static void point_name(const struct members *members, struct point *point)
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
}

/* The repeats whose meters see what the first known one's sees: a mean of a
 * module's power and of a wall's would be neither. */
static struct members of_one_scope(const struct members *all)
{
    const struct table_column *column = all->found->power_scope;
    int64_t scope = -1;
    struct members some = *all;

    some.rows = all->metered;
    some.len = 0;
    for (size_t i = 0; column && i < all->len; i++) {
        int64_t at = table_i64(column, all->rows[i]);

        if (scope < 0)
            scope = at;
        if (at >= 0 && at == scope)
            all->metered[some.len++] = all->rows[i];
    }
    return some.len ? some : *all;
}

static void point_fill(const struct members *members, struct point *point)
{
    struct members metered = of_one_scope(members);

    point_name(members, point);
    point->power_scope =
        table_text(members->found->power_scope, metered.rows[0]);
    point_means(members, &metered, point);
    /* only who published so divides power by compute throughput alone: ours
     * is of a whole window */
    for (size_t k = strcmp(point->provenance, "published") ? SCOPE_KIND_SYS : 0;
         k < SCOPE_KINDS; k++)
        if (isnan(point->energy_image_j))
            point->energy_image_j =
                efficiency_energy_image_j(point->full_w, point->scope[k].fps);
}

/* The axes but those of 'without' (ends with NULL); returns how many. */
static size_t axis_keys(const struct dataset *dataset,
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
    return len;
}

/* The same, and what must never be folded together. */
static void point_keys(const struct dataset *dataset,
                       const char *const *without,
                       const char *keys[AXES_KEYS_MAX + 2])
{
    size_t len = axis_keys(dataset, without, keys);

    keys[len++] = "provenance";
    keys[len] = NULL;
}

/* Whether rows name more than one board. */
static bool boards_differ(const struct table *cells, const struct rows *rows)
{
    const struct table_column *board = table_find(cells, "board");

    for (size_t i = 1; board && i < rows->len; i++)
        if (table_i64(board, rows->at[i]) != table_i64(board, rows->at[0]))
            return true;
    return false;
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

    *ret_boards = boards_differ(dataset->cells, rows);
    if (*ret_boards) {
        point_keys(dataset, board, keys);
        rc = groups_create(dataset->cells, rows, keys, &groups, err);
        if (rc)
            return rc;
        *ret_boards = groups.count < rows->len;
        groups_free(&groups);
    }
    point_keys(dataset, *ret_boards ? repeat : both, keys);
    return groups_create(dataset->cells, rows, keys, ret_groups, err);
}

/* Fill 'at', a point a group, and know its repeats by 'lists'. */
static int fill_all(const struct dataset *dataset, const struct groups *groups,
                    const struct group_rows *lists, struct point *at,
                    struct err *err)
{
    double t95[T95_MAX];
    struct members members = { .t95 = t95 };
    struct found found;
    size_t most = 0;

    for (size_t df = 0; df < T95_MAX; df++)
        t95[df] = stats_t95(df);
    for (size_t g = 0; g < groups->count; g++)
        if (lists->start[g + 1] - lists->start[g] > most)
            most = lists->start[g + 1] - lists->start[g];
    members.values = malloc((most + 1) * sizeof(double));
    members.metered = malloc((most + 1) * sizeof(uint32_t));
    if (!members.values || !members.metered) {
        free(members.values);
        free(members.metered);
        return err_set(err, ERR_NOMEM, "no memory for %zu repeats", most);
    }
    found_make(dataset->cells, &found);
    members.found = &found;
    for (size_t g = 0; g < groups->count; g++) {
        members.rows = lists->at + lists->start[g];
        members.len = lists->start[g + 1] - lists->start[g];
        at[g] = (struct point){ .dataset = dataset };
        point_fill(&members, &at[g]);
    }
    free(members.values);
    free(members.metered);
    return 0;
}

static int fold(const struct dataset *dataset, const struct rows *rows,
                const struct groups *groups, struct points *points,
                struct err *err)
{
    struct group_rows lists = { 0 };
    struct point *at = malloc((groups->count + 1) * sizeof(*at));
    int rc =
        at ? group_rows_create(groups, rows, &lists, err)
           : err_set(err, ERR_NOMEM, "no memory for %zu points", groups->count);

    if (!rc)
        rc = fill_all(dataset, groups, &lists, at, err);
    if (rc) {
        free(at);
        group_rows_free(&lists);
        return rc;
    }
    points->at = at;
    points->len = groups->count;
    points->rows = lists.at;
    lists.at = NULL;
    group_rows_free(&lists);
    return 0;
}

static bool is_ok(int64_t status)
{
    return status == STATUS_OK;
}

static bool is_possible(int64_t status)
{
    return status != STATUS_NA && status != STATUS_RETIRED;
}

/* Leave out cells that are not ok of op points that other repeats measured:
 * what is left of those was not measured at all. */
static int drop_measured(const struct dataset *dataset, struct rows *rows,
                         struct err *err)
{
    static const char *const both[] = { "repeat", "board", NULL };
    const struct table_column *status = table_find(dataset->cells, "status");
    const char *keys[AXES_KEYS_MAX + 2];
    struct groups groups;
    size_t kept = 0;
    bool *measured;
    int rc;

    keys[axis_keys(dataset, both, keys)] = NULL;
    rc = groups_create(dataset->cells, rows, keys, &groups, err);
    if (rc)
        return rc;
    measured = calloc(groups.count + 1, sizeof(*measured));
    for (size_t i = 0; measured && i < rows->len; i++)
        measured[groups.of[i]] |= is_ok(table_i64(status, rows->at[i]));
    for (size_t i = 0; measured && i < rows->len; i++)
        if (!measured[groups.of[i]] || is_ok(table_i64(status, rows->at[i])))
            rows->at[kept++] = rows->at[i];
    rows->len = kept;
    rc = measured ? 0 : err_set(err, ERR_NOMEM, "no memory for op points");
    free(measured);
    groups_free(&groups);
    return rc;
}

/* Cells that never ran do not say how their numbers came to be: they will as
 * the others of their platform and op mode did. */
static int adopt_provenance(struct points *points, struct err *err)
{
    struct classes units = { 0 };
    int rc = classes_create(points, CLASSES_BY_UNIT, &units, err);

    for (size_t u = 0; !rc && u < units.count; u++) {
        const char *known = "";

        for (size_t m = units.start[u]; m < units.start[u + 1]; m++) {
            struct point *point = &points->at[units.member[m]];

            if (!*known)
                known = point->provenance;
        }
        for (size_t m = units.start[u]; m < units.start[u + 1]; m++) {
            struct point *point = &points->at[units.member[m]];

            if (!*point->provenance)
                point->provenance = known;
        }
    }
    classes_free(&units);
    return rc;
}

/* Number the groups over batches. */
static int class_groups(struct points *points, struct err *err)
{
    points->groups = calloc(1, sizeof(*points->groups));
    if (!points->groups)
        return err_set(err, ERR_NOMEM, "no memory for groups");
    return classes_create(points, CLASSES_BY_GROUP, points->groups, err);
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
    if (keep == is_possible)
        rc = drop_measured(dataset, &rows, err);
    if (!rc)
        rc = group(dataset, &rows, &groups, &points.boards_compared, err);
    if (!rc)
        rc = fold(dataset, &rows, &groups, &points, err);
    if (!rc && keep == is_possible)
        rc = adopt_provenance(&points, err);
    if (!rc)
        rc = class_groups(&points, err);
    if (rc)
        points_free(&points);
    else
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
    classes_free(points->groups);
    free(points->groups);
    memset(points, 0, sizeof(*points));
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
