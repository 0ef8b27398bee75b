/* known.c - rows that made something are kept, and told to lanes */
#include "orchestrator/wire/known.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for what is known of boards");
}

static void item_free(struct known_item *item)
{
    free(item->name);
    buf_free(&item->rows);
}

void known_free(struct known *known)
{
    for (size_t i = 0; i < known->boards.len; i++) {
        struct known_board *board = &known->boards.at[i];

        for (size_t k = 0; k < board->items.len; k++)
            item_free(&board->items.at[k]);
        VEC_FREE(&board->items);
        free(board->name);
    }
    VEC_FREE(&known->boards);
}

/* ---- boards by name */

/* Where the board stands, or would stand. */
static size_t place_of(const struct known *known, const char *board)
{
    size_t low = 0, high = known->boards.len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(known->boards.at[middle].name, board) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct known_board *find_board(const struct known *known,
                                      const char *board)
{
    size_t at = place_of(known, board);

    return at < known->boards.len && !strcmp(known->boards.at[at].name, board)
               ? &known->boards.at[at]
               : NULL;
}

static struct known_board *make_board(struct known *known, const char *board)
{
    struct known_board *found = find_board(known, board);
    struct known_board fresh = { .name = found ? NULL : strdup(board) };
    size_t at = place_of(known, board);

    if (found)
        return found;
    if (!fresh.name || !VEC_PUSH(&known->boards, fresh)) {
        free(fresh.name);
        return NULL;
    }
    memmove(&known->boards.at[at + 1], &known->boards.at[at],
            (known->boards.len - 1 - at) * sizeof(fresh));
    known->boards.at[at] = fresh;
    return &known->boards.at[at];
}

/* ---- items */

static struct known_item *find_item(struct known_board *board, const char *name,
                                    int64_t provenance)
{
    for (size_t i = 0; board && i < board->items.len; i++)
        if (board->items.at[i].provenance == provenance &&
            !strcmp(board->items.at[i].name, name))
            return &board->items.at[i];
    return NULL;
}

/* True if that very thing is known already, as of most attempts. */
static bool is_known(const struct known *known, const struct attempt_row *row,
                     const char *name, int64_t cell, int64_t attempt)
{
    const struct known_item *item =
        find_item(find_board(known, row->board.s), name, row->provenance);

    return item && item->cell == cell && item->attempt == attempt;
}

/* Keep an item (taken over in any case), instead of one of its name. */
static int put_item(struct known *known, const char *board_name,
                    struct known_item *own_item, struct err *err)
{
    struct known_board *board = make_board(known, board_name);
    struct known_item *old =
        own_item->name && board
            ? find_item(board, own_item->name, own_item->provenance)
            : NULL;

    if (!board || !own_item->name || buf_failed(&own_item->rows) ||
        (!old && !VEC_PUSH(&board->items, *own_item))) {
        item_free(own_item);
        return no_memory(err);
    }
    if (old) {
        item_free(old);
        *old = *own_item;
    }
    return 0;
}

static bool is_told(int64_t cell, int64_t attempt)
{
    return cell != COLUMN_I64_MISSING && attempt != COLUMN_I64_MISSING;
}

static int learn_accuracy(struct known *known, const struct attempt_row *row,
                          struct err *err)
{
    struct known_item item = { .provenance = row->provenance,
                               .cell = row->accuracy_cell,
                               .attempt = row->accuracy_attempt };

    if (!row->accuracy_key.s[0] || !is_told(item.cell, item.attempt) ||
        is_known(known, row, row->accuracy_key.s, item.cell, item.attempt))
        return 0;
    item.name = strdup(row->accuracy_key.s);
    record_encode(&columns_attempts, row, &item.rows);
    return put_item(known, row->board.s, &item, err);
}

/* The rows of meters whose base power was read. */
static uint32_t put_base(const struct result *result, struct buf *out)
{
    uint32_t count = 0;

    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < result->power.len; i++) {
            const struct power_row *row = &result->power.at[i];

            if (isnan(row->power_base_w))
                continue;
            if (pass)
                record_encode(&columns_power_runs, row, out);
            else
                count++;
        }
        if (!pass)
            buf_put_u32(out, count);
    }
    return count;
}

static int learn_base(struct known *known, const struct result_layouts *layouts,
                      struct cursor cur, const struct attempt_row *row,
                      struct err *err)
{
    struct known_item item = { .provenance = row->provenance,
                               .cell = row->power_base_cell,
                               .attempt = row->power_base_attempt };
    struct result result;
    int rc;

    if (!is_told(item.cell, item.attempt) ||
        is_known(known, row, "", item.cell, item.attempt))
        return 0;
    rc = result_decode_rows(layouts, &cur, &result, err);
    if (rc)
        return rc == ERR_NOMEM ? rc : 0;
    record_encode(&columns_attempts, row, &item.rows);
    if (put_base(&result, &item.rows)) {
        item.name = strdup("");
        rc = put_item(known, row->board.s, &item, err);
    } else {
        item_free(&item);
    }
    result_free(&result);
    return rc;
}

int known_learn_row(struct known *known, const struct result_layouts *layouts,
                    struct cursor cur, const struct attempt_row *row,
                    struct err *err)
{
    int rc = learn_accuracy(known, row, err);

    return rc ? rc : learn_base(known, layouts, cur, row, err);
}

int known_learn(struct known *known, const struct result_layouts *layouts,
                struct cursor cur, struct err *err)
{
    struct cursor rest = cur;
    struct attempt_row row;

    if (result_decode_attempt(layouts, &rest, &row, NULL))
        return 0;
    return known_learn_row(known, layouts, cur, &row, err);
}

void known_forget(struct known *known, uint64_t cell)
{
    for (size_t i = 0; i < known->boards.len; i++) {
        struct known_board *board = &known->boards.at[i];
        size_t kept = 0;

        for (size_t k = 0; k < board->items.len; k++)
            if (board->items.at[k].cell == (int64_t)cell)
                item_free(&board->items.at[k]);
            else
                board->items.at[kept++] = board->items.at[k];
        board->items.len = kept;
    }
}

int known_copy(struct known *known, const struct known *from, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < from->boards.len; i++) {
        const struct known_board *board = &from->boards.at[i];

        for (size_t k = 0; !rc && k < board->items.len; k++) {
            struct known_item copy = board->items.at[k];

            copy.name = strdup(copy.name);
            copy.rows = (struct buf){ 0 };
            buf_put(&copy.rows, board->items.at[k].rows.data,
                    board->items.at[k].rows.len);
            rc = put_item(known, board->name, &copy, err);
        }
    }
    return rc;
}

/* ---- the message */

static void put_items(const struct known_board *board, int64_t provenance,
                      bool base, struct buf *out)
{
    uint32_t count = 0;

    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; board && i < board->items.len; i++) {
            const struct known_item *item = &board->items.at[i];

            if (item->provenance != provenance || base != !item->name[0])
                continue;
            if (pass)
                buf_put(out, item->rows.data, item->rows.len);
            else
                count++;
        }
        if (!pass)
            buf_put_u32(out, count);
    }
}

void known_encode(const struct known *known, const char *board,
                  int64_t provenance, struct buf *out)
{
    const struct known_board *found = find_board(known, board);

    put_items(found, provenance, false, out);
    put_items(found, provenance, true, out);
}

static int decode_accuracies(const struct result_layouts *layouts,
                             struct cursor *cur, struct known_facts *facts,
                             struct err *err)
{
    size_t count = cursor_u32(cur);
    struct attempt_row row;
    int rc = 0;

    for (size_t i = 0; !rc && i < count; i++) {
        rc = record_decode(layouts->attempts, cur, &row, err);
        if (!rc && !VEC_PUSH(&facts->accuracies, row))
            rc = no_memory(err);
    }
    return rc;
}

static int decode_base(const struct result_layouts *layouts, struct cursor *cur,
                       struct known_facts *facts, struct err *err)
{
    size_t count = cursor_u32(cur);
    struct power_row row;
    int rc = 0;

    columns_clear(&columns_attempts, &facts->base_of);
    if (!count)
        return 0;
    rc = record_decode(layouts->attempts, cur, &facts->base_of, err);
    count = cursor_u32(cur);
    if (!rc && count > RESULT_POWER_MAX)
        rc = err_set(err, ERR_FORMAT, "base power of %zu meters", count);
    for (size_t i = 0; !rc && i < count; i++) {
        rc = record_decode(layouts->power_runs, cur, &row, err);
        if (!rc && !VEC_PUSH(&facts->base, row))
            rc = no_memory(err);
    }
    return rc;
}

int known_decode(const void *data, size_t len, struct known_facts *ret_facts,
                 struct err *err)
{
    struct known_facts facts = { .base = { 0 } };
    struct cursor cur = cursor_of(data, len);
    struct result_layouts layouts;
    int rc = result_layouts_own(&layouts, err);

    if (rc)
        return rc;
    rc = decode_accuracies(&layouts, &cur, &facts, err);
    if (!rc)
        rc = decode_base(&layouts, &cur, &facts, err);
    if (!rc && (cur.failed || cursor_left(&cur)))
        rc = err_set(err, ERR_FORMAT,
                     "what is known of a board, %zu bytes, is not of its form",
                     len);
    result_layouts_free(&layouts);
    if (rc)
        known_facts_free(&facts);
    else
        *ret_facts = facts;
    return rc;
}

void known_facts_free(struct known_facts *facts)
{
    if (!facts)
        return;
    VEC_FREE(&facts->accuracies);
    VEC_FREE(&facts->base);
}
