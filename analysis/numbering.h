/* numbering.h - equal keys get one number, in order of first appearance */
#ifndef ANALYSIS_NUMBERING_H
#define ANALYSIS_NUMBERING_H

#include <stddef.h>
#include <stdint.h>

/* Scramble the bits of a key (splitmix64's finisher: Steele, Lea, Flood
 * 2014). */
uint64_t numbering_mix(uint64_t key);

/* Replace each of 'n' keys by the number of its value, from 0 on.  'range'
 * is above every key, 0 if keys may be anything: small ranges are numbered
 * through a table, others by hash.  Returns how many values there are,
 * SIZE_MAX without memory (keys are then spoilt). */
size_t numbering_make(uint64_t *keys, size_t n, uint64_t range);

#endif
