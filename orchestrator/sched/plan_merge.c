/* plan_merge.c - rows, classes and boards of several plans in one */
#include "orchestrator/sched/plan_merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrator/sched/plan_rows.h"

struct merging {
    struct plan *plan;
    size_t campaign, lab; /* places of the two axes */
};

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for a merged plan");
}

static int table_make(struct merging *m, const struct plan_part *parts,
                      size_t len, struct err *err)
{
    static const struct axis origin[] = {
        { .name = PLAN_AXIS_CAMPAIGN,
          .unit = "",
          .declared = true,
          .help = "UUID of the campaign",
          .type = AXIS_TEXT },
        { .name = PLAN_AXIS_LAB,
          .unit = "",
          .declared = true,
          .help = "laboratory of the campaign",
          .type = AXIS_TEXT },
    };
    struct axis axes[AXES_MAX];
    size_t axes_len, more_len, cells = 0;
    const struct axis *first = plan_axes(parts[0].plan, &axes_len), *more;
    int rc = 0;

    memcpy(axes, first, axes_len * sizeof(axes[0]));
    for (size_t i = 0; !rc && i < len; i++) {
        more = plan_axes(parts[i].plan, &more_len);
        rc = plan_axes_join(axes, &axes_len, more, more_len, err);
        cells += plan_cells(parts[i].plan);
    }
    if (!rc)
        rc = plan_axes_join(axes, &axes_len, origin, 2, err);
    if (rc)
        return rc;
    m->campaign = axes_index(axes, axes_len, PLAN_AXIS_CAMPAIGN);
    m->lab = axes_index(axes, axes_len, PLAN_AXIS_LAB);
    m->plan->table = op_table_create(axes, axes_len);
    m->plan->ids = malloc((cells + 1) * sizeof(*m->plan->ids));
    m->plan->class_of = malloc((cells + 1) * sizeof(*m->plan->class_of));
    m->plan->order = malloc((cells + 1) * sizeof(*m->plan->order));
    if (!m->plan->table || !m->plan->ids || !m->plan->class_of ||
        !m->plan->order)
        rc = no_memory(err);
    return rc;
}

/* ---- boards */

static uint32_t board_find(const struct plan *plan, const char *name)
{
    uint32_t i = 0;

    while (i < plan->boards.len && strcmp(plan->boards.at[i].name, name) != 0)
        i++;
    return i;
}

static int groups_map(struct plan *into, const struct plan *from,
                      struct plan_board *board, struct err *err)
{
    uint32_t *groups =
        pool_alloc(into->pool, board->groups_len, sizeof(*groups));
    int rc = groups ? 0 : no_memory(err);

    for (size_t i = 0; !rc && i < board->groups_len; i++)
        rc = plan_intern_group(into, from->groups.at[board->groups[i]],
                               &groups[i], err);
    board->groups = groups;
    return rc;
}

/* Where each board of 'from' is in 'into', added if new. */
static int boards_map(struct plan *into, const struct plan *from,
                      uint32_t *ret_map, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < from->boards.len; i++) {
        struct plan_board board = from->boards.at[i];

        ret_map[i] = board_find(into, board.name);
        if (ret_map[i] < into->boards.len)
            continue;
        board.name = pool_text(into->pool, board.name);
        board.platform = pool_text(into->pool, board.platform);
        board.sisters = pool_text(into->pool, board.sisters);
        if (!board.name || !board.platform || !board.sisters)
            rc = no_memory(err);
        if (!rc)
            rc = groups_map(into, from, &board, err);
        if (!rc && !VEC_PUSH(&into->boards, board))
            rc = no_memory(err);
    }
    return rc;
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static int set_map(struct plan *into, const struct board_set *set,
                   const uint32_t *boards, uint32_t *ret_set, struct err *err)
{
    uint32_t *list = malloc((set->len + 1) * sizeof(*list));
    int rc = list ? 0 : no_memory(err);

    for (size_t i = 0; !rc && i < set->len; i++)
        list[i] = boards[set->boards[i]];
    if (!rc)
        qsort(list, set->len, sizeof(*list), compare_u32);
    if (!rc)
        rc = plan_intern_set(into, list, set->len, ret_set, err);
    free(list);
    return rc;
}

/* ---- classes and rows */

static int class_add(struct plan *into, const struct plan *from, size_t class,
                     const uint32_t *boards, struct err *err)
{
    struct plan_class c = from->classes.at[class];
    const struct plan_mode *mode = &from->modes.at[c.mode];
    const struct board_set *set = &from->sets.at[c.set];
    int rc = set_map(into, set, boards, &c.set, err);

    if (!rc)
        rc =
            plan_intern_mode(into, mode->platform, mode->op_mode, &c.mode, err);
    if (!rc && c.reason != PLAN_NONE)
        rc = plan_intern_reason(into, from->reasons.at[c.reason], &c.reason,
                                err);
    if (c.pinned != PLAN_NONE)
        c.pinned = boards[c.pinned];
    if (!rc && !VEC_PUSH(&into->classes, c))
        rc = no_memory(err);
    return rc;
}

/* Say where a row is from, unless it says so itself. */
static int origin_set(struct op_table *table, size_t axis, const char *text,
                      uint32_t *index, struct err *err)
{
    struct op_value value = { .there = *text != 0 };

    if (*index != OP_TABLE_OPEN)
        return 0;
    snprintf(value.text, sizeof(value.text), "%s", text);
    return op_table_intern(table, axis, &value, index, err);
}

static int row_add(struct merging *m, const struct plan_source *from,
                   const struct plan_part *part, size_t row, struct err *err)
{
    struct plan *plan = m->plan;
    uint32_t indexes[AXES_MAX];
    int rc = plan_row_map(plan->table, from, row, indexes, err);

    if (!rc)
        rc = origin_set(plan->table, m->campaign, part->campaign,
                        &indexes[m->campaign], err);
    if (!rc)
        rc = origin_set(plan->table, m->lab, part->lab, &indexes[m->lab], err);
    if (!rc)
        rc = op_table_append(plan->table, indexes, err);
    if (rc)
        return rc;
    plan->ids[plan->cells] = op_table_id(plan->table, indexes);
    plan->order[plan->cells] = (uint32_t)plan->cells;
    plan->cells++;
    return 0;
}

static int part_add(struct merging *m, const struct plan_part *part,
                    struct err *err)
{
    const struct plan *from = part->plan;
    struct plan_source source = plan_source_of(m->plan->table, from->table);
    uint32_t classes = (uint32_t)m->plan->classes.len;
    uint32_t *boards = malloc((from->boards.len + 1) * sizeof(*boards));
    int rc = boards ? boards_map(m->plan, from, boards, err) : no_memory(err);

    for (size_t i = 0; !rc && i < from->classes.len; i++)
        rc = class_add(m->plan, from, i, boards, err);
    for (size_t i = 0; !rc && i < from->cells; i++) {
        m->plan->class_of[m->plan->cells] = classes + from->class_of[i];
        rc = row_add(m, &source, part, i, err);
    }
    free(boards);
    m->plan->merged += from->merged;
    m->plan->excluded += from->excluded;
    return rc;
}

int plan_merge(const struct plan_part *parts, size_t len,
               struct plan **ret_plan, struct err *err)
{
    struct merging m = { .plan = plan_new() };
    int rc = m.plan ? table_make(&m, parts, len, err) : no_memory(err);

    for (size_t i = 0; !rc && i < len; i++)
        rc = part_add(&m, &parts[i], err);
    if (!rc)
        rc = plan_index(m.plan, err);
    if (!rc)
        rc = plan_sum(m.plan, err);
    if (rc)
        plan_destroy(m.plan);
    else
        *ret_plan = m.plan;
    return rc;
}
