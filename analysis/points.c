/* points.c - cells of one op point folded into means */
#include "analysis/points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/groups.h"
#include "analysis/points_fill.h"
#include "analysis/select.h"
#include "core/pages.h"
#include "core/vec.h"

#define AXES_KEYS_MAX 15

const char *scope_kind_word(enum scope_kind scope)
{
    return scope == SCOPE_KIND_SYS ? "system" : "compute";
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

static int fold(const struct dataset *dataset, const struct rows *rows,
                const struct groups *groups, struct points *points,
                struct err *err)
{
    struct group_rows lists = { 0 };
    struct point *at = pages_alloc((groups->count + 1) * sizeof(*at));
    int rc =
        at ? group_rows_create(groups, rows, &lists, err)
           : err_set(err, ERR_NOMEM, "no memory for %zu points", groups->count);

    if (!rc)
        rc = points_fill(dataset, groups, &lists, at, err);
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

/* Leave the rows of cells that could be ok. */
static void keep_possible(const struct table *cells, struct rows *rows)
{
    const struct table_column *status = table_find(cells, "status");
    size_t kept = 0;

    for (size_t i = 0; i < rows->len; i++)
        if (is_possible(table_i64(status, rows->at[i])))
            rows->at[kept++] = rows->at[i];
    rows->len = kept;
}

static int create(const struct dataset *dataset, const char *where,
                  bool planned, struct points *ret_points, struct err *err)
{
    struct rows rows = { 0 };
    struct groups groups = { 0 };
    struct points points = { 0 };
    int rc = select_rows(dataset->cells, where, &rows, err);

    if (rc)
        return rc;
    (planned ? keep_possible : select_ok)(dataset->cells, &rows);
    if (planned)
        rc = drop_measured(dataset, &rows, err);
    if (!rc)
        rc = group(dataset, &rows, &groups, &points.boards_compared, err);
    if (!rc)
        rc = fold(dataset, &rows, &groups, &points, err);
    if (!rc && planned)
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
    return create(dataset, where, false, ret_points, err);
}

int points_create_planned(const struct dataset *dataset, const char *where,
                          struct points *ret_points, struct err *err)
{
    return create(dataset, where, true, ret_points, err);
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

double point_mean(const struct point *point, const struct table_column *column)
{
    double total = 0;
    size_t n = 0;

    for (size_t i = 0; i < point->repeats; i++) {
        double value = table_f64(column, point->rows[i]);

        if (isnan(value))
            continue;
        total += value;
        n++;
    }
    return n ? total / (double)n : (double)NAN;
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
