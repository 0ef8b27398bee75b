/* comparison.c - verdicts in words */
#include "report/comparison.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/embed.h"
#include "report/numbers.h"
#include "report/page.h"

#define DIGITS 7 /* of numbers in a page */

EMBEDDED(report_compare_html);
EMBEDDED(report_compare_js);
EMBEDDED(report_compare_vl_json);

/* clang-format off */
static const struct sheet_column columns[] = {
    { "verdict",            NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { "scope",              "scope",      "",    SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",         "provenance", "",    SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           "topology",   "",    SHEET_TEXT,   SHEET_PLAIN },
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
    { "top1_change_pct",    "top-1, points", "",    SHEET_NUMBER, SHEET_FIXED2 },
    { "top1_low_pct",       NULL,         "",    SHEET_NUMBER, SHEET_FIXED2 },
    { "top1_high_pct",      NULL,         "",    SHEET_NUMBER, SHEET_FIXED2 },
    { "mcnemar_p",          "McNemar p",  "",    SHEET_NUMBER, SHEET_PLAIN },
    { "accuracy",           "accuracy",   "",    SHEET_TEXT,   SHEET_PLAIN },
    { "label",              NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { "low_pct",            NULL,         "%",   SHEET_NUMBER, SHEET_PLAIN },
    { "high_pct",           NULL,         "%",   SHEET_NUMBER, SHEET_PLAIN },
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
        if (isnan(c->change_pct))
            snprintf(text, size, "not decidable, a throughput is missing");
        else
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

/* What became of the accuracy, where that can be said. */
static const char *accuracy_word(const struct comparison *c)
{
    if (isnan(c->top1_change_pct))
        return "";
    switch (c->accuracy) {
    case COMPARE_SLOWER:
        return "fell";
    case COMPARE_FASTER:
        return "rose";
    case COMPARE_SAME:
        return c->top1_change_pct == 0 ? "equal" : "not distinguishable";
    case COMPARE_UNDECIDABLE:
    case COMPARE_NEW:
    case COMPARE_GONE:
        break;
    }
    return "images not counted";
}

/* "measured", or "published, measured" of A and B. */
static void put_provenance(struct sheet *sheet, const struct comparison *c)
{
    const struct point *one = c->a ? c->a : c->b;
    char text[64];

    snprintf(text, sizeof(text), "%s", one->provenance);
    if (c->b && strcmp(one->provenance, c->b->provenance) != 0)
        snprintf(text, sizeof(text), "%s, %s", one->provenance,
                 c->b->provenance);
    sheet_text(sheet, text);
}

/* "MLP TX2 maxn FP16 50 %"; cut at 'size'.  Returns 'text'. */
static const char *label_of(const struct point *point, char *text, size_t size)
{
    char label[256];

    snprintf(text, size, "%s%s%s", point->topology, *point->topology ? " " : "",
             point_label(point, label, sizeof(label)));
    return text;
}

static void put(struct sheet *sheet, const struct comparison *c,
                enum scope_kind scope)
{
    const struct point *point = c->a ? c->a : c->b;
    char text[384];

    sheet_text(sheet, compare_verdict_word(c->verdict));
    sheet_text(sheet, scope_kind_word(scope));
    put_provenance(sheet, c);
    sheet_text(sheet, point->topology);
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
    sheet_number(sheet, c->top1_range.low);
    sheet_number(sheet, c->top1_range.high);
    sheet_number(sheet, c->mcnemar_p);
    sheet_text(sheet, accuracy_word(c));
    sheet_text(sheet, label_of(point, text, sizeof(text)));
    sheet_number(sheet, c->change_pct - c->half_pct);
    sheet_number(sheet, c->change_pct + c->half_pct);
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
    if (comparisons->accuracy_fell)
        buf_printf(out, ", %zu less accurate", comparisons->accuracy_fell);
    buf_printf(out, "\n");
}

static void put_string(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, "\"%s\":", key);
    sheet_quote(out, value);
    buf_put_u8(out, ',');
}

/* The largest change that noise does not explain, in a sentence. */
static void caption(const struct comparisons *comparisons, struct buf *out)
{
    const struct comparison *most = NULL;
    char label[384], words[192];

    for (size_t i = 0; i < comparisons->len; i++) {
        const struct comparison *c = &comparisons->at[i];

        if ((c->verdict == COMPARE_SLOWER || c->verdict == COMPARE_FASTER) &&
            (!most || fabs(c->change_pct) > fabs(most->change_pct)))
            most = c;
    }
    if (!most)
        return;
    sentence(most, words, sizeof(words));
    buf_printf(out, "The largest change: %s at batch %g is %s.",
               label_of(most->a, label, sizeof(label)), most->a->batch, words);
}

static int put_data(const struct comparisons *comparisons,
                    enum scope_kind scope, const char *const names[2],
                    struct buf *out, struct err *err)
{
    struct buf text = { 0 };
    struct sheet *sheet;
    int rc = comparison_sheet(comparisons, scope, true, &sheet, err);

    if (rc)
        return rc;
    buf_put_u8(out, '{');
    put_string(out, "a", names[0]);
    put_string(out, "b", names[1]);
    put_string(out, "scope", scope_kind_word(scope));
    put_string(out, "version", LABSWEEP_VERSION);
    comparison_total(comparisons, &text);
    put_string(out, "total", buf_text(&text));
    buf_free(&text);
    caption(comparisons, &text);
    put_string(out, "caption", buf_text(&text));
    buf_free(&text);
    buf_printf(out, "\"less_accurate\":%zu,\"counts\":{",
               comparisons->accuracy_fell);
    for (enum compare_verdict v = COMPARE_SAME; v <= COMPARE_GONE; v++)
        buf_printf(out, "%s\"%s\":%zu", v ? "," : "", compare_verdict_word(v),
                   comparisons->counts[v]);
    buf_printf(out, "},\n\"spec\":%s,\n\"table\":", report_compare_vl_json);
    rc = sheet_print_compact(sheet, DIGITS, out, err);
    buf_put_u8(out, '}');
    sheet_destroy(sheet);
    return rc;
}

int comparison_html(const struct comparisons *comparisons,
                    enum scope_kind scope, const char *const names[2],
                    struct buf *out, struct err *err)
{
    struct buf json = { 0 };
    int rc = put_data(comparisons, scope, names, &json, err);

    if (!rc && buf_failed(&json))
        rc = err_set(err, ERR_NOMEM, "no memory for the page");
    if (!rc)
        rc = page_print(&(struct page){ report_compare_html,
                                        "Two archives compared",
                                        buf_text(&json),
                                        { report_compare_js } },
                        out, err);
    buf_free(&json);
    return rc;
}
