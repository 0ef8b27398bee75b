/* precision.h - words for number formats: INT2, FP16, W2A4 */
#ifndef EXPERIMENTS_PRECISION_H
#define EXPERIMENTS_PRECISION_H

#include <stdbool.h>

#include "core/err.h"

struct precision {
    int weight_bits, activation_bits; /* 1 to 64 */
    bool is_float;
};

/* INT1 to INT16, INT32, FP16, BF16, FP32, FP64, and WnAm with n and m from
 * 1 to 16 (integers of different widths).
 * Returns 0, or ERR_FORMAT with a near miss where there is one. */
int precision_parse(const char *word, struct precision *ret_precision,
                    struct err *err);

#endif
