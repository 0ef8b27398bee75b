/* cmd_analyze.c - results of archives in the terminal */
#include <stdio.h>
#include <string.h>

#include "analysis/estimate.h"
#include "core/text.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/cmd/archives.h"
#include "orchestrator/cmd/command.h"
#include "report/analyses.h"
#include "report/fronts.h"
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

/* Why there is nothing, and among which cells there is not. */
static void print_absent(const struct invocation *inv,
                         const struct report_analysis *analysis)
{
    const char *where = options_text(inv->options, "where", "");

    printf("%s%s%s%s\n", analysis->absent, *where ? " (of cells with " : "",
           where, *where ? ")" : "");
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
        rc = terminal_print(sheet, command_columns(), &text, err);
    if (!rc && !sheet_rows(sheet) && !options_has(inv->options, "csv"))
        print_absent(inv, analysis);
    else if (!rc)
        fwrite(text.data, 1, text.len, stdout);
    buf_free(&text);
    return rc;
}

/* The model asked for; predictions of one model are a table of their own. */
static int find_model(const struct invocation *inv, struct report_view *view,
                      const struct report_analysis **analysis, struct err *err)
{
    view->model = options_text(inv->options, "model", NULL);
    if (!view->model)
        return 0;
    if (strcmp((*analysis)->name, "predict") != 0 &&
        strcmp((*analysis)->name, "forecast") != 0)
        return err_set(err, ERR_USAGE, "--model goes with predict");
    for (enum estimate_model m = 0; m < ESTIMATE_MODELS; m++)
        if (!strcmp(view->model, estimate_model_word(m))) {
            *analysis = report_analysis_find("forecast");
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "model '%s': expected seed, ceiling or calibrated",
                   view->model);
}

/* A front over the metrics asked for, or over all archives. */
static int make_front(const struct invocation *inv,
                      const struct report_data *data,
                      const struct report_view *view, struct sheet **ret_sheet,
                      struct err *err)
{
    const char *metrics =
        options_text(inv->options, "metrics",
                     view->scope == SCOPE_KIND_COMP ? "fps_comp,top1_pct"
                                                    : "fps_sys,top1_pct");
    int rc = report_front(data, metrics, options_has(inv->options, "across"),
                          ret_sheet, err);

    if (!rc && view->sort) {
        rc = sheet_sort(*ret_sheet, view->sort, err);
        if (rc)
            sheet_destroy(*ret_sheet);
    }
    return rc;
}

static int make_sheet(const struct invocation *inv,
                      const struct report_analysis *analysis,
                      const struct report_data *data,
                      const struct report_view *view, struct sheet **ret_sheet,
                      struct err *err)
{
    if (options_has(inv->options, "metrics") ||
        options_has(inv->options, "across")) {
        if (strcmp(analysis->name, "pareto") != 0)
            return err_set(err, ERR_USAGE,
                           "--metrics and --across go with pareto");
        return make_front(inv, data, view, ret_sheet, err);
    }
    return report_analysis_make(analysis, data, view, ret_sheet, err);
}

/* For people, after the table: what the calibrated model is worth here. */
static int print_worth(const struct invocation *inv,
                       const struct report_data *data,
                       const struct report_view *view, struct err *err)
{
    struct report_view all = { .scope = view->scope };
    struct sheet *sheet = NULL;
    int rc;

    if (!view->model || strcmp(view->model, "calibrated") != 0 ||
        options_has(inv->options, "json") || options_has(inv->options, "csv"))
        return 0;
    rc = report_analysis_make(report_analysis_find("savings"), data, &all,
                              &sheet, err);
    if (rc)
        return rc;
    printf("\n");
    rc = print(inv, report_analysis_find("savings"), sheet, err);
    printf("\nThe band is a factor of %.2f either way.  The model does not "
           "carry over to another platform, and there is none without the "
           "four corners {most, fewest channels} x {smallest, largest batch} "
           "of a precision.\n",
           ESTIMATE_BAND);
    sheet_destroy(sheet);
    return rc;
}

static int look(const struct invocation *inv,
                const struct report_analysis *analysis,
                const struct archives *archives, struct report_view *view,
                struct err *err)
{
    struct report_data data = { 0 };
    struct sheet *sheet = NULL;
    unsigned flags =
        options_has(inv->options, "any-weights") ? REPORT_ANY_WEIGHTS : 0;
    int rc = report_data_create(
        (const struct dataset *const *)archives->datasets, archives->len,
        archives->facts, options_text(inv->options, "where", NULL),
        REPORT_WHOLE | flags, &data, err);

    if (!rc)
        rc = make_sheet(inv, analysis, &data, view, &sheet, err);
    if (!rc)
        rc = archives_check(archives, err);
    if (!rc)
        rc = print(inv, analysis, sheet, err);
    if (!rc)
        rc = print_worth(inv, &data, view, err);
    if (!rc)
        rc = archives_check(archives, err);
    sheet_destroy(sheet);
    report_data_free(&data);
    return rc;
}

static int analyze_exec(const struct invocation *inv, struct err *err)
{
    struct report_view view = {
        .sort = options_text(inv->options, "sort", NULL),
    };
    const struct report_analysis *analysis;
    struct archives archives = { 0 };
    int rc = find_analysis(options_arg(inv->options, 0), &analysis, err);

    if (!rc)
        rc = archives_one_form(inv->options, err);
    if (!rc)
        rc = archives_scope(inv->options, &view.scope, err);
    if (!rc)
        rc = find_model(inv, &view, &analysis, err);
    if (!rc)
        rc = archives_open(inv->options, 1,
                           !strcmp(analysis->table, "latency") ? ARCHIVE_SAMPLES
                                                               : 0,
                           &archives, err);
    for (size_t i = 0; i < archives.len; i++)
        archives.facts[i].rounded_ops = options_has(inv->options, "rounded");
    if (!rc)
        rc = look(inv, analysis, &archives, &view, err);
    archives_close(&archives);
    return rc;
}

static const struct option_row options[] = {
    { "where", 'w', "COLUMN=VALUE,...",
      "only cells that meet all; also != < <= > >= and VALUE|VALUE" },
    { "sort", 's', "COLUMN,...", "order by columns; -COLUMN descends" },
    { "scope", 0, "SCOPE", "compute (default) or system" },
    { "model", 0, "MODEL",
      "predict: seed, ceiling or calibrated; every cell, measured or not" },
    { "rounded", 0, NULL,
      "seed predictions by operations rounded as the published ones" },
    { "metrics", 0, "COLUMN,...",
      "pareto: two or three columns of results, -COLUMN where less is better" },
    { "across", 0, NULL,
      "pareto: one front across archives, provenances and weights" },
    { "any-weights", 0, NULL,
      "fronts may mix differently trained weights of one network" },
    { "csv", 0, NULL, "print CSV" },
    { 0 },
};

const struct command cmd_analyze = {
    .name = "analyze",
    .args = "WHAT ARCHIVE...",
    .help = "fronts, efficiencies, rooflines, power, latency and coverage",
    .doc =
        "WHAT is results, overview, pareto, efficiency, roofline, verdict,\n"
        "theory, predict, forecast, savings, errors, quality, power, boxplot,\n"
        "latency, coverage, machines or weights.\n"
        "ARCHIVE is a campaign folder or its archive.h5; several are told\n"
        "apart, never mixed.",
    .args_min = 2,
    .args_max = SIZE_MAX,
    .options = options,
    .exec = analyze_exec,
};
