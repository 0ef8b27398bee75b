/* boards_discover.c - platform facts and sensors, as an inventory says them */
#include "orchestrator/cmd/boards_discover.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "inventory/documents.h"
#include "orchestrator/cmd/boards_check.h"
#include "orchestrator/cmd/boards_propose.h"
#include "workers/board_sensors.h"

/* An inventory of one board that nobody described yet. */
static int stranger(const struct invocation *inv, const char *host,
                    struct documents *docs, struct err *err)
{
    const char *sysfs = options_text(inv->options, "sysfs", NULL);
    const char *at = strrchr(host, '@'), *name = at ? at + 1 : host;
    const char *colon = strchr(name, ':');
    struct json_value *root = json_new_object(), *board = json_new_object();
    struct json_value *boards = json_new_array();
    struct json_value *platforms = json_new_object();
    struct json_value *platform = json_new_object();
    struct buf text = { 0 }, word = { 0 };
    int64_t port = 0;
    int rc = 0;

    buf_put(&word, name, colon ? (size_t)(colon - name) : strlen(name));
    if (colon && (!text_to_i64(colon + 1, &port) || port < 1 || port > 65535))
        rc = err_set(err, ERR_USAGE, "'%s': expected HOST, USER@HOST:PORT",
                     host);
    json_set_string(board, "name", buf_text(&word));
    json_set_string(board, "host", buf_text(&word));
    json_set_string(board, "platform", "unknown");
    if (port)
        json_set_i64(board, "port", port);
    if (sysfs)
        json_set_string(board, "sysfs", sysfs);
    buf_clear(&word);
    buf_put(&word, host, at ? (size_t)(at - host) : 0);
    if (at)
        json_set_string(board, "user", buf_text(&word));
    buf_clear(&word);
    buf_printf(&word, "%s/inventory/adapters/command.json", inv->project_dir);
    json_set_string(board, "adapter", buf_text(&word));
    json_push(boards, board);
    json_set_string(platform, "type", "CPU");
    json_set_string(platform, "engine", "batched");
    json_set(platforms, "unknown", platform);
    json_set_string(root, "lab", "discovered");
    json_set(root, "platforms", platforms);
    json_set(root, "boards", boards);
    if (!rc)
        rc = json_print(root, false, &text, err);
    if (!rc)
        rc = texts_add(docs->texts, "inventory", "discovered", ".",
                       buf_text(&text), text.len, err);
    if (!rc)
        rc = inventory_load(docs->texts, NULL, &docs->inventory, err);
    json_value_destroy(root);
    buf_free(&text);
    buf_free(&word);
    return rc;
}

/* ---- the visits */

static int discover(const struct invocation *inv,
                    const struct inventory *inventory,
                    const struct board *board, struct json_value *rows,
                    struct err *err)
{
    struct texts *texts = texts_create();
    struct experiment *experiment = NULL;
    struct lane_setup setup =
        boards_visit(inv, NULL, inventory, board, "discover");
    struct json_doc *info = NULL;
    struct json_value *row;
    struct json root;
    int rc = boards_experiment(texts, &experiment, err);

    setup.experiment = experiment;
    if (!rc)
        rc = board_sensors_discover(&setup, &info, err);
    if (!rc) {
        root = json_root(info);
        row = json_new_object();
        json_set(row, "entry", boards_propose(board, &root));
        json_set(row, "info", json_copy(&root));
        json_push(rows, row);
    }
    json_doc_destroy(info);
    experiment_destroy(experiment);
    texts_destroy(texts);
    return rc;
}

static int visit(const struct invocation *inv,
                 const struct inventory *inventory, const char *word,
                 struct json_value *rows, struct err *err)
{
    const struct board *board =
        inventory ? inventory_board(inventory, word) : NULL;
    struct documents docs = { 0 };
    int rc = 0;

    if (board)
        return discover(inv, inventory, board, rows, err);
    docs.texts = texts_create();
    if (!docs.texts)
        return err_set(err, ERR_NOMEM, "no memory for an inventory");
    rc = stranger(inv, word, &docs, err);
    if (!rc)
        rc = discover(inv, docs.inventory, &docs.inventory->boards[0], rows,
                      err);
    documents_close(&docs);
    return rc;
}

/* The entries alone, ready to be pasted into "boards". */
static int print_entries(const struct json_value *rows, struct err *err)
{
    struct json_doc *doc = NULL;
    struct buf text = { 0 };
    struct json root;
    size_t i = 0;
    int rc = json_print(rows, false, &text, err);

    if (!rc)
        rc = json_doc_parse(text.data, text.len, "entries", &doc, err);
    buf_clear(&text);
    if (!rc)
        root = json_root(doc);
    for (struct json r = rc ? (struct json){ 0 } : json_first(&root);
         !rc && json_there(&r); r = json_next(&root, &r, ++i)) {
        struct json at = json_get(&r, "entry");
        struct json_value *entry = json_copy(&at);

        buf_clear(&text);
        rc = json_print(entry, true, &text, err);
        printf("%s\n", buf_text(&text));
        json_value_destroy(entry);
    }
    json_doc_destroy(doc);
    buf_free(&text);
    return rc;
}

int boards_discover(const struct invocation *inv,
                    const struct inventory *inventory, struct err *err)
{
    struct json_value *rows = json_new_array();
    int rc = 0;

    if (options_count(inv->options) < 2)
        rc = err_set(err, ERR_USAGE, "name a board or a host to discover");
    for (size_t i = 1; !rc && options_arg(inv->options, i); i++)
        rc = visit(inv, inventory, options_arg(inv->options, i), rows, err);
    if (!rc && options_has(inv->options, "json"))
        return command_print_json(inv, rows, err);
    if (!rc)
        rc = print_entries(rows, err);
    json_value_destroy(rows);
    return rc;
}
