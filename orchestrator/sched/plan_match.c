/* plan_match.c - what each op point needs, and which boards have it
 *
 * Only some axes decide: platform, op mode, board, the network's, and those
 * that an adapter maps.  Rows that agree in them share a class, so a million
 * rows are matched in as many lookups and a few matches.
 */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "experiments/precision.h"
#include "orchestrator/sched/plan_state.h"

#define NEAR_MAX 1024

struct match {
    struct plan *plan;
    const struct experiment *e;
    const struct inventory *inventory;
    const struct board **boards; /* by plan_board_at() index */
    size_t deciding[AXES_MAX], deciding_len;
    VEC(uint32_t) keys; /* of each class: deciding indexes, then the reason */
    uint32_t *slots;    /* class + 1, at most half full */
    size_t slots_len;
};

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for a plan");
}

/* ---- boards */

static int add_groups(struct plan *plan, const struct board *board,
                      struct plan_board *row, struct err *err)
{
    size_t most = board->exclusive_len, len = 0;
    uint32_t *groups;
    int rc = 0;

    for (size_t i = 0; i < board->meters_len; i++)
        most += board->meters[i].groups_len;
    groups = pool_alloc(plan->pool, most, sizeof(*groups));
    if (!groups)
        return no_memory(err);
    for (size_t i = 0; !rc && i < board->exclusive_len; i++)
        rc = plan_intern_group(plan, board->exclusive[i], &groups[len++], err);
    for (size_t i = 0; i < board->meters_len; i++)
        for (size_t k = 0; !rc && k < board->meters[i].groups_len; k++)
            rc = plan_intern_group(plan, board->meters[i].groups[k],
                                   &groups[len++], err);
    for (size_t i = 0; i < len; i++)
        for (size_t k = i + 1; k < len; k++)
            if (groups[k] == groups[i])
                groups[k--] = groups[--len];
    row->groups = groups;
    row->groups_len = len;
    return rc;
}

static int add_boards(struct match *m, struct err *err)
{
    size_t len = m->inventory->boards_len;
    int rc = 0;

    m->boards = calloc(len + 1, sizeof(struct board *));
    if (!m->boards)
        return no_memory(err);
    for (size_t i = 0; !rc && i < len; i++) {
        const struct board *board = &m->inventory->boards[i];
        struct plan_board row = { .emulated = board->emulated };

        if (!strcmp(board->transport, "none"))
            continue;
        row.name = pool_text(m->plan->pool, board->name);
        row.platform = pool_text(m->plan->pool, board->platform->name);
        row.sisters =
            pool_text(m->plan->pool, board->sisters ? board->sisters : "");
        if (!row.name || !row.platform || !row.sisters)
            return no_memory(err);
        m->boards[m->plan->boards.len] = board;
        rc = add_groups(m->plan, board, &row, err);
        if (!rc && !VEC_PUSH(&m->plan->boards, row))
            rc = no_memory(err);
    }
    return rc;
}

/* ---- one class */

static const char *text_of(const struct match *m, const struct op_point *point,
                           const char *axis)
{
    return op_point_text(m->e->axes, m->e->axes_len, point, axis);
}

static void unknown_platform(const struct match *m, const char *name,
                             struct buf *reason)
{
    const char *names[NEAR_MAX + 1], *near;
    size_t len = 0;

    for (; len < m->inventory->platforms_len && len < NEAR_MAX; len++)
        names[len] = m->inventory->platforms[len].name;
    names[len] = NULL;
    near = text_nearest(name, names);
    buf_printf(reason, "the inventory has no platform '%s'", name);
    if (near)
        buf_printf(reason, ", did you mean '%s'?", near);
}

/* Whether 'board' can run the point; else appends why to an empty
 * 'reason'. */
static bool fits(const struct match *m, const struct board *board,
                 const struct op_point *point, struct buf *reason)
{
    const char *op_mode = text_of(m, point, "op_mode");
    struct buf *why = reason->len ? NULL : reason;

    if (*op_mode && strcmp(op_mode, "default") != 0 &&
        !board_mode(board, op_mode)) {
        if (why)
            buf_printf(why, "board %s has no op mode %s", board->name, op_mode);
        return false;
    }
    return !board->adapter || adapter_supports(board->adapter, m->e->axes,
                                               m->e->axes_len, point, why);
}

#define NO_BOARD "no board of platform "

bool plan_reason_wants_board(const char *reason)
{
    return reason && !strncmp(reason, NO_BOARD, strlen(NO_BOARD));
}

/* No board can be driven; perhaps there is one without an address. */
static void no_board(const struct match *m, const struct platform *platform,
                     struct buf *reason)
{
    buf_printf(reason, NO_BOARD "%s", platform->name);
    for (size_t i = 0; i < m->inventory->boards_len; i++) {
        if (m->inventory->boards[i].platform != platform)
            continue;
        buf_printf(reason, " can be driven: %s has no address",
                   m->inventory->boards[i].name);
        return;
    }
}

/* The boards that can run the point, or why none can. */
static int find_boards(struct match *m, const struct op_point *point,
                       struct plan_class *c, struct buf *reason,
                       struct err *err)
{
    const char *name = text_of(m, point, "platform");
    const char *only = text_of(m, point, "board");
    const char *op_mode = text_of(m, point, "op_mode");
    const struct platform *platform = inventory_platform(m->inventory, name);
    uint32_t *found;
    size_t len = 0, there = 0;
    int rc;

    if (!*name)
        buf_printf(reason, "the op point names no platform");
    else if (!platform)
        unknown_platform(m, name, reason);
    else if (*op_mode && strcmp(op_mode, "default") != 0 &&
             !platform_mode(platform, op_mode))
        buf_printf(reason, "platform %s has no op mode %s", name, op_mode);
    if (reason->len)
        return plan_intern_set(m->plan, NULL, 0, &c->set, err);
    found = malloc((m->plan->boards.len + 1) * sizeof(*found));
    if (!found)
        return no_memory(err);
    for (uint32_t i = 0; i < m->plan->boards.len; i++) {
        if (m->boards[i]->platform != platform ||
            (*only && strcmp(m->boards[i]->name, only) != 0))
            continue;
        there++;
        if (fits(m, m->boards[i], point, reason))
            found[len++] = i;
    }
    if (len)
        buf_clear(reason);
    else if (!there)
        no_board(m, platform, reason);
    if (*only && len == 1)
        c->pinned = found[0];
    rc = plan_intern_set(m->plan, found, len, &c->set, err);
    free(found);
    return rc;
}

static void count_network(const struct match *m, const struct op_point *point,
                          struct plan_class *c, struct buf *reason)
{
    const struct topology *topology =
        experiment_topology(m->e, text_of(m, point, "topology"));
    const struct op_value *factor =
        op_point_find(m->e->axes, m->e->axes_len, point, "pruning_factor_pct");
    struct topology_counts counts;
    struct precision precision;
    struct err err;
    int rc;

    c->ops_image = c->params = -1;
    if (!precision_parse(text_of(m, point, "precision"), &precision, NULL)) {
        c->weight_bits = (uint8_t)precision.weight_bits;
        c->activation_bits = (uint8_t)precision.activation_bits;
        c->is_float = precision.is_float;
    }
    if (!topology)
        return;
    rc = topology_count(topology, factor ? factor->f64 : 100, &counts, &err);
    if (!rc) {
        c->ops_image = counts.ops_image;
        c->params = counts.params;
    } else if (rc == ERR_FORMAT && !reason->len) {
        buf_put(reason, err.text, strlen(err.text));
    }
}

/* Warm-up and measuring of every job, and idle power before the first. */
static double expected(const struct match *m, const struct board *board)
{
    const struct measure *measure = &m->e->measure;
    double idle_s = 0, runs = 0;

    for (size_t i = 0; m->e->capture_power && i < board->meters_len; i++)
        if (board->meters[i].idle_s > idle_s)
            idle_s = board->meters[i].idle_s;
    for (size_t i = 0; board->adapter && i < board->adapter->jobs_len; i++)
        runs += board->adapter->jobs[i].each_len
                    ? (double)board->adapter->jobs[i].each_len
                    : 1;
    return idle_s + runs * (measure->warmup_s + measure->min_time_s);
}

static int make_class(struct match *m, size_t row, const char *na_reason,
                      struct plan_class *c, struct err *err)
{
    struct op_point point;
    struct buf reason = { 0 };
    int rc;

    op_table_point(m->plan->table, row, &point);
    *c = (struct plan_class){ .reason = PLAN_NONE, .pinned = PLAN_NONE };
    if (na_reason)
        buf_put(&reason, na_reason, strlen(na_reason));
    count_network(m, &point, c, &reason);
    rc = plan_intern_mode(m->plan, text_of(m, &point, "platform"),
                          text_of(m, &point, "op_mode"), &c->mode, err);
    if (!rc && reason.len)
        rc = plan_intern_set(m->plan, NULL, 0, &c->set, err);
    else if (!rc)
        rc = find_boards(m, &point, c, &reason, err);
    if (!rc && buf_failed(&reason))
        rc = no_memory(err);
    if (!rc && reason.len)
        rc = plan_intern_reason(m->plan, buf_text(&reason), &c->reason, err);
    else if (!rc)
        c->expected_s =
            expected(m, m->boards[m->plan->sets.at[c->set].boards[0]]);
    buf_free(&reason);
    return rc;
}

/* ---- all rows */

static void find_deciding(struct match *m)
{
    static const char *const always[] = { "topology", "platform",
                                          "op_mode",  "precision",
                                          "board",    "pruning_factor_pct" };

    for (size_t i = 0; i < m->e->axes_len; i++) {
        bool decides = false;

        for (size_t k = 0; k < ARRAY_LEN(always); k++)
            decides |= !strcmp(m->e->axes[i].name, always[k]);
        for (size_t k = 0; k < m->inventory->adapters_len; k++)
            decides |= adapter_map(m->inventory->adapters[k],
                                   m->e->axes[i].name) != NULL;
        if (decides)
            m->deciding[m->deciding_len++] = i;
    }
}

static size_t key_hash(const uint32_t *key, size_t len)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ key[i]) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32);
}

/* The slot of 'key': with its class + 1 in it, or empty. */
static uint32_t *slot_of(const struct match *m, const uint32_t *key, size_t len)
{
    size_t at = key_hash(key, len) & (m->slots_len - 1);

    while (m->slots[at] && memcmp(m->keys.at + (m->slots[at] - 1) * len, key,
                                  len * sizeof(*key)) != 0)
        at = (at + 1) & (m->slots_len - 1);
    return &m->slots[at];
}

static bool slots_grow(struct match *m, size_t key_len)
{
    size_t len = m->slots_len ? m->slots_len * 2 : 64;
    size_t classes = m->plan->classes.len;
    uint32_t *slots;

    if (classes * 2 < m->slots_len)
        return true;
    slots = calloc(len, sizeof(*slots));
    if (!slots)
        return false;
    free(m->slots);
    m->slots = slots;
    m->slots_len = len;
    for (size_t i = 0; i < classes; i++)
        *slot_of(m, m->keys.at + i * key_len, key_len) = (uint32_t)i + 1;
    return true;
}

static int match_row(struct match *m, size_t row, const char *na_reason,
                     struct err *err)
{
    const uint32_t *indexes = op_table_row(m->plan->table, row);
    size_t len = m->deciding_len + 1;
    uint32_t key[AXES_MAX + 1], *slot;
    struct plan_class c;
    int rc = 0;

    for (size_t i = 0; i < m->deciding_len; i++)
        key[i] = indexes[m->deciding[i]];
    key[m->deciding_len] = PLAN_NONE;
    if (na_reason)
        rc = plan_intern_reason(m->plan, na_reason, &key[m->deciding_len], err);
    if (!rc && !slots_grow(m, len))
        rc = no_memory(err);
    if (rc)
        return rc;
    slot = slot_of(m, key, len);
    if (!*slot) {
        rc = make_class(m, row, na_reason, &c, err);
        for (size_t i = 0; !rc && i < len; i++)
            if (!VEC_PUSH(&m->keys, key[i]))
                rc = no_memory(err);
        if (!rc && !VEC_PUSH(&m->plan->classes, c))
            rc = no_memory(err);
        if (rc)
            return rc;
        *slot = (uint32_t)m->plan->classes.len;
    }
    m->plan->class_of[row] = *slot - 1;
    return 0;
}

int plan_match(struct plan *plan, const struct experiment *experiment,
               const struct inventory *inventory,
               const char *(*na_reason)(const void *ctx, size_t row),
               const void *ctx, struct err *err)
{
    struct match m = { .plan = plan, .e = experiment, .inventory = inventory };
    int rc;

    find_deciding(&m);
    plan->class_of = malloc((plan->cells + 1) * sizeof(*plan->class_of));
    rc = plan->class_of ? add_boards(&m, err) : no_memory(err);
    for (size_t i = 0; !rc && i < plan->cells; i++)
        rc = match_row(&m, i, na_reason(ctx, i), err);
    VEC_FREE(&m.keys);
    free(m.slots);
    free(m.boards);
    return rc;
}
