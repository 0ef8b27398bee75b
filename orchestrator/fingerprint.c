/* fingerprint.c - digests of adapter and staged files */
#include "orchestrator/fingerprint.h"

#include <stdlib.h>
#include <string.h>

#include "core/vec.h"
#include "inventory/scope.h"

struct known_file {
    char *path;
    char hex[HASH_HEX];
};

struct fingerprints {
    const struct documents *documents;
    const char *bin_dir, *project_dir;
    VEC(struct known_file) files;
    const struct adapter *plain; /* that was asked last of those that stage
                                    nothing: the same for all its cells */
    char plain_hex[HASH_HEX];
};

struct fingerprints *fingerprints_create(const struct documents *documents,
                                         const char *bin_dir,
                                         const char *project_dir)
{
    struct fingerprints *prints = calloc(1, sizeof(*prints));

    if (!prints)
        return NULL;
    prints->documents = documents;
    prints->bin_dir = bin_dir;
    prints->project_dir = project_dir;
    return prints;
}

void fingerprints_destroy(struct fingerprints *prints)
{
    if (!prints)
        return;
    for (size_t i = 0; i < prints->files.len; i++)
        free(prints->files.at[i].path);
    VEC_FREE(&prints->files);
    free(prints);
}

static int digest_of(struct fingerprints *prints, const char *path,
                     const char **ret_hex, struct err *err)
{
    struct known_file file;
    int rc;

    for (size_t i = 0; i < prints->files.len; i++) {
        if (!strcmp(prints->files.at[i].path, path)) {
            *ret_hex = prints->files.at[i].hex;
            return 0;
        }
    }
    rc = hash_file(path, file.hex, err);
    if (rc == ERR_NOT_FOUND)
        memcpy(file.hex, "missing", sizeof("missing"));
    else if (rc)
        return rc;
    file.path = strdup(path);
    if (!file.path || !VEC_PUSH(&prints->files, file)) {
        free(file.path);
        return err_set(err, ERR_NOMEM, "no memory for digests");
    }
    *ret_hex = prints->files.at[prints->files.len - 1].hex;
    return 0;
}

static int add_stages(struct fingerprints *prints, struct scope *scope,
                      const struct adapter *adapter, struct buf *text,
                      struct err *err)
{
    struct buf path = { 0 };
    const char *hex = "";
    int rc = 0;

    for (size_t i = 0; !rc && i < adapter->stage_len; i++) {
        if (!scope_allows(scope, adapter->stage[i].only_if))
            continue;
        buf_clear(&path);
        rc = scope_stage_file(scope, adapter, &adapter->stage[i], &path, err);
        if (!rc)
            rc = digest_of(prints, buf_text(&path), &hex, err);
        if (!rc)
            buf_printf(text, "%s %s\n", adapter->stage[i].name, hex);
    }
    buf_free(&path);
    return rc;
}

int fingerprint_of(struct fingerprints *prints, const struct board *board,
                   const struct op_point *point, char hex[HASH_HEX],
                   struct err *err)
{
    struct buf text = { 0 };
    struct scope *scope = NULL;
    int rc = 0;

    if (!board->adapter->stage_len && board->adapter == prints->plain) {
        memcpy(hex, prints->plain_hex, HASH_HEX);
        return 0;
    }
    buf_printf(&text, "adapter %s\n", board->adapter->digest);
    if (board->adapter->stage_len) {
        scope = scope_create();
        if (!scope)
            rc = err_set(err, ERR_NOMEM, "no memory for digests");
        if (!rc)
            rc = scope_fill(scope, prints->documents->experiment, board, point,
                            prints->bin_dir, prints->project_dir, err);
        if (!rc)
            rc = add_stages(prints, scope, board->adapter, &text, err);
    }
    if (!rc)
        hash_bytes(text.data, text.len, hex);
    if (!rc && !board->adapter->stage_len) {
        prints->plain = board->adapter;
        memcpy(prints->plain_hex, hex, HASH_HEX);
    }
    scope_destroy(scope);
    buf_free(&text);
    return rc;
}
