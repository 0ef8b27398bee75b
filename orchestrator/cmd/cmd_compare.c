/* cmd_compare.c - is the second archive slower than the noise? */
#include <stdio.h>
#include <string.h>

#include "core/fs.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/cmd/archives.h"
#include "orchestrator/cmd/command.h"
#include "report/comparison.h"
#include "report/terminal.h"

static int print(const struct invocation *inv,
                 const struct comparisons *comparisons,
                 const struct sheet *sheet, struct err *err)
{
    struct buf text = { 0 };
    int rc = 0;

    if (options_has(inv->options, "json"))
        return archives_print_json(inv, sheet, err);
    if (options_has(inv->options, "csv")) {
        rc = sheet_print_csv(sheet, &text, err);
    } else {
        if (sheet_rows(sheet))
            rc = terminal_print(sheet, command_columns(), &text, err);
        comparison_total(comparisons, &text);
        if (sheet_rows(sheet) < comparisons->len)
            buf_printf(&text, "%zu without news are left out; --all has them\n",
                       comparisons->len - sheet_rows(sheet));
    }
    if (!rc)
        fwrite(text.data, 1, text.len, stdout);
    buf_free(&text);
    return rc;
}

/* The page, if one is asked for. */
static int write_page(const struct invocation *inv,
                      const struct comparisons *comparisons,
                      enum scope_kind scope, struct err *err)
{
    const char *path = options_text(inv->options, "output", NULL);
    const char *const names[2] = { options_arg(inv->options, 0),
                                   options_arg(inv->options, 1) };
    struct buf page = { 0 };
    int rc;

    if (!path)
        return 0;
    rc = comparison_html(comparisons, scope, names, &page, err);
    if (!rc)
        rc = fs_write_atomic(path, page.data, page.len, err);
    buf_free(&page);
    return rc;
}

static int compare(const struct invocation *inv,
                   const struct archives *archives, enum scope_kind scope,
                   bool *ret_worse, struct err *err)
{
    const char *where = options_text(inv->options, "where", NULL);
    struct points points[2] = { 0 };
    struct comparisons comparisons = { 0 };
    struct sheet *sheet = NULL;
    int rc = 0;

    for (size_t i = 0; !rc && i < 2; i++)
        rc = points_create(archives->datasets[i], where, &points[i], err);
    if (!rc)
        rc = compare_points(&points[0], &points[1], scope, &comparisons, err);
    if (!rc)
        rc = comparison_sheet(&comparisons, scope,
                              options_has(inv->options, "all"), &sheet, err);
    if (!rc)
        rc = archives_check(archives, err);
    if (!rc)
        rc = print(inv, &comparisons, sheet, err);
    if (!rc)
        rc = write_page(inv, &comparisons, scope, err);
    *ret_worse = compare_regressed(&comparisons);
    sheet_destroy(sheet);
    compare_free(&comparisons);
    points_free(&points[0]);
    points_free(&points[1]);
    return rc;
}

/* As diff: 0 nothing is worse, 1 something is, 2 an error of any kind. */
static int compare_exec(const struct invocation *inv, struct err *err)
{
    struct archives archives = { 0 };
    enum scope_kind scope = SCOPE_KIND_COMP;
    bool worse = false;
    int rc = archives_scope(inv->options, &scope, err);

    if (!rc)
        rc = archives_one_form(inv->options, err);
    if (!rc)
        rc =
            archives_open(inv->options, 0, ARCHIVE_PREDICTIONS, &archives, err);
    if (!rc)
        rc = compare(inv, &archives, scope, &worse, err);
    archives_close(&archives);
    if (!rc)
        rc = command_flush(err);
    if (rc)
        return err->code = ERR_USAGE;
    return worse ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static const struct option_row options[] = {
    { "where", 'w', "COLUMN=VALUE,...", "only cells that meet all" },
    { "scope", 0, "SCOPE", "compute (default) or system" },
    { "all", 'a', NULL, "also op points without a difference" },
    { "output", 'o', "FILE", "also a page, as report makes one" },
    { "csv", 0, NULL, "print CSV" },
    { 0 },
};

const struct command cmd_compare = {
    .name = "compare",
    .args = "A B",
    .help = "tell differences between two archives from noise",
    .doc = "Op points are joined by cell id.  A difference of throughput has\n"
           "a 95 % interval where both sides have repeats; with one repeat\n"
           "on a side it is not decidable.  Accuracies differ where the 95 %\n"
           "interval of their difference says so, or McNemar's test of the\n"
           "predictions where both archives hold them.  Exit code 0: nothing\n"
           "is slower or less accurate, 1: something is, 2: an error.",
    .args_min = 2,
    .args_max = 2,
    .options = options,
    .exec = compare_exec,
};
