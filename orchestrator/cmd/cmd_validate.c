/* cmd_validate.c - check files of experiments, inventories and adapters */
#include <stdio.h>
#include <string.h>

#include "core/fs.h"
#include "inventory/documents.h"
#include "orchestrator/cmd/command.h"
#include "workers/collect/collect.h"
#include "workers/meter/meter.h"

enum file_kind {
    KIND_EXPERIMENT,
    KIND_INVENTORY,
    KIND_ADAPTER
};

static const char *const kind_words[] = { "experiment", "inventory",
                                          "adapter" };

/* An experiment has a key 'boards' as well: a word, no list. */
static bool is_inventory(const struct json *root)
{
    struct json boards = json_get(root, "boards");
    struct json platforms = json_get(root, "platforms");

    return json_kind(&boards) == JSON_ARRAY || json_there(&platforms);
}

/* A file says what it is by its keys. */
static int kind_of(const char *path, enum file_kind *ret_kind, struct err *err)
{
    struct json_doc *doc;
    struct json root, member;
    int rc = json_doc_read(path, &doc, err);

    if (rc)
        return rc;
    root = json_root(doc);
    rc = json_expect(&root, JSON_OBJECT, err);
    member = json_get(&root, "adapter");
    if (!rc && json_there(&member)) {
        *ret_kind = KIND_ADAPTER;
    } else if (!rc) {
        member = json_get(&root, "experiment");
        *ret_kind = json_there(&member) ? KIND_EXPERIMENT : KIND_INVENTORY;
        if (!json_there(&member) && !is_inventory(&root))
            rc = json_fail(&root, err,
                           "expected 'experiment', 'adapter', or 'boards' "
                           "and 'platforms' of an inventory");
    }
    json_doc_destroy(doc);
    return rc;
}

static int check_adapter(const char *path, struct err *err)
{
    struct buf text = { 0 };
    struct adapter *adapter;
    char dir[FS_PATH_MAX];
    int rc = fs_read_file(path, 16u << 20, &text, err);

    fs_dirname(path, dir, sizeof(dir));
    if (!rc)
        rc = adapter_parse(buf_text(&text), text.len, path, dir, &adapter, err);
    if (!rc) {
        rc = collect_check_adapter(adapter, err);
        adapter_destroy(adapter);
    }
    buf_free(&text);
    return rc;
}

static int check_file(const char *path, enum file_kind *kind, struct err *err)
{
    struct documents documents = { 0 };
    int rc = kind_of(path, kind, err);

    if (rc)
        return rc;
    if (*kind == KIND_ADAPTER)
        return check_adapter(path, err);
    documents.texts = texts_create();
    if (!documents.texts)
        return err_set(err, ERR_NOMEM, "no memory to validate");
    if (*kind == KIND_EXPERIMENT)
        rc = experiment_load(documents.texts, path, &documents.experiment, err);
    else
        rc = inventory_load(documents.texts, path, &documents.inventory, err);
    if (!rc && *kind == KIND_INVENTORY)
        rc = collect_check_inventory(documents.inventory, err);
    if (!rc && *kind == KIND_INVENTORY)
        rc = meter_check_all(documents.inventory, err);
    documents_close(&documents);
    return rc;
}

static int validate_exec(const struct invocation *inv, struct err *err)
{
    bool json = options_has(inv->options, "json");
    struct json_value *rows = json_new_array();
    int worst = 0;

    for (size_t i = 0; i < options_count(inv->options); i++) {
        const char *path = options_arg(inv->options, i);
        enum file_kind kind = KIND_INVENTORY;
        struct err why = { 0 };
        int rc = check_file(path, &kind, &why);
        struct json_value *row = json_new_object();

        json_set_string(row, "file", path);
        json_set_string(row, "kind", kind_words[kind]);
        json_set_bool(row, "valid", !rc);
        if (rc)
            json_set_string(row, "error", why.text);
        json_push(rows, row);
        if (!json && !rc)
            printf("%s: valid %s\n", path, kind_words[kind]);
        else if (!json)
            fprintf(stderr, "labsweep validate: %s\n", why.text);
        if (rc)
            worst = err_exit_code(&why);
    }
    if (!json) {
        json_value_destroy(rows);
        return worst;
    }
    return command_print_json(inv, rows, err) ? ERR_NOMEM : worst;
}

const struct command cmd_validate = {
    .name = "validate",
    .args = "FILE...",
    .help = "check experiment, inventory and adapter files",
    .args_min = 1,
    .args_max = SIZE_MAX,
    .exec = validate_exec,
};
