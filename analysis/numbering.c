/* numbering.c - equal keys numbered, through a table or by hash */
#include "analysis/numbering.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/pages.h"

#define TABLE_SLACK 65536 /* a table this long is cheap for any n */

uint64_t numbering_mix(uint64_t key)
{
    key = (key ^ (key >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ (key >> 27)) * UINT64_C(0x94d049bb133111eb);
    return key ^ (key >> 31);
}

static size_t number_by_table(uint64_t *keys, size_t n, uint64_t range)
{
    uint32_t *numbers = pages_zeroed(range * sizeof(*numbers)); /* number + 1 */
    size_t count = 0;

    if (!numbers)
        return SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        uint32_t *number = &numbers[keys[i]];

        if (!*number)
            *number = (uint32_t)++count;
        keys[i] = *number - 1;
    }
    free(numbers);
    return count;
}

/* Open addressing; a slot holds a key and its number + 1. */
struct slot {
    uint64_t key;
    uint64_t number;
};

struct slots {
    struct slot *at;
    size_t len, used; /* len is a power of two */
};

static struct slot *slot_find(const struct slots *slots, uint64_t key)
{
    size_t at = numbering_mix(key) & (slots->len - 1);

    while (slots->at[at].number && slots->at[at].key != key)
        at = (at + 1) & (slots->len - 1);
    return &slots->at[at];
}

static bool slots_grow(struct slots *slots)
{
    struct slots larger = { NULL, slots->len ? slots->len * 4 : 256,
                            slots->used };

    larger.at = calloc(larger.len, sizeof(*larger.at));
    if (!larger.at)
        return false;
    for (size_t i = 0; i < slots->len; i++)
        if (slots->at[i].number)
            *slot_find(&larger, slots->at[i].key) = slots->at[i];
    free(slots->at);
    *slots = larger;
    return true;
}

static size_t number_by_hash(uint64_t *keys, size_t n)
{
    struct slots slots = { NULL, 0, 0 };
    uint64_t last_key = 0, last = 0; /* runs of one key need no search */

    for (size_t i = 0; i < n; i++) {
        struct slot *slot;

        if (last && keys[i] == last_key) {
            keys[i] = last - 1;
            continue;
        }
        if (slots.used * 2 >= slots.len && !slots_grow(&slots)) {
            free(slots.at);
            return SIZE_MAX;
        }
        slot = slot_find(&slots, keys[i]);
        if (!slot->number)
            *slot = (struct slot){ keys[i], ++slots.used };
        last_key = keys[i];
        last = slot->number;
        keys[i] = last - 1;
    }
    free(slots.at);
    return slots.used;
}

size_t numbering_make(uint64_t *keys, size_t n, uint64_t range)
{
    if (range && range <= 4 * (uint64_t)n + TABLE_SLACK)
        return number_by_table(keys, n, range);
    return number_by_hash(keys, n);
}
