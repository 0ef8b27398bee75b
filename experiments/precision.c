/* precision.c - the table of number formats, and WnAm */
#include "experiments/precision.h"

#include <string.h>

#include "core/text.h"
#include "core/vec.h"

/* clang-format off */
static const char *const words[] = {
    "INT1", "INT2", "INT3", "INT4", "INT5", "INT6", "INT7", "INT8",
    "INT9", "INT10", "INT11", "INT12", "INT13", "INT14", "INT15", "INT16",
    "INT32", "FP16", "BF16", "FP32", "FP64", NULL
};
static const struct precision formats[] = {
    { 1, 1, false }, { 2, 2, false }, { 3, 3, false }, { 4, 4, false },
    { 5, 5, false }, { 6, 6, false }, { 7, 7, false }, { 8, 8, false },
    { 9, 9, false }, { 10, 10, false }, { 11, 11, false }, { 12, 12, false },
    { 13, 13, false }, { 14, 14, false }, { 15, 15, false }, { 16, 16, false },
    { 32, 32, false }, { 16, 16, true }, { 16, 16, true }, { 32, 32, true },
    { 64, 64, true },
};
/* clang-format on */

/* One or two digits, 1 to 16; returns where they end, or NULL. */
static const char *read_bits(const char *text, int *ret_bits)
{
    int bits = 0;
    const char *at = text;

    while (*at >= '0' && *at <= '9' && at - text < 2)
        bits = bits * 10 + (*at++ - '0');
    if (at == text || *text == '0' || bits < 1 || bits > 16)
        return NULL;
    *ret_bits = bits;
    return at;
}

static bool read_mixed(const char *word, struct precision *precision)
{
    struct precision mixed = { 0 };

    if (*word != 'W')
        return false;
    word = read_bits(word + 1, &mixed.weight_bits);
    if (!word || *word != 'A')
        return false;
    word = read_bits(word + 1, &mixed.activation_bits);
    if (!word || *word)
        return false;
    *precision = mixed;
    return true;
}

int precision_parse(const char *word, struct precision *ret_precision,
                    struct err *err)
{
    const char *near;

    for (size_t i = 0; words[i]; i++) {
        if (!strcmp(words[i], word)) {
            *ret_precision = formats[i];
            return 0;
        }
    }
    if (read_mixed(word, ret_precision))
        return 0;
    near = text_nearest(word, words);
    if (near)
        return err_set(err, ERR_FORMAT,
                       "unknown precision '%.40s', did you mean '%s'?", word,
                       near);
    return err_set(err, ERR_FORMAT,
                   "unknown precision '%.40s', expected one such as INT8, "
                   "FP16 or W2A4",
                   word);
}
