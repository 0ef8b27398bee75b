/* archives.c - reading what analyze and report work on */
#include "orchestrator/cmd/archives.h"

#include <stdlib.h>
#include <string.h>

#include "orchestrator/archive/h5_reader.h"

static int open_one(struct archives *archives, const char *path, unsigned flags,
                    struct err *err)
{
    struct dataset *dataset;
    int rc = archive_read(path, flags, &dataset, err);

    if (rc)
        return rc;
    archives->datasets[archives->len++] = dataset;
    rc = facts_add_documents(&archives->facts, dataset->documents_json, err);
    if (!rc)
        rc = facts_add_boards(&archives->facts, dataset->boards_json, err);
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
    if (!archives.datasets)
        return err_set(err, ERR_NOMEM, "no memory for %zu archives", n - first);
    for (size_t i = first; !rc && i < n; i++)
        rc = open_one(&archives, options_arg(options, i), flags, err);
    if (rc)
        archives_close(&archives);
    else
        *ret_archives = archives;
    return rc;
}

void archives_close(struct archives *archives)
{
    for (size_t i = 0; i < archives->len; i++)
        dataset_destroy(archives->datasets[i]);
    free(archives->datasets);
    facts_free(&archives->facts);
    memset(archives, 0, sizeof(*archives));
}
