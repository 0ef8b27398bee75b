/* cmd_export.c - an archive as text that other tools read */
#include <stdio.h>
#include <string.h>

#include "core/fs.h"
#include "core/log.h"
#include "orchestrator/archive/export_csv.h"
#include "orchestrator/archive/fair.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/cmd/command.h"

static const struct {
    const char *name;
    int (*make)(const struct table *table, struct buf *out, struct err *err);
} formats[] = {
    { "csv", export_csv_table },
    { "columns", export_csv_columns },
    { "jsonl", export_json_lines },
    { "qutibench", export_qutibench },
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static const struct table *table_of(const struct dataset *dataset,
                                    const char *name)
{
    if (!strcmp(name, "cells"))
        return dataset->cells;
    if (!strcmp(name, "attempts"))
        return dataset->attempts;
    return !strcmp(name, "power_runs") ? dataset->power_runs : NULL;
}

static int text_out(const char *path, const struct buf *text, struct err *err)
{
    if (path)
        return fs_write_atomic(path, text->data, text->len, err);
    if (text->len && fwrite(text->data, 1, text->len, stdout) != text->len)
        return err_set_errno(err, ERR_IO, "cannot write to standard output");
    return fflush(stdout)
               ? err_set_errno(err, ERR_IO, "cannot write to standard output")
               : 0;
}

static void old_warn(const char *path)
{
    if (!archive_current(path))
        log_line(LOG_WARN, "export",
                 "the journal holds more than archive.h5: `labsweep archive "
                 "publish %s` makes it anew",
                 path);
}

static int bundle_export(const struct invocation *inv, struct err *err)
{
    const char *dir = options_arg(inv->options, 0);
    const char *to = options_text(inv->options, "output", NULL);
    bool redact = options_has(inv->options, "redact");
    struct json_value *value;
    int rc;

    if (!to)
        return err_set(err, ERR_USAGE, "name the bundle's folder with -o");
    rc = fair_export(dir, to, redact, err);
    if (rc || !options_has(inv->options, "json"))
        return rc;
    value = json_new_object();
    json_set_string(value, "campaign", dir);
    json_set_string(value, "bundle", to);
    json_set_bool(value, "redacted", redact);
    return command_print_json(inv, value, err);
}

static int table_export(const struct invocation *inv, size_t format,
                        struct err *err)
{
    const struct options *o = inv->options;
    const char *name = options_text(o, "table", "cells");
    struct dataset *dataset = NULL;
    const struct table *table;
    struct buf text = { 0 };
    int rc = archive_read(options_arg(o, 0), 0, &dataset, err);

    if (rc)
        return rc;
    old_warn(options_arg(o, 0));
    table = table_of(dataset, name);
    if (!table)
        rc = err_set(err, ERR_USAGE,
                     "table: found '%s', expected cells, attempts or "
                     "power_runs",
                     name);
    if (!rc)
        rc = formats[format].make(table, &text, err);
    if (!rc)
        rc = text_out(options_text(o, "output", NULL), &text, err);
    buf_free(&text);
    dataset_destroy(dataset);
    return rc;
}

static int export_exec(const struct invocation *inv, struct err *err)
{
    const struct options *o = inv->options;
    const char *format =
        options_text(o, "format", options_has(o, "json") ? "jsonl" : "csv");
    size_t i = 0;

    if (options_has(o, "fair"))
        return bundle_export(inv, err);
    if (options_has(o, "redact"))
        return err_set(err, ERR_USAGE, "--redact goes with --fair");
    while (i < FORMATS && strcmp(formats[i].name, format) != 0)
        i++;
    if (i == FORMATS)
        return err_set(err, ERR_USAGE,
                       "format: found '%s', expected csv, columns, jsonl or "
                       "qutibench",
                       format);
    return table_export(inv, i, err);
}

static const struct option_row options[] = {
    { "format", 'f', "FORMAT", "csv (default), columns, jsonl, qutibench" },
    { "table", 't', "TABLE", "cells (default), attempts, power_runs" },
    { "output", 'o', "FILE", "write there instead of standard output" },
    { "fair", 0, NULL, "a bundle to publish, into the folder of -o" },
    { "redact", 0, NULL,
      "with --fair: no hosts, users, addresses, paths, keys, serials" },
    { 0 },
};

const struct command cmd_export = {
    .name = "export",
    .args = "ARCHIVE",
    .help = "an archive as csv, json lines, published names, or a bundle",
    .doc = "csv        a line a row; numbers read back the same, missing\n"
           "           fields are empty\n"
           "columns    the columns themselves: type, unit, long name\n"
           "jsonl      a JSON object a row (also with --json)\n"
           "qutibench  cells that are ok, with the published names and units\n"
           "--fair     a folder with archive, journal, tables, CITATION.cff, "
           "Dublin Core,\n           DataCite, RO-Crate and checksums",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .exec = export_exec,
};
