/* numbering.h - equal keys get one number, in order of first appearance */
#ifndef ANALYSIS_NUMBERING_H
#define ANALYSIS_NUMBERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Scramble the bits of a key (splitmix64's finisher: Steele, Lea, Flood
 * 2014). */
uint64_t numbering_mix(uint64_t key);

/* A key's number is not to be had without memory. */
#define NUMBERING_NONE UINT32_MAX

/* Numbers given so far. */
struct numbering {
    size_t count;
    uint64_t last_key; /* runs of one key need no search */
    uint32_t last;     /* its number + 1; 0: none yet */
    uint32_t *table;   /* number + 1 by key; NULL: by hash */
    struct numbering_slot {
        uint64_t key, number; /* number + 1; 0: free */
    } * slots;
    size_t slots_len; /* a power of two */
};

/* Begin to number some 'n' keys, each below 'range' (0: they may be anything):
 * small ranges go through a table, others by hash.  For numbering_end(),
 * whatever is returned: false without memory. */
bool numbering_begin(struct numbering *ret_numbering, size_t n, uint64_t range);
void numbering_end(struct numbering *numbering);

/* The number of a key that is not the last one's. */
uint32_t numbering_look(struct numbering *numbering, uint64_t key);

/* The number of a key, from 0 on; NUMBERING_NONE without memory. */
static inline uint32_t numbering_of(struct numbering *numbering, uint64_t key)
{
    return numbering->last && key == numbering->last_key
               ? numbering->last - 1
               : numbering_look(numbering, key);
}

/* Replace each of 'n' keys, which may be anything, by the number of its value.
 * Returns how many values there are, SIZE_MAX without memory (keys are then
 * spoilt). */
size_t numbering_make(uint64_t *keys, size_t n);

#endif
