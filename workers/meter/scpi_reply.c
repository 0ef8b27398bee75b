/* scpi_reply.c - numbers between commas */
#include "workers/meter/scpi_reply.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

#define NOT_A_NUMBER 9e37 /* and beyond: SCPI's NaN and infinities */

int scpi_reply_number(const uint8_t *data, size_t len, size_t index,
                      double *ret_value, struct err *err)
{
    char word[64] = "";
    size_t at = 0, n = 0, digits;
    double value;

    while (at < len && index) /* to the index-th field */
        index -= data[at++] == ',';
    while (at < len && (data[at] == ' ' || data[at] == '"'))
        at++;
    while (at < len && data[at] > ' ' && data[at] < 0x7f && data[at] != ',' &&
           n + 1 < sizeof(word))
        word[n++] = (char)data[at++];
    word[n] = 0;
    digits = strspn(word, "+-.0123456789");
    if ((word[digits] == 'e' || word[digits] == 'E') &&
        strspn(word + digits + 1, "+-0123456789"))
        digits += 1 + strspn(word + digits + 1, "+-0123456789");
    word[digits] = 0;
    if (index || !text_to_f64(word, &value))
        return err_set(err, ERR_FORMAT, "its answer '%.*s' has no number there",
                       len < 40 ? (int)len : 40, (const char *)data);
    if (fabs(value) >= NOT_A_NUMBER)
        return err_set(err, ERR_FORMAT, "it says that it has no reading");
    *ret_value = value;
    return 0;
}
