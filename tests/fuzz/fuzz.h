/* fuzz.h - what a fuzz target provides */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Try one input; must not crash, hang or leak, whatever it is. */
void fuzz_one(const uint8_t *data, size_t size);

#endif
