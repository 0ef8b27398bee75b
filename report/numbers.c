/* numbers.c - significant digits and SI prefixes */
#include "report/numbers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/vec.h"

/* Four digits that matter: 1234, 123.4, 12.3, 1.234. */
static void digits(double value, char *text, size_t size)
{
    int whole = value == 0 ? 1 : (int)floor(log10(fabs(value)) + 1e-12) + 1;
    int after = whole > 3 ? 0 : whole < 1 ? 4 : 4 - whole;

    snprintf(text, size, "%.*f", after, value);
    if (strchr(text, '.')) {
        char *end = text + strlen(text);

        while (end[-1] == '0')
            *--end = '\0';
        if (end[-1] == '.')
            end[-1] = '\0';
    }
}

char *number_si(double value, const char *unit, char *text)
{
    static const struct {
        double scale;
        const char *prefix;
    } prefixes[] = { { 1e12, "T" }, { 1e9, "G" },  { 1e6, "M" },
                     { 1e3, "k" },  { 1, "" },     { 1e-3, "m" },
                     { 1e-6, "µ" }, { 1e-9, "n" }, { 1e-12, "p" } };
    char number[32];
    size_t i = 0;

    if (!isfinite(value)) {
        snprintf(text, NUMBER_TEXT_MAX, "-");
        return text;
    }
    /* what rounds up to the next prefix belongs there: 999.96 k is 1 M */
    while (i + 1 < ARRAY_LEN(prefixes) &&
           fabs(value) < prefixes[i].scale * 0.99995)
        i++;
    if (value == 0)
        i = 4;
    digits(value / prefixes[i].scale, number, sizeof(number));
    /* symbols take the prefix, words stand apart: "ms", "k images/s" */
    snprintf(text, NUMBER_TEXT_MAX, "%s%s%s%s%s", number,
             *unit || *prefixes[i].prefix ? " " : "", prefixes[i].prefix,
             *prefixes[i].prefix && strlen(unit) > 4 ? " " : "", unit);
    return text;
}

char *number_format(double value, enum sheet_form form, const char *unit,
                    char *text)
{
    const char *gap;

    if (!strcmp(unit, "1/s")) /* the column's head says of what */
        unit = "";
    gap = *unit ? " " : "";
    if (!isfinite(value)) {
        snprintf(text, NUMBER_TEXT_MAX, "-");
        return text;
    }
    switch (form) {
    case SHEET_PREFIX:
        return number_si(value, unit, text);
    case SHEET_FIXED2:
        snprintf(text, NUMBER_TEXT_MAX, "%.2f%s%s", value, gap, unit);
        return text;
    case SHEET_PLAIN:
        break;
    }
    if (value == floor(value) && fabs(value) < 1e15)
        snprintf(text, NUMBER_TEXT_MAX, "%.0f%s%s", value, gap, unit);
    else
        snprintf(text, NUMBER_TEXT_MAX, "%.4g%s%s", value, gap, unit);
    return text;
}
