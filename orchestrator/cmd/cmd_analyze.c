/* cmd_analyze.c - results of archives in the terminal */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/cmd/archives.h"
#include "orchestrator/cmd/command.h"
#include "report/analyses.h"
#include "report/terminal.h"

#define ANALYSES_MAX 32

static int find_analysis(const char *name,
                         const struct report_analysis **ret_analysis,
                         struct err *err)
{
    const char *names[ANALYSES_MAX + 1] = { 0 };
    const struct report_analysis *analysis;
    const char *near;
    struct buf all = { 0 };
    int rc;

    *ret_analysis = report_analysis_find(name);
    if (*ret_analysis)
        return 0;
    for (size_t i = 0; i < ANALYSES_MAX && (analysis = report_analysis_at(i));
         i++) {
        names[i] = analysis->name;
        buf_printf(&all, "%s%s", i ? ", " : "", analysis->name);
    }
    near = text_nearest(name, names);
    rc = err_set(err, ERR_USAGE, "'%s' is no analysis%s%s%s; there are %s",
                 name, near ? ", did you mean '" : "", near ? near : "",
                 near ? "'?" : "", buf_text(&all));
    buf_free(&all);
    return rc;
}

static int print(const struct invocation *inv,
                 const struct report_analysis *analysis,
                 const struct sheet *sheet, struct err *err)
{
    struct buf text = { 0 };
    int rc;

    if (options_has(inv->options, "json"))
        return archives_print_json(inv, sheet, err);
    if (options_has(inv->options, "csv"))
        rc = sheet_print_csv(sheet, &text, err);
    else
        rc = terminal_print(sheet, &text, err);
    if (!rc && !sheet_rows(sheet) && !options_has(inv->options, "csv"))
        printf("%s\n", analysis->absent);
    else if (!rc)
        fwrite(text.data, 1, text.len, stdout);
    buf_free(&text);
    return rc;
}

static int analyze_exec(const struct invocation *inv, struct err *err)
{
    const struct report_analysis *analysis;
    struct archives archives = { 0 };
    struct report_data data = { 0 };
    struct sheet *sheet = NULL;
    enum scope_kind scope = SCOPE_KIND_COMP;
    int rc = find_analysis(options_arg(inv->options, 0), &analysis, err);

    if (!rc)
        rc = archives_scope(inv->options, &scope, err);
    if (!rc)
        rc = archives_open(inv->options, 1,
                           !strcmp(analysis->table, "latency") ? ARCHIVE_SAMPLES
                                                               : 0,
                           &archives, err);
    if (!rc)
        rc = report_data_create(
            (const struct dataset *const *)archives.datasets, archives.len,
            &archives.facts, options_text(inv->options, "where", NULL), &data,
            err);
    if (!rc)
        rc = report_analysis_make(analysis, &data, scope,
                                  options_text(inv->options, "sort", NULL),
                                  &sheet, err);
    if (!rc)
        rc = print(inv, analysis, sheet, err);
    sheet_destroy(sheet);
    report_data_free(&data);
    archives_close(&archives);
    return rc;
}

static const struct option_row options[] = {
    { "where", 'w', "COLUMN=VALUE,...",
      "only cells that meet all; also != < <= > >= and VALUE|VALUE" },
    { "sort", 's', "COLUMN", "order by a column; -COLUMN descends" },
    { "scope", 0, "SCOPE", "compute (default) or system" },
    { "csv", 0, NULL, "print CSV" },
    { 0 },
};

const struct command cmd_analyze = {
    .name = "analyze",
    .args = "WHAT ARCHIVE...",
    .help = "fronts, efficiencies, rooflines, power, latency and coverage",
    .doc = "WHAT is results, overview, pareto, efficiency, roofline, verdict,\n"
           "theory, predict, errors, quality, power, boxplot, latency,\n"
           "coverage, machines or weights.\n"
           "ARCHIVE is a campaign folder or its archive.h5; several are told\n"
           "apart, never mixed.",
    .args_min = 2,
    .args_max = SIZE_MAX,
    .options = options,
    .exec = analyze_exec,
};
