/* test_sheet.c - one table as JSON, CSV, page data and terminal text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"
#include "core/vec.h"
#include "report/numbers.h"
#include "report/sheet.h"
#include "report/terminal.h"

static const struct sheet_column columns[] = {
    { "name", "name", "", SHEET_TEXT, SHEET_PLAIN },
    { "same", "same", "", SHEET_TEXT, SHEET_PLAIN },
    { "lat_s", "latency", "s", SHEET_NUMBER, SHEET_PREFIX },
    { "top1_pct", "top-1", "%", SHEET_NUMBER, SHEET_FIXED2 },
    { "none", "none", "", SHEET_NUMBER, SHEET_PLAIN },
    { "hidden", NULL, "", SHEET_NUMBER, SHEET_PLAIN },
    { 0 },
};

static struct sheet *make(void)
{
    static const struct {
        const char *name;
        double lat, top1;
    } rows[] = {
        { "b, \"quoted\" <tag>", 1.5e-6, 98.5 },
        { "µ", 2e-3, (double)NAN },
        { "", 12, 9 },
    };
    struct sheet *sheet = sheet_create(columns);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        sheet_text(sheet, rows[i].name);
        sheet_text(sheet, "x");
        sheet_number(sheet, rows[i].lat);
        sheet_number(sheet, rows[i].top1);
        sheet_number(sheet, (double)NAN);
        sheet_flag(sheet, i == 1);
    }
    return sheet;
}

static void terminals_see_aligned_columns(void **state)
{
    struct sheet *sheet = make();
    struct buf text = { 0 };

    (void)state;
    assert_int_equal(terminal_print(sheet, 0, &text, NULL), 0);
    assert_string_equal(buf_text(&text),
                        "same: x\n"
                        "name               latency    top-1\n"
                        "─────────────────  ───────  ───────\n"
                        "b, \"quoted\" <tag>   1.5 µs  98.50 %\n"
                        "µ                     2 ms        -\n"
                        "-                     12 s   9.00 %\n");
    buf_free(&text);
    sheet_destroy(sheet);
}

static void csv_is_quoted_where_it_must_be(void **state)
{
    struct sheet *sheet = make();
    struct buf text = { 0 };

    (void)state;
    assert_int_equal(sheet_print_csv(sheet, &text, NULL), 0);
    assert_string_equal(buf_text(&text),
                        "name,same,lat_s,top1_pct,none,hidden\n"
                        "\"b, \"\"quoted\"\" <tag>\",x,1.5e-06,98.5,,0\n"
                        "µ,x,0.002,,,1\n"
                        ",x,12,9,,0\n");
    buf_free(&text);
    sheet_destroy(sheet);
}

static void json_comes_back_digit_by_digit(void **state)
{
    struct sheet *sheet = make();
    struct buf text = { 0 };
    struct json_doc *doc;
    struct json root, row, at;
    const char *name;
    double lat;

    (void)state;
    sheet_text(sheet, "third");
    sheet_text(sheet, "x");
    sheet_number(sheet, 1.0 / 3);
    sheet_number(sheet, (double)INFINITY);
    sheet_number(sheet, 0);
    sheet_number(sheet, 0);
    assert_int_equal(sheet_print_json(sheet, &text, NULL), 0);
    assert_null(strchr(buf_text(&text), '<'));
    assert_int_equal(json_doc_parse(text.data, text.len, "t", &doc, NULL), 0);
    root = json_root(doc);
    assert_int_equal(json_len(&root), 4);
    row = json_first(&root);
    at = json_get(&row, "name");
    assert_int_equal(json_string(&at, &name, NULL), 0);
    assert_string_equal(name, "b, \"quoted\" <tag>");
    for (size_t i = 1; i < 4; i++)
        row = json_next(&root, &row, i);
    at = json_get(&row, "lat_s");
    assert_int_equal(json_f64(&at, &lat, NULL), 0);
    assert_true(lat == 1.0 / 3);
    at = json_get(&row, "top1_pct");
    assert_int_equal(json_kind(&at), JSON_NULL);
    json_doc_destroy(doc);
    buf_free(&text);
    sheet_destroy(sheet);
}

static void hostile_bytes_never_leave_the_string(void **state)
{
    struct buf text = { 0 };

    (void)state;
    sheet_quote(&text, "</script>\x01\xff\"\\&\n");
    assert_string_equal(buf_text(&text),
                        "\"\\u003c/script>\xef\xbf\xbd"
                        "\xef\xbf\xbd\\\"\\\\\\u0026\\u000a\"");
    buf_free(&text);
}

static void rows_sort_and_names_are_checked(void **state)
{
    struct sheet *sheet = make();
    struct err err;

    (void)state;
    assert_int_equal(sheet_sort(sheet, "-top1_pct", &err), 0);
    assert_true(sheet_number_at(sheet, 0, 3) == 98.5);
    assert_true(isnan(sheet_number_at(sheet, 2, 3)));
    assert_int_equal(sheet_sort(sheet, "name", &err), 0);
    assert_string_equal(sheet_text_at(sheet, 2, 0), "");
    assert_int_equal(sheet_sort(sheet, "same,-name", &err), 0);
    assert_string_equal(sheet_text_at(sheet, 0, 0), "µ");
    assert_string_equal(sheet_text_at(sheet, 2, 0), "");
    assert_int_equal(sheet_sort(sheet, "same,", &err), ERR_USAGE);
    assert_int_equal(sheet_sort(sheet, "top1_pc", &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "did you mean 'top1_pct'?"));
    sheet_destroy(sheet);
}

static void numbers_read_well(void **state)
{
    static const struct {
        double value;
        const char *unit, *text;
    } rows[] = {
        { 3849624, "images/s", "3.85 M images/s" },
        { 999.96, "s", "1 ks" },
        { 0, "W", "0 W" },
        { 1.234567e-6, "J", "1.235 µJ" },
        { 12, "", "12" },
        { -4500, "op/s", "-4.5 kop/s" },
        { 5e-13, "s", "0.5 ps" },
        { (double)NAN, "s", "-" },
    };
    char text[NUMBER_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(number_si(rows[i].value, rows[i].unit, text),
                            rows[i].text);
    assert_string_equal(number_format(838.353, SHEET_PREFIX, "1/s", text),
                        "838.4");
    assert_string_equal(number_format(12.5, SHEET_PLAIN, "%", text), "12.5 %");
}

static const struct sheet_column long_columns[] = {
    { "board", "board", "", SHEET_TEXT, SHEET_PLAIN },
    { "n", "cells", "", SHEET_NUMBER, SHEET_PLAIN },
    { "of", "of", "", SHEET_NUMBER, SHEET_PLAIN },
    { "why", "reason", "", SHEET_TEXT, SHEET_PLAIN },
    { 0 },
};

/* No line is longer than the terminal, nothing is lost, and what foreign text
 * holds of control characters does not reach it. */
static void narrow_terminals_see_all(void **state)
{
    static const struct {
        size_t width;
        const char *text;
    } cases[] = {
        { 44, "board  cells  of  reason\n"
              "─────  ─────  ──  ──────────────────────────\n"
              "a          1   2  the link was cut, and cut\n"
              "                  again ?[2J\n"
              "b          0   2  -\n" },
        { 24, "board  cells  of\n"
              "    reason\n"
              "─────  ─────  ──\n"
              "a          1   2\n"
              "    the link was cut,\n"
              "    and cut again ?[2J\n"
              "b          0   2\n"
              "    -\n" },
        { 14, "board  cells\n"
              "─────  ─────\n"
              "a          1\n"
              "b          0\n"
              "\n"
              "board  of\n"
              "    reason\n"
              "─────  ──\n"
              "a       2\n"
              "    the link\n"
              "    was cut,\n"
              "    and cut\n"
              "    again ?[2J\n"
              "b       2\n"
              "    -\n" },
    };
    struct sheet *sheet = sheet_create(long_columns);

    (void)state;
    sheet_text(sheet, "a");
    sheet_number(sheet, 1);
    sheet_number(sheet, 2);
    sheet_text(sheet, "the link was cut, and cut again \033[2J");
    sheet_text(sheet, "b");
    sheet_number(sheet, 0);
    sheet_number(sheet, 2);
    sheet_text(sheet, "");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text = { 0 };

        assert_int_equal(terminal_print(sheet, cases[i].width, &text, NULL), 0);
        assert_string_equal(buf_text(&text), cases[i].text);
        buf_free(&text);
    }
    sheet_destroy(sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminals_see_aligned_columns),
        cmocka_unit_test(narrow_terminals_see_all),
        cmocka_unit_test(csv_is_quoted_where_it_must_be),
        cmocka_unit_test(json_comes_back_digit_by_digit),
        cmocka_unit_test(hostile_bytes_never_leave_the_string),
        cmocka_unit_test(rows_sort_and_names_are_checked),
        cmocka_unit_test(numbers_read_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
