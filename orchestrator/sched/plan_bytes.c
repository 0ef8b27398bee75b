/* plan_bytes.c - a plan as the bytes that a journal keeps
 *
 * u8 version; the op table; boards, groups, reasons, modes, sets, classes as
 * counted lists; ids; the class of each cell, as narrow as it can be; the
 * order, left out where it is 0, 1, 2, ...
 */
#include <stdlib.h>
#include <string.h>

#include "orchestrator/sched/plan_state.h"

#define PLAN_VERSION 1
#define TEXT_LIMIT   1024

static void put_indexes(struct buf *out, const uint32_t *list, size_t len)
{
    buf_put_u32(out, (uint32_t)len);
    for (size_t i = 0; i < len; i++)
        buf_put_u32(out, list[i]);
}

static void put_boards(const struct plan *plan, struct buf *out)
{
    buf_put_u32(out, (uint32_t)plan->groups.len);
    for (size_t i = 0; i < plan->groups.len; i++)
        buf_put_string(out, plan->groups.at[i]);
    buf_put_u32(out, (uint32_t)plan->boards.len);
    for (size_t i = 0; i < plan->boards.len; i++) {
        const struct plan_board *board = &plan->boards.at[i];

        buf_put_string(out, board->name);
        buf_put_string(out, board->platform);
        buf_put_string(out, board->sisters);
        buf_put_u8(out, board->emulated);
        put_indexes(out, board->groups, board->groups_len);
    }
}

static void put_classes(const struct plan *plan, struct buf *out)
{
    buf_put_u32(out, (uint32_t)plan->reasons.len);
    for (size_t i = 0; i < plan->reasons.len; i++)
        buf_put_string(out, plan->reasons.at[i]);
    buf_put_u32(out, (uint32_t)plan->modes.len);
    for (size_t i = 0; i < plan->modes.len; i++) {
        buf_put_string(out, plan->modes.at[i].platform);
        buf_put_string(out, plan->modes.at[i].op_mode);
    }
    buf_put_u32(out, (uint32_t)plan->sets.len);
    for (size_t i = 0; i < plan->sets.len; i++)
        put_indexes(out, plan->sets.at[i].boards, plan->sets.at[i].len);
    buf_put_u32(out, (uint32_t)plan->classes.len);
    for (size_t i = 0; i < plan->classes.len; i++) {
        const struct plan_class *c = &plan->classes.at[i];

        buf_put_u32(out, c->reason);
        buf_put_u32(out, c->set);
        buf_put_u32(out, c->mode);
        buf_put_u32(out, c->pinned);
        buf_put_f64(out, c->expected_s);
        buf_put_i64(out, c->ops_image);
        buf_put_i64(out, c->params);
        buf_put_u8(out, c->weight_bits);
        buf_put_u8(out, c->activation_bits);
        buf_put_u8(out, c->is_float);
    }
}

static bool in_row_order(const struct plan *plan)
{
    size_t i = 0;

    while (i < plan->cells && plan->order[i] == i)
        i++;
    return i == plan->cells;
}

int plan_encode(const struct plan *plan, struct buf *out, struct err *err)
{
    bool narrow = plan->classes.len < 256, plain = in_row_order(plan);
    int rc;

    buf_put_u8(out, PLAN_VERSION);
    rc = op_table_encode(plan->table, out, err);
    if (rc)
        return rc;
    put_boards(plan, out);
    put_classes(plan, out);
    buf_put_u64(out, plan->merged);
    buf_put_u64(out, plan->excluded);
    buf_reserve(out, plan->cells * 16);
    for (size_t i = 0; i < plan->cells; i++)
        buf_put_u64(out, plan->ids[i]);
    buf_put_u8(out, narrow);
    for (size_t i = 0; i < plan->cells; i++) {
        if (narrow)
            buf_put_u8(out, (uint8_t)plan->class_of[i]);
        else
            buf_put_u32(out, plan->class_of[i]);
    }
    buf_put_u8(out, plain);
    for (size_t i = 0; !plain && i < plan->cells; i++)
        buf_put_u32(out, plan->order[i]);
    return buf_failed(out) ? err_set(err, ERR_NOMEM, "no memory for a plan")
                           : 0;
}

/* ---- reading; a reader that fails leaves the cursor failed */

static const char *get_text(struct plan *plan, struct cursor *cur)
{
    size_t len = 0;
    const uint8_t *at = cursor_block(cur, &len);
    const char *text = NULL;

    if (at && len < TEXT_LIMIT && !memchr(at, 0, len))
        text = pool_text_len(plan->pool, (const char *)at, len);
    if (!text)
        cur->failed = true;
    return text;
}

/* A count of things that take at least 'size' bytes each. */
static size_t get_count(struct cursor *cur, size_t size)
{
    size_t count = cursor_u32(cur);

    if (count > cursor_left(cur) / size) {
        cur->failed = true;
        return 0;
    }
    return count;
}

/* A list of indexes below 'limit'. */
static const uint32_t *get_indexes(struct plan *plan, struct cursor *cur,
                                   size_t limit, size_t *ret_len)
{
    size_t len = get_count(cur, 4);
    uint32_t *list = pool_alloc(plan->pool, len, sizeof(*list));

    if (!list)
        cur->failed = true;
    for (size_t i = 0; list && i < len; i++) {
        list[i] = cursor_u32(cur);
        if (list[i] >= limit)
            cur->failed = true;
    }
    *ret_len = len;
    return list;
}

static void get_boards(struct plan *plan, struct cursor *cur)
{
    size_t groups = get_count(cur, 4), boards;

    for (size_t i = 0; i < groups && !cur->failed; i++) {
        const char *name = get_text(plan, cur);

        if (!VEC_PUSH(&plan->groups, name))
            cur->failed = true;
    }
    boards = get_count(cur, 17);
    for (size_t i = 0; i < boards && !cur->failed; i++) {
        struct plan_board board = { .name = get_text(plan, cur) };

        board.platform = get_text(plan, cur);
        board.sisters = get_text(plan, cur);
        board.emulated = cursor_u8(cur) != 0;
        board.groups = get_indexes(plan, cur, groups, &board.groups_len);
        if (!VEC_PUSH(&plan->boards, board))
            cur->failed = true;
    }
}

static void get_lists(struct plan *plan, struct cursor *cur)
{
    size_t count = get_count(cur, 4);

    for (size_t i = 0; i < count && !cur->failed; i++) {
        const char *reason = get_text(plan, cur);

        if (!VEC_PUSH(&plan->reasons, reason))
            cur->failed = true;
    }
    count = get_count(cur, 8);
    for (size_t i = 0; i < count && !cur->failed; i++) {
        struct plan_mode mode = { .platform = get_text(plan, cur) };

        mode.op_mode = get_text(plan, cur);
        if (!VEC_PUSH(&plan->modes, mode))
            cur->failed = true;
    }
    count = get_count(cur, 4);
    for (size_t i = 0; i < count && !cur->failed; i++) {
        struct board_set set = { 0 };

        set.boards = get_indexes(plan, cur, plan->boards.len, &set.len);
        if (!VEC_PUSH(&plan->sets, set))
            cur->failed = true;
    }
}

static void get_classes(struct plan *plan, struct cursor *cur)
{
    size_t count = get_count(cur, 43);

    for (size_t i = 0; i < count && !cur->failed; i++) {
        struct plan_class c = { .reason = cursor_u32(cur) };

        c.set = cursor_u32(cur);
        c.mode = cursor_u32(cur);
        c.pinned = cursor_u32(cur);
        c.expected_s = cursor_f64(cur);
        c.ops_image = cursor_i64(cur);
        c.params = cursor_i64(cur);
        c.weight_bits = cursor_u8(cur);
        c.activation_bits = cursor_u8(cur);
        c.is_float = cursor_u8(cur) != 0;
        if ((c.reason != PLAN_NONE && c.reason >= plan->reasons.len) ||
            c.set >= plan->sets.len || c.mode >= plan->modes.len ||
            (c.pinned != PLAN_NONE && c.pinned >= plan->boards.len) ||
            (c.reason == PLAN_NONE && !plan->sets.at[c.set].len) ||
            (c.reason != PLAN_NONE && plan->sets.at[c.set].len) ||
            !(c.expected_s >= 0 && c.expected_s <= 1e12) ||
            !VEC_PUSH(&plan->classes, c))
            cur->failed = true;
    }
}

/* The order: each cell once. */
static void get_order(struct plan *plan, struct cursor *cur)
{
    bool plain = cursor_u8(cur) != 0;
    uint8_t *seen = calloc(plan->cells + 1, 1);

    if (!seen)
        cur->failed = true;
    for (size_t i = 0; i < plan->cells && !cur->failed; i++) {
        plan->order[i] = plain ? (uint32_t)i : cursor_u32(cur);
        if (plan->order[i] >= plan->cells || seen[plan->order[i]]++)
            cur->failed = true;
    }
    free(seen);
}

static void get_class_of(struct plan *plan, struct cursor *cur)
{
    bool narrow = cursor_u8(cur) != 0;

    plan->class_of = malloc((plan->cells + 1) * sizeof(*plan->class_of));
    if (!plan->class_of)
        cur->failed = true;
    for (size_t i = 0; i < plan->cells && !cur->failed; i++) {
        plan->class_of[i] = narrow ? cursor_u8(cur) : cursor_u32(cur);
        if (plan->class_of[i] >= plan->classes.len)
            cur->failed = true;
    }
}

static void get_sums(struct plan *plan, struct cursor *cur)
{
    plan->merged = (size_t)cursor_u64(cur);
    plan->excluded = (size_t)cursor_u64(cur);
    if (plan->cells > cursor_left(cur) / 9)
        cur->failed = true;
}

static void get_cells(struct plan *plan, struct cursor *cur)
{
    plan->cells = op_table_rows(plan->table);
    get_sums(plan, cur);
    if (cur->failed)
        return;
    plan->ids = malloc((plan->cells + 1) * sizeof(*plan->ids));
    plan->order = malloc((plan->cells + 1) * sizeof(*plan->order));
    if (!plan->ids || !plan->order) {
        cur->failed = true;
        return;
    }
    for (size_t i = 0; i < plan->cells; i++)
        plan->ids[i] = cursor_u64(cur);
    get_class_of(plan, cur);
    get_order(plan, cur);
}

/* A new plan for bytes of our version. */
static int decode_begin(struct cursor *cur, struct plan **ret_plan,
                        struct err *err)
{
    uint8_t version = cursor_u8(cur);

    if (version != PLAN_VERSION)
        return err_set(err, ERR_FORMAT,
                       "plan bytes: version %u, this program reads %d", version,
                       PLAN_VERSION);
    *ret_plan = plan_new();
    return *ret_plan ? 0 : err_set(err, ERR_NOMEM, "no memory for a plan");
}

int plan_decode(const void *data, size_t len, struct plan **ret_plan,
                struct err *err)
{
    struct cursor cur = cursor_of(data, len);
    struct plan *plan = NULL;
    int rc = decode_begin(&cur, &plan, err);

    if (!rc)
        rc = op_table_decode(&cur, &plan->table, err);
    if (!rc) {
        get_boards(plan, &cur);
        get_lists(plan, &cur);
        get_classes(plan, &cur);
        get_cells(plan, &cur);
        if (cur.failed || cursor_left(&cur))
            rc = err_set(err, ERR_FORMAT, "plan bytes: cut short or damaged");
    }
    if (!rc)
        rc = plan_index(plan, err);
    if (!rc)
        rc = plan_sum(plan, err);
    if (rc)
        plan_destroy(plan);
    else
        *ret_plan = plan;
    return rc;
}

int plan_decode_outline(const void *data, size_t len, struct plan **ret_plan,
                        struct err *err)
{
    struct cursor cur = cursor_of(data, len);
    struct plan *plan = NULL;
    int rc = decode_begin(&cur, &plan, err);

    if (!rc)
        rc = op_table_skip(&cur, &plan->cells, err);
    if (!rc) {
        get_boards(plan, &cur);
        get_lists(plan, &cur);
        get_classes(plan, &cur);
        get_sums(plan, &cur);
        cursor_bytes(&cur, plan->cells * 8);
        get_class_of(plan, &cur);
        if (cur.failed)
            rc = err_set(err, ERR_FORMAT, "plan bytes: cut short or damaged");
    }
    if (rc)
        plan_destroy(plan);
    else
        *ret_plan = plan;
    return rc;
}
