/* fair.c - a bundle written file by file */
#include "orchestrator/archive/fair.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/vec.h"
#include "inventory/documents.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/export_csv.h"
#include "orchestrator/archive/fair_words.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/archive/h5_writer.h"
#include "orchestrator/archive/redact_journal.h"

#define CRATE "ro-crate-metadata.json"
#define SUMS  "SHA256SUMS"

/* What is in every bundle beside the crate's own file and the sums. */
static const struct fair_file bundle[] = {
    { "archive.h5", "application/x-hdf5", "all measurements", "", 0 },
    { "journal", "application/octet-stream", "what the archive was made from",
      "", 0 },
    { "cells.csv", "text/csv", "a row a cell", "", 0 },
    { "cells-columns.csv", "text/csv", "columns of cells.csv", "", 0 },
    { "attempts.csv", "text/csv", "a row an attempt", "", 0 },
    { "attempts-columns.csv", "text/csv", "columns of attempts.csv", "", 0 },
    { "power_runs.csv", "text/csv", "a row an attempt and meter", "", 0 },
    { "power_runs-columns.csv", "text/csv", "columns of power_runs.csv", "",
      0 },
    { "CITATION.cff", "text/yaml", "how to cite", "", 0 },
    { "dublin-core.xml", "application/xml", "Dublin Core", "", 0 },
    { "datacite.json", "application/json", "DataCite", "", 0 },
    { "README.md", "text/markdown", "what this is", "", 0 },
};

static int file_write(const char *dir, const char *name, const struct buf *text,
                      struct err *err)
{
    char path[FS_PATH_MAX];

    if (!fs_join(path, sizeof(path), dir, name))
        return err_set(err, ERR_USAGE, "path '%s' is too long", dir);
    return fs_write_atomic(path, text->data, text->len, err);
}

/* ---- tables */

static int table_write(const char *dir, const char *name,
                       const struct table *table, struct err *err)
{
    struct buf rows = { 0 }, columns = { 0 };
    char file[64];
    int rc = export_csv_table(table, &rows, err);

    if (!rc)
        rc = export_csv_columns(table, &columns, err);
    snprintf(file, sizeof(file), "%s.csv", name);
    if (!rc)
        rc = file_write(dir, file, &rows, err);
    snprintf(file, sizeof(file), "%s-columns.csv", name);
    if (!rc)
        rc = file_write(dir, file, &columns, err);
    buf_free(&rows);
    buf_free(&columns);
    return rc;
}

static int tables_write(const char *dir, const struct dataset *dataset,
                        struct err *err)
{
    int rc = table_write(dir, "cells", dataset->cells, err);

    if (!rc)
        rc = table_write(dir, "attempts", dataset->attempts, err);
    return rc ? rc : table_write(dir, "power_runs", dataset->power_runs, err);
}

/* ---- words */

static const struct {
    const char *name;
    int (*make)(const struct fair_about *about, struct buf *out,
                struct err *err);
} words[] = {
    { "CITATION.cff", fair_citation },
    { "dublin-core.xml", fair_dublin_core },
    { "datacite.json", fair_datacite },
    { "README.md", fair_readme },
};

static int words_write(const char *dir, const struct fair_about *about,
                       struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < ARRAY_LEN(words); i++) {
        struct buf text = { 0 };

        rc = words[i].make(about, &text, err);
        if (!rc)
            rc = file_write(dir, words[i].name, &text, err);
        buf_free(&text);
    }
    return rc;
}

/* Size and digest of each file, the crate, and the sums over all. */
static int sums_write(const char *dir, const struct fair_about *about,
                      struct err *err)
{
    struct fair_file files[ARRAY_LEN(bundle)];
    struct buf crate = { 0 }, sums = { 0 };
    char path[FS_PATH_MAX], hex[HASH_HEX];
    struct stat st;
    int rc = 0;

    memcpy(files, bundle, sizeof(files));
    for (size_t i = 0; !rc && i < ARRAY_LEN(files); i++) {
        fs_join(path, sizeof(path), dir, files[i].name);
        rc = hash_file(path, files[i].sha256, err);
        if (!rc && stat(path, &st))
            rc = err_set_errno(err, ERR_IO, "cannot look at '%s'", path);
        files[i].bytes = rc ? 0 : (size_t)st.st_size;
        buf_printf(&sums, "%s  %s\n", files[i].sha256, files[i].name);
    }
    if (!rc)
        rc = fair_crate(about, files, ARRAY_LEN(files), &crate, err);
    if (!rc)
        rc = file_write(dir, CRATE, &crate, err);
    if (!rc) {
        hash_bytes(crate.data, crate.len, hex);
        buf_printf(&sums, "%s  %s\n", hex, CRATE);
        rc = file_write(dir, SUMS, &sums, err);
    }
    buf_free(&crate);
    buf_free(&sums);
    return rc;
}

static int about_write(const char *dir, const struct dataset *dataset,
                       bool redacted, struct err *err)
{
    const struct table_column *status = table_find(dataset->cells, "status");
    struct documents documents;
    const struct experiment *e;
    char created[32], now[32];
    struct fair_about about = { .uuid = dataset->campaign,
                                .cells = dataset->cells->rows,
                                .attempts = dataset->attempts->rows,
                                .redacted = redacted };
    int rc =
        documents_from_json(dataset->documents_json,
                            strlen(dataset->documents_json), &documents, err);

    if (rc)
        return rc;
    e = documents.experiment;
    about.title = *e->title ? e->title : e->name;
    about.description = e->help;
    about.lab = dataset->lab;
    about.licence = e->licence;
    about.authors = e->authors;
    about.authors_len = e->authors_len;
    about.created_utc = clock_format_utc(dataset->created_unix_ns, created);
    clock_format_utc(clock_unix_ns(), now);
    snprintf(about.published, sizeof(about.published), "%.10s", now);
    for (size_t i = 0; i < about.cells; i++)
        about.ok += table_i64(status, i) == STATUS_OK;
    rc = words_write(dir, &about, err);
    if (!rc)
        rc = sums_write(dir, &about, err);
    documents_close(&documents);
    return rc;
}

int fair_export(const char *dir, const char *to, bool redact, struct err *err)
{
    struct dataset *dataset = NULL;
    int rc = fs_make_dirs(to, err);

    if (!rc)
        rc = campaign_copy(dir, to, redact, err);
    if (!rc)
        rc = archive_publish(to, err);
    if (!rc)
        rc = archive_read(to, 0, &dataset, err);
    if (!rc)
        rc = tables_write(to, dataset, err);
    if (!rc)
        rc = about_write(to, dataset, redact, err);
    dataset_destroy(dataset);
    return rc;
}
