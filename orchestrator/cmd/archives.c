/* archives.c - reading what analyze and report work on */
#include "orchestrator/cmd/archives.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "orchestrator/archive/h5_reader.h"

static int open_one(struct archives *archives, const char *path, unsigned flags,
                    struct err *err)
{
    struct dataset *dataset;
    struct facts *facts;
    int rc = archive_read(path, flags | ARCHIVE_LATER, &dataset, err);

    if (rc)
        return rc;
    facts = &archives->facts[archives->len];
    archives->datasets[archives->len++] = dataset;
    if (!archive_current(path))
        log_line(LOG_WARN, "archive",
                 "%s: the journal has grown since archive.h5 was made; "
                 "`labsweep archive rebuild` brings it up to date",
                 path);
    rc = facts_add_documents(facts, dataset->documents_json, err);
    if (!rc)
        rc = facts_add_boards(facts, dataset->boards_json, err);
    if (rc)
        err_prefix(err, "%s", path);
    return rc;
}

int archives_open(const struct options *options, size_t first, unsigned flags,
                  struct archives *ret_archives, struct err *err)
{
    struct archives archives = { 0 };
    size_t n = options_count(options);
    int rc = 0;

    if (n <= first)
        return err_set(err, ERR_USAGE, "name an archive or campaign folder");
    archives.datasets = calloc(n - first, sizeof(*archives.datasets));
    archives.facts = calloc(n - first, sizeof(*archives.facts));
    if (!archives.datasets || !archives.facts)
        rc = err_set(err, ERR_NOMEM, "no memory for %zu archives", n - first);
    for (size_t i = first; !rc && i < n; i++)
        rc = open_one(&archives, options_arg(options, i), flags, err);
    if (rc)
        archives_close(&archives);
    else
        *ret_archives = archives;
    return rc;
}

int archives_check(const struct archives *archives, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < archives->len; i++) {
        rc = dataset_check(archives->datasets[i], err);
        if (rc)
            err_prefix(err, "'%s'", archives->datasets[i]->path);
    }
    return rc;
}

void archives_close(struct archives *archives)
{
    for (size_t i = 0; i < archives->len; i++) {
        dataset_destroy(archives->datasets[i]);
        facts_free(&archives->facts[i]);
    }
    free(archives->datasets);
    free(archives->facts);
    memset(archives, 0, sizeof(*archives));
}

int archives_scope(const struct options *options, enum scope_kind *ret_scope,
                   struct err *err)
{
    const char *word = options_text(options, "scope", "compute");

    for (enum scope_kind k = 0; k < SCOPE_KINDS; k++)
        if (!strcmp(word, scope_kind_word(k))) {
            *ret_scope = k;
            return 0;
        }
    return err_set(err, ERR_USAGE, "scope '%s': expected compute or system",
                   word);
}

int archives_one_form(const struct options *options, struct err *err)
{
    if (options_has(options, "json") && options_has(options, "csv"))
        return err_set(err, ERR_USAGE, "--json or --csv, not both");
    return 0;
}

int archives_print_json(const struct invocation *inv, const struct sheet *sheet,
                        struct err *err)
{
    struct buf text = { 0 };
    struct json_doc *doc = NULL;
    int rc = sheet_print_json(sheet, &text, err);

    if (!rc)
        rc = json_doc_parse(text.data, text.len, "rows", &doc, err);
    if (!rc) {
        struct json root = json_root(doc);

        rc = command_print_json(inv, json_copy(&root), err);
    }
    json_doc_destroy(doc);
    buf_free(&text);
    return rc;
}
