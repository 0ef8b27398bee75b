/* numbering.c - equal keys numbered, through a table or by hash */
#include "analysis/numbering.h"

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

bool numbering_begin(struct numbering *ret_numbering, size_t n, uint64_t range)
{
    memset(ret_numbering, 0, sizeof(*ret_numbering));
    if (!range || range > 4 * (uint64_t)n + TABLE_SLACK)
        return true;
    ret_numbering->table = pages_zeroed(range * sizeof(uint32_t));
    return ret_numbering->table;
}

void numbering_end(struct numbering *numbering)
{
    free(numbering->table);
    free(numbering->slots);
    memset(numbering, 0, sizeof(*numbering));
}

/* Open addressing. */
static struct numbering_slot *slot_find(struct numbering_slot *slots,
                                        size_t len, uint64_t key)
{
    size_t at = numbering_mix(key) & (len - 1);

    while (slots[at].number && slots[at].key != key)
        at = (at + 1) & (len - 1);
    return &slots[at];
}

static bool slots_grow(struct numbering *numbering)
{
    size_t len = numbering->slots_len ? numbering->slots_len * 4 : 256;
    struct numbering_slot *larger = calloc(len, sizeof(*larger));

    if (!larger)
        return false;
    for (size_t i = 0; i < numbering->slots_len; i++)
        if (numbering->slots[i].number)
            *slot_find(larger, len, numbering->slots[i].key) =
                numbering->slots[i];
    free(numbering->slots);
    numbering->slots = larger;
    numbering->slots_len = len;
    return true;
}

static uint64_t number_by_hash(struct numbering *numbering, uint64_t key)
{
    struct numbering_slot *slot;

    if (numbering->count * 2 >= numbering->slots_len && !slots_grow(numbering))
        return 0;
    slot = slot_find(numbering->slots, numbering->slots_len, key);
    if (!slot->number)
        *slot = (struct numbering_slot){ key, ++numbering->count };
    return slot->number;
}

uint32_t numbering_look(struct numbering *numbering, uint64_t key)
{
    if (numbering->table) {
        uint32_t *number = &numbering->table[key];

        if (!*number)
            *number = (uint32_t)++numbering->count;
        numbering->last = *number;
    } else {
        numbering->last = (uint32_t)number_by_hash(numbering, key);
    }
    numbering->last_key = key;
    return numbering->last - 1; /* of none: NUMBERING_NONE */
}

size_t numbering_make(uint64_t *keys, size_t n)
{
    struct numbering numbering;
    bool whole = numbering_begin(&numbering, n, 0);
    size_t count;

    for (size_t i = 0; whole && i < n; i++) {
        keys[i] = numbering_of(&numbering, keys[i]);
        whole = keys[i] != NUMBERING_NONE;
    }
    count = whole ? numbering.count : SIZE_MAX;
    numbering_end(&numbering);
    return count;
}
