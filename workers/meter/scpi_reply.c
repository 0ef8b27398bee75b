/* scpi_reply.c - numbers between commas */
#include "workers/meter/scpi_reply.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "core/units.h"
#include "core/vec.h"

#define NOT_A_NUMBER 9e37 /* and beyond: SCPI's NaN and infinities */
#define WORD_MAX     64

/* The index-th field up to its end, without blanks and quotes around it.
 * Returns false if there are not so many. */
static bool field_at(const uint8_t *data, size_t len, size_t index,
                     char word[WORD_MAX])
{
    size_t at = 0, n = 0;

    while (at < len && index)
        index -= data[at++] == ',';
    while (at < len && (data[at] == ' ' || data[at] == '"'))
        at++;
    while (at < len && !memchr(",\"\r\n", data[at], 4) && n + 1 < WORD_MAX) {
        word[n++] = data[at] > ' ' && data[at] < 0x7f ? (char)data[at]
                    : data[at] == ' '                 ? ' '
                                                      : '?';
        at++;
    }
    while (n && word[n - 1] == ' ')
        n--;
    word[n] = 0;
    return !index;
}

/* Bytes of the number that a word begins with. */
static size_t digits_of(const char *word)
{
    size_t n = strspn(word, "+-.0123456789");
    size_t more = strspn(word + n + (word[n] != 0), "+-0123456789");

    return (word[n] == 'e' || word[n] == 'E') && more ? n + 1 + more : n;
}

/* What a unit makes of a number: watts, volts, amperes, whatever was asked
 * for.  NaN for another. */
static double factor_of(const char *unit)
{
    static const char *const bases[] = { "W", "V", "A" };
    double factor;

    for (size_t i = 0; *unit && i < ARRAY_LEN(bases); i++)
        if (!units_factor(unit, bases[i], &factor, NULL))
            return factor;
    return *unit ? (double)NAN : 1;
}

int scpi_reply_number(const uint8_t *data, size_t len, size_t index,
                      double *ret_value, struct err *err)
{
    char word[WORD_MAX], unit[WORD_MAX];
    bool there = field_at(data, len, index, word);
    size_t digits = digits_of(word);
    double value, factor;

    snprintf(unit, sizeof(unit), "%s",
             word + digits + strspn(word + digits, " "));
    word[digits] = 0;
    if (!there || !text_to_f64(word, &value))
        return err_set(err, ERR_FORMAT, "its answer '%.*s' has no number there",
                       len < 40 ? (int)len : 40, (const char *)data);
    if (fabs(value) >= NOT_A_NUMBER)
        return err_set(err, ERR_FORMAT, "it says that it has no reading");
    factor = factor_of(unit);
    if (isnan(factor))
        return err_set(err, ERR_FORMAT,
                       "its answer is in '%s', expected W, V or A", unit);
    *ret_value = value * factor;
    return 0;
}
