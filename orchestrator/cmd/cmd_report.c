/* cmd_report.c - a page that a person looks at */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/fs.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/cmd/archives.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/figure_files.h"
#include "report/html.h"
#include "report/report_data.h"

/* Where the page goes: as told, else beside the first archive. */
static int page_path(const struct invocation *inv, char *path, size_t size,
                     struct err *err)
{
    const char *told = options_text(inv->options, "output", NULL);
    const char *first = options_arg(inv->options, 0);
    const char *dot = strrchr(first, '.');
    char dir[FS_PATH_MAX];
    bool fits;

    if (told)
        fits = fs_join(path, size, "", told);
    else if (dot && !strcmp(dot, ".h5")) {
        fs_dirname(first, dir, sizeof(dir));
        fits = fs_join(path, size, dir, "report.html");
    } else
        fits = fs_join(path, size, first, "report.html");
    return fits ? 0
                : err_set(err, ERR_USAGE, "path '%.80s' is too long", first);
}

/* The page into its file, whole or not at all. */
static int write_page(const struct archives *archives, const char *path,
                      const struct report_options *options, struct err *err)
{
    struct buf page = { 0 };
    int rc = report_html((const struct dataset *const *)archives->datasets,
                         archives->len, options, &page, err);

    if (!rc)
        rc = archives_check(archives, err);
    if (!rc)
        rc = fs_write_atomic(path, page.data, page.len, err);
    buf_free(&page);
    return rc;
}

static int say(const struct invocation *inv, const char *path, struct err *err)
{
    struct json_value *value;

    if (!options_has(inv->options, "json")) {
        printf("%s\n", path);
        return 0;
    }
    value = json_new_object();
    json_set_string(value, "path", path);
    return command_print_json(inv, value, err);
}

static int report_exec(const struct invocation *inv, struct err *err)
{
    const char *figures = options_text(inv->options, "figures", NULL);
    const char *svg = options_text(inv->options, "svg", NULL);
    struct archives archives = { 0 };
    char path[FS_PATH_MAX];
    int rc = page_path(inv, path, sizeof(path), err);

    if (!rc)
        rc = archives_open(inv->options, 0, ARCHIVE_SAMPLES, &archives, err);
    if (!rc) {
        struct report_options page = {
            .title = options_text(inv->options, "title", NULL),
            .where = options_text(inv->options, "where", NULL),
            .facts = archives.facts,
            .flags = options_has(inv->options, "any-weights")
                         ? REPORT_ANY_WEIGHTS
                         : 0,
            .generated_unix_ns = clock_unix_ns(),
        };

        rc = write_page(&archives, path, &page, err);
        if (!rc && figures)
            rc = figure_files_write(&archives, page.where, page.flags, figures,
                                    err);
        if (!rc && svg)
            rc = figure_files_draw(&archives, page.where, page.flags, svg, err);
    }
    if (!rc)
        rc = archives_check(&archives, err); /* figures may have asked more */
    if (!rc)
        rc = say(inv, path, err);
    archives_close(&archives);
    return rc;
}

static const struct option_row options[] = {
    { "output", 'o', "FILE", "the page; else report.html beside the archive" },
    { "title", 't', "TEXT", "else the first archive's" },
    { "where", 'w', "COLUMN=VALUE,...", "only cells that meet all" },
    { "any-weights", 0, NULL,
      "fronts may mix differently trained weights of one network" },
    { "figures", 0, "DIR", "also Vega-Lite specifications and their data" },
    { "svg", 0, "DIR", "also every figure as SVG, drawn by node" },
    { 0 },
};

const struct command cmd_report = {
    .name = "report",
    .args = "ARCHIVE...",
    .help = "write a page of figures that works without a network",
    .doc = "ARCHIVE is a campaign folder or its archive.h5.  Several archives\n"
           "(measured, published, of another month) stand side by side, told\n"
           "apart by provenance.",
    .args_min = 1,
    .args_max = SIZE_MAX,
    .options = options,
    .exec = report_exec,
};
