/* groups.c - grouping by hash of the key fields */
#include "analysis/groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 16

struct keys {
    const struct table_column *at[KEYS_MAX];
    size_t len;
};

/* The bits of a field; every missing double is the same. */
static uint64_t field_bits(const struct table_column *column, size_t row)
{
    uint64_t bits;
    double value;

    if (column->type != COLUMN_F64)
        return (uint64_t)column->i64[row];
    value = isnan(column->f64[row]) ? (double)NAN : column->f64[row] + 0.0;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* splitmix64's finisher: Steele, Lea, Flood 2014 */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t row_hash(const struct keys *keys, size_t row)
{
    uint64_t hash = 0;

    for (size_t k = 0; k < keys->len; k++)
        hash = mix(hash + UINT64_C(0x9e3779b97f4a7c15) +
                   field_bits(keys->at[k], row));
    return hash;
}

static bool rows_agree(const struct keys *keys, size_t a, size_t b)
{
    for (size_t k = 0; k < keys->len; k++)
        if (field_bits(keys->at[k], a) != field_bits(keys->at[k], b))
            return false;
    return true;
}

static bool groups_alloc(struct groups *groups, size_t rows, size_t slots,
                         uint32_t **ret_slots)
{
    groups->rows = rows;
    groups->of = calloc(rows + 1, sizeof(uint32_t));
    groups->first = calloc(rows + 1, sizeof(uint32_t));
    *ret_slots = calloc(slots, sizeof(uint32_t));
    if (groups->of && groups->first && *ret_slots)
        return true;
    groups_free(groups);
    free(*ret_slots);
    return false;
}

int groups_create(const struct table *table, const struct rows *rows,
                  const char *const *keys, struct groups *ret_groups,
                  struct err *err)
{
    struct groups groups = { 0 };
    struct keys found = { 0 };
    size_t slots = 16;
    uint32_t *slot_group; /* group + 1 */

    for (; *keys && found.len < KEYS_MAX; keys++) {
        const struct table_column *column = table_find(table, *keys);

        if (column)
            found.at[found.len++] = column;
    }
    while (slots < rows->len * 2)
        slots *= 2;
    if (!groups_alloc(&groups, rows->len, slots, &slot_group))
        return err_set(err, ERR_NOMEM, "no memory to group %zu rows",
                       rows->len);
    for (size_t i = 0; i < rows->len; i++) {
        uint32_t row = rows->at[i];
        size_t slot = row_hash(&found, row) & (slots - 1);

        while (slot_group[slot] &&
               !rows_agree(&found, row, groups.first[slot_group[slot] - 1]))
            slot = (slot + 1) & (slots - 1);
        if (!slot_group[slot]) {
            groups.first[groups.count++] = row;
            slot_group[slot] = (uint32_t)groups.count;
        }
        groups.of[i] = slot_group[slot] - 1;
    }
    free(slot_group);
    *ret_groups = groups;
    return 0;
}

void groups_free(struct groups *groups)
{
    if (!groups)
        return;
    free(groups->of);
    free(groups->first);
    memset(groups, 0, sizeof(*groups));
}
