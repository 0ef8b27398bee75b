/* test_tables.c - no row enters a table half made */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "analysis/quality.h"
#include "core/json.h"
#include "core/vec.h"
#include "experiments/axis.h"
#include "hdf5_schema/columns.h"
#include "orchestrator/cmd/command.h"
#include "report/analyses.h"
#include "report/figures.h"
#include "workers/meter/meter_driver.h"
#include "workers/transport/driver.h"

/* A line of help: something is said, in one line, without a full stop. */
static void expect_help(const char *table, const char *row, const char *help)
{
    size_t len = help ? strlen(help) : 0;

    if (!len || strchr(help, '\n') || help[len - 1] == '.')
        fail_msg("%s %s: help \"%s\", expected one line without a full stop",
                 table, row, help ? help : "");
}

static void expect_name(const char *table, const char *name)
{
    bool good = islower((unsigned char)name[0]);

    for (const char *c = name; *c; c++)
        good = good && (islower((unsigned char)*c) ||
                        isdigit((unsigned char)*c) || *c == '_');
    if (!good)
        fail_msg("%s: '%s' is no name: lower case, digits, '_'", table, name);
}

static void expect_options(const struct command *c)
{
    for (const struct option_row *o = c->options; o && o->name; o++) {
        expect_help(c->name, o->name, o->help);
        if (!strcmp(o->name, "help") || !strcmp(o->name, "json"))
            fail_msg("%s: --%s belongs to every command", c->name, o->name);
        for (const struct option_row *p = c->options; p < o; p++)
            if (!strcmp(p->name, o->name) ||
                (o->letter && p->letter == o->letter))
                fail_msg("%s: --%s and --%s", c->name, p->name, o->name);
    }
}

static void every_command_is_whole(void **state)
{
    const struct command *c;

    (void)state;
    for (size_t i = 0; (c = command_at(i)); i++) {
        expect_name("commands.def", c->name);
        expect_help("commands.def", c->name, c->help);
        assert_ptr_equal(c, command_find(c->name));
        assert_non_null(c->exec);
        assert_non_null(c->args);
        assert_true(c->args_min <= c->args_max);
        expect_options(c);
    }
    assert_null(command_find("no-such-command"));
}

#define METER(name) extern const struct meter_driver meter_##name;
#include "workers/meter/meters.def"
#undef METER
static const struct meter_driver *const meters[] = {
#define METER(name) &meter_##name,
#include "workers/meter/meters.def"
#undef METER
};
static const char *const meter_rows[] = {
#define METER(name) #name,
#include "workers/meter/meters.def"
#undef METER
};

static void every_meter_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(meters); i++) {
        const struct meter_driver *d = meters[i];

        assert_string_equal(d->name, meter_rows[i]);
        assert_string_equal(d->name, meter_driver_name(i));
        expect_help("meters.def", d->name, d->help);
        assert_non_null(d->check);
        assert_non_null(d->start);
        assert_non_null(d->stop);
        /* it can hear of its readings in some way */
        assert_true(d->on_fd || d->on_time || d->on_proc);
        assert_true(!d->on_fd || d->wants);
        assert_true(!d->open || d->close);
        assert_int_equal(d->on_board, meter_driver_on_board(d->name));
    }
    assert_null(meter_driver_name(ARRAY_LEN(meters)));
}

#define TRANSPORT(name) extern const struct transport_driver transport_##name;
#include "workers/transport/transports.def"
#undef TRANSPORT
static const struct transport_driver *const transports[] = {
#define TRANSPORT(name) &transport_##name,
#include "workers/transport/transports.def"
#undef TRANSPORT
};
static const char *const transport_rows[] = {
#define TRANSPORT(name) #name,
#include "workers/transport/transports.def"
#undef TRANSPORT
};

static void every_transport_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
        const struct transport_driver *d = transports[i];

        assert_string_equal(d->name, transport_rows[i]);
        assert_string_equal(d->name, transport_driver_name(i));
        expect_help("transports.def", d->name, d->help);
        assert_true(d->open && d->close && d->start && d->wait);
        assert_true(d->write && d->close_stdin && d->kill_group && d->release);
    }
}

/* The end of a name tells its unit, and no other; the longest end counts. */
static const struct {
    const char *end, *unit;
} endings[] = {
    { "_op_s", "op/s" },   { "_byte_s", "byte/s" }, { "_degc", "degC" },
    { "_pct", "percent" }, { "_ns", "ns" },         { "_hz", "Hz" },
    { "_s", "s" },         { "_w", "W" },           { "_j", "J" },
};

static void expect_unit(const char *table, const struct column *c)
{
    size_t len = strlen(c->name);

    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        size_t end = strlen(endings[i].end);

        if (len <= end || strcmp(c->name + len - end, endings[i].end))
            continue;
        if (strcmp(c->unit, endings[i].unit))
            fail_msg("%s: %s is in '%s', its name says '%s'", table, c->name,
                     c->unit, endings[i].unit);
        return;
    }
}

static void every_column_is_whole(void **state)
{
    const struct column_table *const tables[] = { &columns_attempts,
                                                  &columns_power_runs,
                                                  &columns_cells };

    (void)state;
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct column *c = &tables[t]->columns[i];

            expect_name(tables[t]->name, c->name);
            expect_help(tables[t]->name, c->name, c->help);
            expect_unit(tables[t]->name, c);
            assert_ptr_equal(c, columns_find(tables[t], c->name));
            if ((c->type == COLUMN_FLAG) != !!columns_flag_words(c->name))
                fail_msg("%s: %s has no words", tables[t]->name, c->name);
            if (c->type == COLUMN_STAMP)
                assert_string_equal(c->unit, "ns");
        }
    }
}

static void every_axis_is_whole(void **state)
{
    const struct axis *axis;
    size_t i;

    (void)state;
    for (i = 0; (axis = axis_fixed(i)); i++) {
        expect_name("axes.def", axis->name);
        expect_help("axes.def", axis->name, axis->help);
        /* an axis and a column of /cells would meet in one file */
        if (columns_find(&columns_cells, axis->name))
            fail_msg("axes.def: %s is a column of /cells too", axis->name);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(axis_fixed(k)->name, axis->name);
    }
    assert_true(i > 2);
    assert_string_equal(axis_fixed(i - 1)->name, "repeat");
}

static void every_figure_is_whole(void **state)
{
    const struct figure *f;
    struct json_doc *doc;
    struct err err;

    (void)state;
    for (size_t i = 0; (f = figure_at(i)); i++) {
        expect_name("figures.def", f->id);
        assert_ptr_equal(f, figure_find(f->id));
        assert_true(f->table && *f->table && f->heading && *f->heading);
        assert_true(f->absent && f->absent[strlen(f->absent) - 1] == '.');
        assert_non_null(f->caption);
        if (json_doc_parse(f->spec, strlen(f->spec), f->id, &doc, &err))
            fail_msg("%s", err.text);
        json_doc_destroy(doc);
    }
}

static void every_quality_rule_is_whole(void **state)
{
    const struct quality_rule *rule;

    (void)state;
    for (size_t i = 0; (rule = quality_rule_at(i)); i++) {
        expect_name("quality_rules.def", rule->name);
        expect_help("quality_rules.def", rule->name, rule->help);
        assert_non_null(rule->find);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(rule->name, quality_rule_at(k)->name))
                fail_msg("two rules '%s'", rule->name);
    }
}

/* Columns that a table lacks would be passed over in silence. */
static void expect_columns(const struct report_analysis *analysis,
                           const struct report_data *none)
{
    const struct report_table *table = report_table_find(analysis->table);
    struct sheet *sheet;

    if (!table)
        fail_msg("analyze %s: no table '%s'", analysis->name, analysis->table);
    assert_int_equal(table->make(none, &sheet, NULL), 0);
    for (size_t c = 0; analysis->columns[c]; c++)
        if (sheet_find(sheet, analysis->columns[c]) == SIZE_MAX)
            fail_msg("analyze %s: table '%s' has no column '%s'",
                     analysis->name, table->name, analysis->columns[c]);
    sheet_destroy(sheet);
}

static void every_analysis_is_whole(void **state)
{
    const struct report_data none = { 0 };
    const char *doc = command_find("analyze")->doc;
    const struct report_analysis *analysis;

    (void)state;
    for (size_t i = 0; (analysis = report_analysis_at(i)); i++) {
        expect_name("analyses", analysis->name);
        expect_help("analyses", analysis->name, analysis->help);
        assert_true(analysis->absent && *analysis->absent);
        assert_string_equal(analysis->columns[0], "source");
        if (!strstr(doc, analysis->name))
            fail_msg("the help of analyze passes over %s", analysis->name);
        expect_columns(analysis, &none);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_is_whole),
        cmocka_unit_test(every_meter_is_whole),
        cmocka_unit_test(every_transport_is_whole),
        cmocka_unit_test(every_column_is_whole),
        cmocka_unit_test(every_axis_is_whole),
        cmocka_unit_test(every_figure_is_whole),
        cmocka_unit_test(every_quality_rule_is_whole),
        cmocka_unit_test(every_analysis_is_whole),
    };

    return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
