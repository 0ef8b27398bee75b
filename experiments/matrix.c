/* matrix.c - blocks crossed, rules applied, every op point once */
#include "experiments/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "core/vec.h"
#include "experiments/matrix_points.h"

struct na_rule {
    struct matrix_points where;
    const char *reason;
    bool met; /* some row */
};

struct matrix {
    const struct experiment *e;
    const struct matrix_boards *boards;
    struct op_table *table;
    VEC(uint64_t) ids;
    VEC(uint16_t) reasons; /* rule + 1, 0: not na; empty if nothing is na */
    VEC(struct matrix_points) blocks, excludes;
    size_t includes_at; /* the first of 'blocks' that is an include */
    VEC(struct na_rule) rules;
    uint32_t *slots; /* row + 1 by id, at most half full */
    size_t slots_len;
    size_t merged, excluded, board_axis, platform_axis;
};

static void rules_free(struct matrix *m)
{
    for (size_t i = 0; i < m->blocks.len; i++)
        matrix_points_free(&m->blocks.at[i]);
    for (size_t i = 0; i < m->excludes.len; i++)
        matrix_points_free(&m->excludes.at[i]);
    for (size_t i = 0; i < m->rules.len; i++)
        matrix_points_free(&m->rules.at[i].where);
    VEC_FREE(&m->blocks);
    VEC_FREE(&m->excludes);
    free(m->slots);
    m->slots = NULL;
}

void matrix_destroy(struct matrix *matrix)
{
    if (!matrix)
        return;
    rules_free(matrix);
    VEC_FREE(&matrix->rules);
    VEC_FREE(&matrix->ids);
    VEC_FREE(&matrix->reasons);
    op_table_destroy(matrix->table);
    free(matrix);
}

/* ---- rows */

static bool slots_grow(struct matrix *m)
{
    size_t len = m->slots_len ? m->slots_len * 2 : 1024;
    uint32_t *slots;

    if (m->ids.len * 2 < m->slots_len)
        return true;
    slots = calloc(len, sizeof(*slots));
    if (!slots)
        return false;
    for (size_t i = 0; i < m->ids.len; i++) {
        size_t at = (size_t)m->ids.at[i] & (len - 1);

        while (slots[at])
            at = (at + 1) & (len - 1);
        slots[at] = (uint32_t)i + 1;
    }
    free(m->slots);
    m->slots = slots;
    m->slots_len = len;
    return true;
}

/* Where 'id' is or would be among the slots. */
static uint32_t *slot_of(const struct matrix *m, uint64_t id)
{
    size_t at = (size_t)id & (m->slots_len - 1);

    while (m->slots[at] && m->ids.at[m->slots[at] - 1] != id)
        at = (at + 1) & (m->slots_len - 1);
    return &m->slots[at];
}

/* Two rows of one id: the same point, or points that differ in a default
 * only; else SHA-256 has collided in 64 bits. */
static bool same_meaning(const struct matrix *m, size_t row,
                         const uint32_t *indexes)
{
    const uint32_t *old = op_table_row(m->table, row);

    for (size_t i = 0; i < m->e->axes_len; i++) {
        const struct axis *axis = &m->e->axes[i];
        const struct op_value *a = op_table_value(m->table, i, old[i]);
        const struct op_value *b = op_table_value(m->table, i, indexes[i]);

        if (!axis_same_value(axis, a->there ? a : &axis->dflt,
                             b->there ? b : &axis->dflt))
            return false;
    }
    return true;
}

static int emit(struct matrix *m, const uint32_t *indexes, struct err *err)
{
    uint64_t id = op_table_id(m->table, indexes);
    uint32_t *slot;
    int rc;

    if (!slots_grow(m))
        return err_set(err, ERR_NOMEM, "no memory for %zu rows", m->ids.len);
    slot = slot_of(m, id);
    if (*slot && same_meaning(m, *slot - 1, indexes)) {
        m->merged++;
        return 0;
    }
    if (*slot)
        return err_set(err, ERR_FORMAT,
                       "%s: two op points have the id %016llx; change the "
                       "name of a value",
                       m->e->file, (unsigned long long)id);
    if (m->ids.len >= MATRIX_ROWS_MAX)
        return err_set(err, ERR_FORMAT, "%s: matrix: more than %d rows",
                       m->e->file, MATRIX_ROWS_MAX);
    rc = op_table_append(m->table, indexes, err);
    if (!rc && !VEC_PUSH(&m->ids, id))
        rc = err_set(err, ERR_NOMEM, "no memory for %zu rows", m->ids.len);
    if (!rc)
        *slot = (uint32_t)m->ids.len;
    return rc;
}

static int emit_unless_excluded(struct matrix *m, const uint32_t *indexes,
                                bool is_include, struct err *err)
{
    for (size_t i = 0; !is_include && i < m->excludes.len; i++) {
        if (matrix_points_match(&m->excludes.at[i], m->e->axes_len, indexes)) {
            m->excluded++;
            return 0;
        }
    }
    return emit(m, indexes, err);
}

static int emit_repeats(struct matrix *m, uint32_t *indexes, bool is_include,
                        struct err *err)
{
    size_t axis = m->e->axes_len - 1;
    int rc = 0;

    for (int64_t r = 1; !rc && r <= m->e->repeats; r++) {
        struct op_value value = { .there = true, .i64 = r };

        rc = op_table_intern(m->table, axis, &value, &indexes[axis], err);
        if (!rc)
            rc = emit_unless_excluded(m, indexes, is_include, err);
    }
    return rc;
}

/* The rows of one crossed point: its boards, and on each its repeats. */
static int emit_point(struct matrix *m, uint32_t *indexes, bool is_include,
                      struct err *err)
{
    const char *platform =
        op_table_value(m->table, m->platform_axis, indexes[m->platform_axis])
            ->text;
    const char *name = NULL;
    int rc = 0;

    indexes[m->board_axis] = OP_TABLE_OPEN;
    if (m->e->boards == EXPERIMENT_BOARDS_EACH && m->boards)
        name = m->boards->at(m->boards->ctx, platform, 0);
    if (!name)
        return emit_repeats(m, indexes, is_include, err);
    for (size_t i = 0; !rc && name; i++) {
        struct op_value value = { .there = true };

        if (strlen(name) >= AXIS_TEXT_MAX)
            return err_set(err, ERR_FORMAT,
                           "board '%.80s': the name is longer than %d bytes",
                           name, AXIS_TEXT_MAX - 1);
        memcpy(value.text, name, strlen(name) + 1);
        rc = op_table_intern(m->table, m->board_axis, &value,
                             &indexes[m->board_axis], err);
        if (!rc)
            rc = emit_repeats(m, indexes, is_include, err);
        name = m->boards->at(m->boards->ctx, platform, i + 1);
    }
    return rc;
}

/* Cross all listed values, the first axis slowest. */
static int cross(struct matrix *m, const struct matrix_points *block,
                 bool is_include, struct err *err)
{
    size_t at[AXES_MAX] = { 0 }, axes = m->board_axis, i = 0;
    uint32_t indexes[AXES_MAX] = { 0 };
    int rc = 0;

    for (i = 0; i < axes; i++)
        if (!block->axis[i].values.len)
            return 0; /* an empty list: no row */
    do {
        for (i = 0; i < axes; i++)
            indexes[i] = block->axis[i].values.at[at[i]];
        rc = emit_point(m, indexes, is_include, err);
        for (i = axes; i-- > 0;) {
            if (++at[i] < block->axis[i].values.len)
                break;
            at[i] = 0;
        }
    } while (!rc && i < axes);
    return rc;
}

/* ---- rules */

static int mark_na(struct matrix *m, struct err *err)
{
    size_t rows = m->ids.len;

    if (!m->rules.len)
        return 0;
    if (!VEC_RESERVE(&m->reasons, rows))
        return err_set(err, ERR_NOMEM, "no memory for %zu rows", rows);
    memset(m->reasons.at, 0, rows * sizeof(m->reasons.at[0]));
    m->reasons.len = rows;
    for (size_t row = 0; row < rows; row++) {
        const uint32_t *indexes = op_table_row(m->table, row);

        for (size_t i = 0; i < m->rules.len; i++) {
            if (!matrix_points_match(&m->rules.at[i].where, m->e->axes_len,
                                     indexes))
                continue;
            m->rules.at[i].met = true;
            if (!m->reasons.at[row])
                m->reasons.at[row] = (uint16_t)(i + 1);
        }
    }
    return 0;
}

/* Rows for a rule that met none: what it lists crossed, the rest open. */
static int add_na_rows(struct matrix *m, size_t rule, struct err *err)
{
    const struct matrix_points *where = &m->rules.at[rule].where;
    size_t at[AXES_MAX] = { 0 }, axes = m->e->axes_len, i = 0;
    uint32_t indexes[AXES_MAX] = { 0 };
    int rc = 0;

    for (i = 0; i < axes; i++)
        if (where->axis[i].named && !where->axis[i].values.len)
            return 0;
    do {
        for (i = 0; i < axes; i++)
            indexes[i] = where->axis[i].named ? where->axis[i].values.at[at[i]]
                                              : OP_TABLE_OPEN;
        rc = emit(m, indexes, err);
        while (!rc && m->reasons.len < m->ids.len) {
            uint16_t reason = (uint16_t)(rule + 1);

            if (!VEC_PUSH(&m->reasons, reason))
                return err_set(err, ERR_NOMEM, "no memory for na rows");
        }
        for (i = axes; i-- > 0;) {
            if (++at[i] < where->axis[i].values.len)
                break;
            at[i] = 0;
        }
    } while (!rc && i < axes);
    return rc;
}

static int read_rules(struct matrix *m, struct err *err)
{
    size_t i = 0;
    int rc = 0;

    for (struct json rule = json_first(&m->e->na); !rc && json_there(&rule);
         rule = json_next(&m->e->na, &rule, ++i)) {
        struct json where = json_get(&rule, "where");
        struct json reason = json_get(&rule, "reason");
        struct na_rule row = { 0 };

        rc = json_string(&reason, &row.reason, err);
        if (!rc)
            rc = matrix_points_read(m->e, &where, m->table, &row.where, err);
        if (!rc && (m->rules.len >= UINT16_MAX || !VEC_PUSH(&m->rules, row))) {
            matrix_points_free(&row.where);
            rc = err_set(err, ERR_NOMEM, "no memory for na rules");
        }
    }
    return rc;
}

/* Read a list of points; into 'blocks' with defaults, or as rules. */
static int read_points(struct matrix *m, const struct json *list,
                       bool is_exclude, struct err *err)
{
    size_t i = 0;
    int rc = 0;

    for (struct json at = json_first(list); !rc && json_there(&at);
         at = json_next(list, &at, ++i)) {
        struct matrix_points points = { 0 };

        rc = matrix_points_read(m->e, &at, m->table, &points, err);
        if (!rc && !is_exclude)
            rc = matrix_points_default(&points, m->table, err);
        if (!rc && !(is_exclude ? VEC_PUSH(&m->excludes, points)
                                : VEC_PUSH(&m->blocks, points)))
            rc = err_set(err, ERR_NOMEM, "no memory for points");
        if (rc)
            matrix_points_free(&points);
    }
    return rc;
}

static int read_all(struct matrix *m, struct err *err)
{
    int rc = read_points(m, &m->e->matrix, false, err);

    m->includes_at = m->blocks.len;
    if (!rc)
        rc = read_points(m, &m->e->include, false, err);
    if (!rc)
        rc = read_points(m, &m->e->exclude, true, err);
    if (!rc)
        rc = read_rules(m, err);
    for (size_t i = 0; !rc && i < m->excludes.len; i++)
        rc = matrix_points_index(&m->excludes.at[i], m->table, err);
    for (size_t i = 0; !rc && i < m->rules.len; i++)
        rc = matrix_points_index(&m->rules.at[i].where, m->table, err);
    return rc;
}

static int expand(struct matrix *m, struct err *err)
{
    int rc = read_all(m, err);

    for (size_t i = 0; !rc && i < m->blocks.len; i++)
        rc = cross(m, &m->blocks.at[i], i >= m->includes_at, err);
    if (!rc)
        rc = mark_na(m, err);
    for (size_t i = 0; !rc && i < m->rules.len; i++)
        if (!m->rules.at[i].met)
            rc = add_na_rows(m, i, err);
    return rc;
}

int matrix_create(const struct experiment *experiment,
                  const struct matrix_boards *boards,
                  struct matrix **ret_matrix, struct err *err)
{
    struct matrix *m = calloc(1, sizeof(*m));
    int rc;

    if (m)
        m->table = op_table_create(experiment->axes, experiment->axes_len);
    if (!m || !m->table) {
        matrix_destroy(m);
        return err_set(err, ERR_NOMEM, "no memory for a matrix");
    }
    m->e = experiment;
    m->boards = boards;
    m->board_axis = axes_index(experiment->axes, experiment->axes_len, "board");
    m->platform_axis =
        axes_index(experiment->axes, experiment->axes_len, "platform");
    rc = expand(m, err);
    rules_free(m);
    if (rc)
        matrix_destroy(m);
    else
        *ret_matrix = m;
    return rc;
}

size_t matrix_rows(const struct matrix *matrix)
{
    return matrix->ids.len;
}

size_t matrix_merged(const struct matrix *matrix)
{
    return matrix->merged;
}

size_t matrix_excluded(const struct matrix *matrix)
{
    return matrix->excluded;
}

void matrix_point(const struct matrix *matrix, size_t row,
                  struct op_point *ret_point)
{
    op_table_point(matrix->table, row, ret_point);
}

uint64_t matrix_id(const struct matrix *matrix, size_t row)
{
    return matrix->ids.at[row];
}

const char *matrix_na_reason(const struct matrix *matrix, size_t row)
{
    if (row >= matrix->reasons.len || !matrix->reasons.at[row])
        return NULL;
    return matrix->rules.at[matrix->reasons.at[row] - 1].reason;
}

const struct op_table *matrix_table(const struct matrix *matrix)
{
    return matrix->table;
}

struct op_table *matrix_take_table(struct matrix *matrix)
{
    struct op_table *table = matrix->table;

    matrix->table = NULL;
    return table;
}
