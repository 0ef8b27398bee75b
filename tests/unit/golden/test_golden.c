/* test_golden.c - saved logs of vendors' tools, read by shipped adapters
 *
 * tests/golden/adapters/TOOL/VERSION/cases.json lists what each log must
 * yield: every column with its value in the column's unit and nothing else,
 * or the words it is refused with.  A new log is a file and a case, no C.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/json.h"
#include "core/vec.h"
#include "inventory/template.h"
#include "tests/unit/golden/golden.h"

#define PATTERN "tests/golden/adapters/*/*/cases.json"

static size_t cases_seen, adapters_seen, commands_seen;
static struct buf adapters_read; /* " NAME " of each that read a log */

/* ---- what was read against what was expected */

static void compare_column(const struct golden *g, const struct column *c,
                           const struct json *want)
{
    const char *text = NULL;
    double value = 0, got;

    if (columns_missing(c, &g->row)) {
        if (json_there(want))
            fail_msg("%s: column '%s' was not read", g->what, c->name);
        return;
    }
    if (!json_there(want))
        fail_msg("%s: column '%s' was read, but is not expected", g->what,
                 c->name);
    if (c->type == COLUMN_TEXT) {
        if (json_string(want, &text, NULL) ||
            strcmp(columns_text(c, &g->row), text) != 0)
            fail_msg("%s: '%s' is '%s'", g->what, c->name,
                     columns_text(c, &g->row));
        return;
    }
    got = c->type == COLUMN_F64 ? columns_f64(c, &g->row)
                                : (double)columns_i64(c, &g->row);
    if (json_f64(want, &value, NULL) || fabs(got - value) > 1e-9 * fabs(value))
        fail_msg("%s: '%s' is %.12g, expected %.12g", g->what, c->name, got,
                 value);
}

static void compare_columns(const struct golden *g, const struct json *wanted)
{
    const struct column_table *t = &columns_attempts;
    size_t i = 0;

    for (struct json e = json_first(wanted); json_there(&e);
         e = json_next(wanted, &e, ++i))
        if (!columns_find(t, json_key(&e)))
            fail_msg("%s: there is no column '%s'", g->what, json_key(&e));
    for (size_t k = 0; k < t->count; k++) {
        struct json want = json_get(wanted, t->columns[k].name);

        compare_column(g, &t->columns[k], &want);
    }
}

/* {"lat_sys": [number of samples, their sum in seconds]} */
static void compare_samples(const struct golden *g, const struct json *wanted)
{
    static const char *const names[] = { "lat_comp", "lat_sys" };

    for (size_t k = 0; k < 2; k++) {
        struct json pair = json_get(wanted, names[k]), at = json_first(&pair);
        double n = 0, sum = 0, got = 0;

        for (size_t i = 0; i < g->samples_len[k]; i++)
            got += g->samples[k][i];
        if (json_there(&pair)) {
            assert_int_equal(json_f64(&at, &n, NULL), 0);
            at = json_next(&pair, &at, 1);
            assert_int_equal(json_f64(&at, &sum, NULL), 0);
        }
        if ((double)g->samples_len[k] != n ||
            fabs(got - sum) > 1e-9 * fabs(sum))
            fail_msg("%s: %zu samples '%s' of %.12g s, expected %g of %.12g s",
                     g->what, g->samples_len[k], names[k], got, n, sum);
    }
}

static void compare_refusal(const struct golden *g, const char *words)
{
    if (!g->rc)
        fail_msg("%s: was read, expected '%s'", g->what, words);
    if (!strstr(g->err.text, words))
        fail_msg("%s: found '%s', expected '%s'", g->what, g->err.text, words);
}

/* ---- files of cases */

/* True if the case was a probe's. */
static bool run_probe(const char *dir, const struct json *at)
{
    struct json refused = json_get(at, "refused"), is = json_get(at, "is");
    const char *words = "";
    char text[256] = "";
    struct golden g;

    if (!golden_probe(dir, at, &g, text, sizeof(text)))
        return false;
    assert_int_equal(
        json_string(json_there(&refused) ? &refused : &is, &words, NULL), 0);
    if (json_there(&refused))
        compare_refusal(&g, words);
    else if (g.rc || strcmp(text, words) != 0)
        fail_msg("%s: found '%s' %s", g.what, text, g.err.text);
    cases_seen++;
    return true;
}

static void note_adapter(const struct json *at)
{
    struct json name = json_get(at, "adapter");
    const char *text = "";

    assert_int_equal(json_string(&name, &text, NULL), 0);
    buf_printf(&adapters_read, " %s ", text);
}

static void run_case(const char *dir, const struct json *at)
{
    struct json refused = json_get(at, "refused");
    struct json columns = json_get(at, "columns");
    struct json samples = json_get(at, "samples");
    const char *words = NULL;
    struct golden g;

    if (run_probe(dir, at))
        return;
    golden_read(dir, at, NULL, &g);
    if (json_there(&refused) == json_there(&columns))
        fail_msg("%s: expected either 'columns' or 'refused'", g.what);
    if (json_there(&refused)) {
        assert_int_equal(json_string(&refused, &words, NULL), 0);
        compare_refusal(&g, words);
    } else {
        if (g.rc)
            fail_msg("%s: %s", g.what, g.err.text);
        compare_columns(&g, &columns);
        compare_samples(&g, &samples);
        note_adapter(at);
    }
    golden_free(&g);
    cases_seen++;
}

static void run_file(const char *path,
                     void (*run)(const char *dir, const struct json *at))
{
    struct json_doc *doc = NULL;
    struct err err = { 0 };
    char dir[FS_PATH_MAX];
    struct json root;
    size_t i = 0;

    if (json_doc_read(path, &doc, &err))
        fail_msg("%s", err.text);
    fs_dirname(path, dir, sizeof(dir));
    root = json_root(doc);
    if (json_len(&root) == 0)
        fail_msg("%s: no case", path);
    for (struct json e = json_first(&root); json_there(&e);
         e = json_next(&root, &e, ++i))
        run(dir, &e);
    json_doc_destroy(doc);
}

static void run_files(void (*run)(const char *dir, const struct json *at))
{
    glob_t found = { 0 };

    assert_int_equal(glob(PATTERN, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        run_file(found.gl_pathv[i], run);
    globfree(&found);
}

static void every_golden_log_is_read_as_it_says(void **state)
{
    (void)state;
    run_files(run_case);
    print_message("%zu cases\n", cases_seen);
    assert_true(cases_seen >= 10);
}

/* ---- logs spoilt in ways that are every adapter's to see */

static void nothing(const char *text, struct buf *out)
{
    (void)text;
    (void)out;
}

/* "1.5" as other languages write it. */
static void with_commas(const char *text, struct buf *out)
{
    for (const char *c = text; *c; c++)
        buf_put_u8(out, *c == '.' && c > text && isdigit(c[-1]) && isdigit(c[1])
                            ? ','
                            : (uint8_t)*c);
}

/* No number is what it was. */
static void without_numbers(const char *text, struct buf *out)
{
    for (const char *c = text; *c; c++) {
        bool first = c == text || !(isalnum(c[-1]) || c[-1] == '.');
        const char *end = c;

        while (isdigit(*end) || (end > c && *end == '.'))
            end++;
        if (first && end > c && !isalpha(*end)) {
            buf_printf(out, "-nan");
            c = end - 1;
        } else {
            buf_put_u8(out, (uint8_t)*c);
        }
    }
}

static const struct {
    const char *what;
    void (*spoil)(const char *text, struct buf *out);
} spoilers[] = {
    { "nothing printed", nothing },
    { "decimal commas", with_commas },
    { "numbers that are none", without_numbers },
};

static size_t spoilt_seen;

static void run_spoilt(const char *dir, const struct json *at)
{
    struct json refused = json_get(at, "refused");
    struct json columns = json_get(at, "columns");
    struct json lax = json_get(at, "all_optional");

    if (json_there(&lax)) /* a tool that need not print anything */
        return;
    for (size_t i = 0; json_there(&columns) && !json_there(&refused) &&
                       i < ARRAY_LEN(spoilers);
         i++) {
        struct golden g;

        golden_read(dir, at, spoilers[i].spoil, &g);
        if (!g.rc && spoilers[i].spoil == with_commas)
            compare_columns(&g, &columns); /* it has whole numbers alone */
        else if (!g.rc)
            fail_msg("%s: read in spite of %s", g.what, spoilers[i].what);
        else if (!g.err.text[0] || strchr(g.err.text, '\n'))
            fail_msg("%s: not one sentence for %s", g.what, spoilers[i].what);
        golden_free(&g);
        spoilt_seen++;
    }
}

static void every_adapter_refuses_spoilt_logs(void **state)
{
    (void)state;
    run_files(run_spoilt);
    assert_true(spoilt_seen >= 60);
}

/* ---- every shipped adapter is whole */

static void every_shipped_adapter_compiles_and_reads_a_log(void **state)
{
    glob_t found = { 0 };

    (void)state;
    assert_int_equal(glob("inventory/adapters/*.json", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct adapter *adapter = golden_adapter(found.gl_pathv[i]);
        struct err err = { 0 };

        char word[128];

        if (collect_check_adapter(adapter, &err))
            fail_msg("%s", err.text);
        snprintf(word, sizeof(word), " %s ", adapter->name);
        if (!strstr(buf_text(&adapters_read), word))
            fail_msg("%s reads no golden log", adapter->file);
        adapter_destroy(adapter);
        adapters_seen++;
    }
    globfree(&found);
    buf_free(&adapters_read);
    assert_true(adapters_seen >= 2);
}

/* ---- every command of theirs is one that a shell understands */

/* Values that are words; {!name} puts in commands, and true is one. */
static const char *any_value(const void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return "true";
}

static const char *no_name(const void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return NULL;
}

static void check_shell(const char *file, const char *what,
                        const char *template)
{
    const struct template_names names = { any_value, no_name, NULL };
    struct buf text = { 0 };
    struct err err = { 0 };
    FILE *shell;

    if (!template)
        return;
    if (template_expand(template, TEMPLATE_SHELL, &names, &text, &err))
        fail_msg("%s: %s: %s", file, what, err.text);
    shell = popen("sh -n", "w");
    assert_non_null(shell);
    fprintf(shell, "%s\n", buf_text(&text));
    if (pclose(shell) != 0)
        fail_msg("%s: %s: a shell does not understand: %s", file, what,
                 buf_text(&text));
    buf_free(&text);
    commands_seen++;
}

static void check_commands(const char *file, const struct adapter *a)
{
    check_shell(file, "tool_version", a->tool_version.run);
    check_shell(file, "op_mode.read", a->op_mode.read.run);
    check_shell(file, "op_mode.set", a->op_mode.set);
    check_shell(file, "op_mode.verify", a->op_mode.verify.run);
    check_shell(file, "op_mode.restore", a->op_mode.restore);
    check_shell(file, "serve", a->serve);
    for (size_t i = 0; i < a->build_len; i++)
        check_shell(file, a->build[i].name, a->build[i].run);
    for (size_t i = 0; i < a->facts_len; i++)
        check_shell(file, a->facts[i].name, a->facts[i].run);
    for (size_t i = 0; i < a->jobs_len; i++)
        check_shell(file, a->jobs[i].name, a->jobs[i].run);
    if (a->accuracy.there)
        check_shell(file, "accuracy", a->accuracy.job.run);
}

static void every_command_is_one_of_a_shell(void **state)
{
    glob_t found = { 0 };

    (void)state;
    assert_int_equal(glob("inventory/adapters/*.json", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct adapter *adapter = golden_adapter(found.gl_pathv[i]);

        check_commands(found.gl_pathv[i], adapter);
        adapter_destroy(adapter);
    }
    globfree(&found);
    assert_true(commands_seen >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_log_is_read_as_it_says),
        cmocka_unit_test(every_shipped_adapter_compiles_and_reads_a_log),
        cmocka_unit_test(every_command_is_one_of_a_shell),
        cmocka_unit_test(every_adapter_refuses_spoilt_logs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
