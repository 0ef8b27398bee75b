/* clock_line.c - nanoseconds as JSON or digits, or whole seconds */
#include "workers/clock_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"

#define LAST_S 8.6e9 /* what int64 nanoseconds hold, and some way to it */

/* "1700000000s": half a second later on average, and half a second unsure. */
static bool parse_seconds(const char *line, size_t len, double *ret_unix_s)
{
    char digits[24];

    if (len < 2 || len > sizeof(digits) || line[len - 1] != 's')
        return false;
    snprintf(digits, sizeof(digits), "%.*s", (int)len - 1, line);
    if (!text_to_f64(digits, ret_unix_s))
        return false;
    *ret_unix_s += 0.5;
    return true;
}

/* NaN where there is no such number. */
static double nanoseconds(const char *line, size_t len)
{
    struct json_doc *doc = NULL;
    struct json root, at;
    double ns = NAN;

    if (json_doc_parse(line, len, "clock", &doc, NULL))
        return NAN;
    root = json_root(doc);
    at = json_kind(&root) == JSON_OBJECT ? json_get(&root, "t_unix_ns") : root;
    json_f64(&at, &ns, NULL);
    json_doc_destroy(doc);
    return ns;
}

int clock_line_parse(const char *line, size_t len, double *ret_unix_s,
                     double *ret_coarse_s, struct err *err)
{
    double unix_s, coarse_s = 0.5;
    char digits[64];

    while (len && strchr("\r\n ", line[len - 1]))
        len--;
    if (!parse_seconds(line, len, &unix_s)) {
        unix_s = nanoseconds(line, len) * 1e-9;
        coarse_s = 0;
    }
    if (unix_s > 0 && unix_s < LAST_S) {
        *ret_unix_s = unix_s;
        *ret_coarse_s = coarse_s;
        return 0;
    }
    snprintf(digits, sizeof(digits), "%.*s", len < 40 ? (int)len : 40, line);
    return err_set(err, ERR_IO,
                   "the board's clock says '%s', expected nanoseconds since "
                   "1970",
                   digits);
}
