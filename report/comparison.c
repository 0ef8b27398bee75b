/* comparison.c - verdicts in words */
#include "report/comparison.h"

#include <math.h>
#include <stdio.h>

#include "report/numbers.h"

/* clang-format off */
static const struct sheet_column columns[] = {
    { "verdict",            NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { "scope",              "scope",      "",    SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               "platform",   "",    SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",  "",    SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",    "%",   SHEET_NUMBER, SHEET_PLAIN },
    { "batch",              "batch",      "",    SHEET_NUMBER, SHEET_PLAIN },
    { "a_repeats",          "repeats A",  "",    SHEET_NUMBER, SHEET_PLAIN },
    { "b_repeats",          "repeats B",  "",    SHEET_NUMBER, SHEET_PLAIN },
    { "a_fps",              "images/s A", "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "b_fps",              "images/s B", "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "change_pct",         NULL,         "%",   SHEET_NUMBER, SHEET_PLAIN },
    { "half_interval_pct",  NULL,         "%",   SHEET_NUMBER, SHEET_PLAIN },
    { "top1_change_pct",    "top-1",      "",    SHEET_NUMBER, SHEET_FIXED2 },
    { "text",               "B against A", "",   SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

static void sentence(const struct comparison *c, char *text, size_t size)
{
    switch (c->verdict) {
    case COMPARE_FASTER:
    case COMPARE_SLOWER:
        snprintf(text, size, "%s by %.1f %% ± %.1f %%",
                 compare_verdict_word(c->verdict), fabs(c->change_pct),
                 c->half_pct);
        return;
    case COMPARE_SAME:
        snprintf(text, size, "not distinguishable (%+.1f %% ± %.1f %%)",
                 c->change_pct, c->half_pct);
        return;
    case COMPARE_UNDECIDABLE:
        snprintf(text, size, "not decidable with one repeat (%+.1f %%)",
                 c->change_pct);
        return;
    case COMPARE_NEW:
    case COMPARE_GONE:
        break;
    }
    snprintf(text, size, "%s", compare_verdict_word(c->verdict));
}

static double fps_of(const struct point *point, enum scope_kind scope)
{
    return point ? point->scope[scope].fps : (double)NAN;
}

static void put(struct sheet *sheet, const struct comparison *c,
                enum scope_kind scope)
{
    const struct point *point = c->a ? c->a : c->b;
    char text[192];

    sheet_text(sheet, compare_verdict_word(c->verdict));
    sheet_text(sheet, scope_kind_word(scope));
    sheet_text(sheet, point_unit(point, text, sizeof(text)));
    sheet_text(sheet, point->precision);
    sheet_number(sheet, point->pruning_pct);
    sheet_number(sheet, point->batch);
    sheet_number(sheet, c->a ? (double)c->a->repeats : (double)NAN);
    sheet_number(sheet, c->b ? (double)c->b->repeats : (double)NAN);
    sheet_number(sheet, fps_of(c->a, scope));
    sheet_number(sheet, fps_of(c->b, scope));
    sheet_number(sheet, c->change_pct);
    sheet_number(sheet, c->half_pct);
    sheet_number(sheet, c->top1_change_pct);
    sentence(c, text, sizeof(text));
    sheet_text(sheet, text);
}

static bool is_news(const struct comparison *c)
{
    return (c->verdict != COMPARE_SAME && c->verdict != COMPARE_UNDECIDABLE) ||
           fabs(c->top1_change_pct) > 0;
}

int comparison_sheet(const struct comparisons *comparisons,
                     enum scope_kind scope, bool all, struct sheet **ret_sheet,
                     struct err *err)
{
    struct sheet *sheet = sheet_create(columns);

    if (!sheet)
        return err_set(err, ERR_NOMEM, "no memory for a comparison");
    for (size_t i = 0; i < comparisons->len; i++)
        if (all || is_news(&comparisons->at[i]))
            put(sheet, &comparisons->at[i], scope);
    *ret_sheet = sheet;
    return 0;
}

void comparison_total(const struct comparisons *comparisons, struct buf *out)
{
    buf_printf(out, "%zu op points", comparisons->len);
    for (enum compare_verdict v = COMPARE_SAME; v <= COMPARE_GONE; v++)
        if (comparisons->counts[v])
            buf_printf(out, ", %zu %s", comparisons->counts[v],
                       compare_verdict_word(v));
    buf_printf(out, "\n");
}
