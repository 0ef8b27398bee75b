/* inventory.c - platforms, boards and adapters put together */
#include "inventory/inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/text.h"
#include "core/vec.h"
#include "experiments/pool.h"
#include "inventory/hostlist.h"
#include "inventory/read.h"

#define BOARDS_MAX   8192
#define NEAR_MAX     1024
#define BOARD_LENGTH 63 /* a board's name is the value of an axis */

/* An inventory being made. */
struct making {
    struct inventory *inventory;
    struct texts *texts;
    VEC(struct board) boards;
    VEC(struct adapter *) adapters;
};

const struct adapter *inventory_adapter(const struct inventory *inventory,
                                        const char *name)
{
    for (size_t i = 0; i < inventory->adapters_len; i++)
        if (!strcmp(inventory->adapters[i]->name, name))
            return inventory->adapters[i];
    return NULL;
}

const struct board *inventory_board(const struct inventory *inventory,
                                    const char *name)
{
    for (size_t i = 0; i < inventory->boards_len; i++)
        if (!strcmp(inventory->boards[i].name, name))
            return &inventory->boards[i];
    return NULL;
}

const struct platform *inventory_platform(const struct inventory *inventory,
                                          const char *name)
{
    for (size_t i = 0; i < inventory->platforms_len; i++)
        if (!strcmp(inventory->platforms[i].name, name))
            return &inventory->platforms[i];
    for (size_t i = 0; i < inventory->platforms_len; i++)
        for (size_t k = 0; k < inventory->platforms[i].aliases_len; k++)
            if (!strcmp(inventory->platforms[i].aliases[k], name))
                return &inventory->platforms[i];
    return NULL;
}

const struct board *inventory_platform_board(const struct inventory *inventory,
                                             const char *platform, size_t i)
{
    const struct platform *wanted = inventory_platform(inventory, platform);

    for (size_t k = 0; wanted && k < inventory->boards_len; k++) {
        const struct board *board = &inventory->boards[k];

        if (board->platform != wanted || !strcmp(board->transport, "none"))
            continue;
        if (!i--)
            return board;
    }
    return NULL;
}

/* ---- adapters */

/* The file of the adapter 'name', and the name that its text is kept by. */
static bool adapter_file(const struct making *making, const char *name,
                         char path[FS_PATH_MAX])
{
    char file[FS_PATH_MAX];
    int len;

    if (strchr(name, '/'))
        return fs_join(path, FS_PATH_MAX, making->inventory->base_dir, name);
    len = snprintf(file, sizeof(file), "adapters/%s.json", name);
    return len < (int)sizeof(file) &&
           fs_join(path, FS_PATH_MAX, making->inventory->base_dir, file);
}

static int open_adapter(struct making *making, const struct json *at,
                        const char *name, struct adapter **ret_adapter,
                        struct err *err)
{
    const struct text *text = NULL;
    struct adapter *adapter = NULL;
    char path[FS_PATH_MAX];
    int rc;

    if (!adapter_file(making, name, path))
        return json_fail(at, err, "path is too long");
    rc = texts_open(making->texts, "adapter", name, path, &text, err);
    if (rc) {
        err_prefix(err, "%s: %s: adapter '%s'", making->inventory->file,
                   at->path, name);
        return rc;
    }
    rc = adapter_parse(text->text, text->len, path, text->base_dir, &adapter,
                       err);
    if (!rc && !VEC_PUSH(&making->adapters, adapter)) {
        adapter_destroy(adapter);
        rc = err_set(err, ERR_NOMEM, "no memory for adapters");
    }
    if (!rc)
        *ret_adapter = adapter;
    return rc;
}

static int find_adapter(struct making *making, const struct json *at,
                        const struct adapter **ret_adapter, struct err *err)
{
    struct adapter *adapter = NULL;
    const char *name = NULL;
    char path[FS_PATH_MAX];
    int rc = json_string(at, &name, err);

    if (!rc && !adapter_file(making, name, path))
        rc = json_fail(at, err, "path is too long");
    for (size_t i = 0; !rc && i < making->adapters.len; i++)
        if (!strcmp(making->adapters.at[i]->file, path))
            adapter = making->adapters.at[i];
    if (!rc && !adapter)
        rc = open_adapter(making, at, name, &adapter, err);
    for (size_t i = 0; !rc && i < making->adapters.len; i++)
        if (making->adapters.at[i] != adapter &&
            !strcmp(making->adapters.at[i]->name, adapter->name))
            rc = json_fail(at, err, "'%s' and '%s' are both named '%s'",
                           making->adapters.at[i]->file, adapter->file,
                           adapter->name);
    if (!rc)
        *ret_adapter = adapter;
    return rc;
}

/* ---- boards */

static int find_platform(const struct making *making, const struct json *at,
                         const struct platform **ret_platform, struct err *err)
{
    const struct inventory *inventory = making->inventory;
    const char *names[NEAR_MAX + 1], *name = NULL, *near;
    size_t len = 0;

    if (json_string(at, &name, err))
        return ERR_FORMAT;
    *ret_platform = inventory_platform(inventory, name);
    if (*ret_platform)
        return 0;
    for (size_t i = 0; i < inventory->platforms_len && len < NEAR_MAX; i++)
        names[len++] = inventory->platforms[i].name;
    names[len] = NULL;
    near = text_nearest(name, names);
    return json_fail(at, err, "unknown platform '%.40s'%s%s%s", name,
                     near ? ", did you mean '" : "", near ? near : "",
                     near ? "'?" : "");
}

/* Op modes of a board must be ones that its platform has, if it lists
 * any. */
static int check_modes(const struct json *at, const struct board *board,
                       struct err *err)
{
    struct json modes = json_get(at, "op_modes");

    for (size_t i = 0; board->platform->modes_len && i < board->modes_len;
         i++) {
        struct json mode = json_get(&modes, board->modes[i].name);

        if (!platform_mode(board->platform, board->modes[i].name))
            return json_fail(&mode, err, "platform %s has no such op mode",
                             board->platform->name);
    }
    return 0;
}

static int add_board(struct making *making, const struct json *at,
                     const struct hostlist_name *name, struct err *err)
{
    struct inventory *inventory = making->inventory;
    struct json platform = json_get(at, "platform");
    struct json adapter = json_get(at, "adapter");
    struct board board = { 0 };
    const char *own = pool_text(inventory->pool, name->name);
    const char *number = pool_text(inventory->pool, name->number);
    int rc = 0;

    if (!own || !number)
        return err_set(err, ERR_NOMEM, "no memory for boards");
    if (strlen(own) > BOARD_LENGTH)
        return json_fail(at, err, "name '%.60s...' is longer than %d bytes",
                         own, BOARD_LENGTH);
    for (size_t i = 0; i < making->boards.len; i++)
        if (!strcmp(making->boards.at[i].name, own))
            return json_fail(at, err, "a board '%s' is there already", own);
    rc = board_parse(at, own, number, inventory->base_dir, inventory->pool,
                     &board, err);
    if (!rc)
        rc = find_platform(making, &platform, &board.platform, err);
    if (!rc && (json_there(&adapter) || strcmp(board.transport, "none") != 0))
        rc = find_adapter(making, &adapter, &board.adapter, err);
    if (!rc)
        rc = check_modes(at, &board, err);
    board.known_hosts = inventory->known_hosts;
    if (!rc && making->boards.len >= BOARDS_MAX)
        rc = json_fail(at, err, "more than %d boards", BOARDS_MAX);
    if (!rc && !VEC_PUSH(&making->boards, board))
        rc = err_set(err, ERR_NOMEM, "no memory for boards");
    return rc;
}

static int parse_boards(struct making *making, const struct json *at,
                        struct err *err)
{
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i)) {
        struct json name = json_get(&e, "name");
        struct hostlist *list = NULL;
        const char *text = NULL;
        struct err inner;

        rc = json_expect(&e, JSON_OBJECT, err);
        if (!rc)
            rc = json_string(&name, &text, err);
        if (!rc && hostlist_expand(text, &list, &inner))
            rc = json_fail(&name, err, "%s", inner.text);
        for (size_t k = 0; !rc && k < hostlist_len(list); k++)
            rc = add_board(making, &e, hostlist_at(list, k), err);
        hostlist_destroy(list);
    }
    return rc;
}

/* ---- all of it */

static int parse_platforms(struct inventory *inventory, const struct json *at,
                           struct err *err)
{
    struct platform *list = read_alloc(at, inventory->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_expect(at, JSON_OBJECT, err);

    if (!list)
        return ERR_NOMEM;
    if (!rc)
        rc = read_unique(at, err);
    for (struct json p = json_first(at); !rc && json_there(&p);
         p = json_next(at, &p, ++i)) {
        rc = platform_parse(&p, inventory->pool, &list[i], err);
        inventory->platforms = list;
        inventory->platforms_len = i + 1;
    }
    return rc;
}

/* Where all campaigns see who has what boards share. */
static int parse_lease_host(struct inventory *inventory, const struct json *at,
                            struct err *err)
{
    struct board *host;
    int rc;

    if (!json_there(at))
        return 0;
    host = pool_alloc(inventory->pool, 1, sizeof(*host));
    if (!host)
        return err_set(err, ERR_NOMEM, "no memory for a lease host");
    rc = board_parse_lease_host(at, inventory->base_dir, inventory->pool, host,
                                err);
    host->known_hosts = inventory->known_hosts;
    if (!rc)
        inventory->lease_host = host;
    return rc;
}

static int parse_root(struct making *making, const struct json *root,
                      struct err *err)
{
    static const char *const keys[] = { "lab",        "help",   "known_hosts",
                                        "platforms",  "boards", "$schema",
                                        "lease_host", NULL };
    struct inventory *inventory = making->inventory;
    struct json lab = json_get(root, "lab"), help = json_get(root, "help");
    struct json known_hosts = json_get(root, "known_hosts");
    struct json platforms = json_get(root, "platforms");
    struct json boards = json_get(root, "boards");
    struct json lease_host = json_get(root, "lease_host");
    const char *text = NULL;
    char path[FS_PATH_MAX];
    int rc = json_check_keys(root, keys, err);

    inventory->lab = inventory->help = "";
    if (!rc)
        rc = json_opt_string(&lab, &inventory->lab, err);
    if (!rc)
        rc = json_opt_string(&help, &inventory->help, err);
    if (!rc)
        rc = json_opt_string(&known_hosts, &text, err);
    if (!rc && text) {
        if (*text == '~')
            inventory->known_hosts = text;
        else if (fs_join(path, sizeof(path), inventory->base_dir, text))
            inventory->known_hosts = pool_text(inventory->pool, path);
        if (!inventory->known_hosts)
            rc = json_fail(&known_hosts, err, "path is too long");
    }
    if (!rc)
        rc = parse_lease_host(inventory, &lease_host, err);
    if (!rc)
        rc = parse_platforms(inventory, &platforms, err);
    return rc ? rc : parse_boards(making, &boards, err);
}

static int make(struct making *making, const char *path, struct err *err)
{
    struct inventory *inventory = making->inventory;
    const struct text *text = NULL;
    struct json root;
    int rc = 0;

    if (path)
        rc = texts_open(making->texts, "inventory", path, path, &text, err);
    else if (!(text = texts_find(making->texts, "inventory", NULL)))
        rc = err_set(err, ERR_NOT_FOUND, "no inventory was kept");
    if (rc)
        return rc;
    inventory->file = pool_text(inventory->pool, text->name);
    inventory->base_dir = pool_text(inventory->pool, text->base_dir);
    if (!inventory->file || !inventory->base_dir)
        return err_set(err, ERR_NOMEM, "no memory for an inventory");
    rc = json_doc_parse(text->text, text->len, inventory->file, &inventory->doc,
                        err);
    if (rc)
        return rc;
    root = json_root(inventory->doc);
    return parse_root(making, &root, err);
}

int inventory_load(struct texts *texts, const char *path,
                   struct inventory **ret_inventory, struct err *err)
{
    struct making making = { .inventory = calloc(1, sizeof(struct inventory)),
                             .texts = texts };
    int rc = 0;

    if (making.inventory)
        making.inventory->pool = pool_create();
    if (!making.inventory || !making.inventory->pool)
        rc = err_set(err, ERR_NOMEM, "no memory for an inventory");
    if (!rc)
        rc = make(&making, path, err);
    if (making.inventory) {
        making.inventory->boards = making.boards.at;
        making.inventory->boards_len = making.boards.len;
        making.inventory->adapters = making.adapters.at;
        making.inventory->adapters_len = making.adapters.len;
    }
    if (rc)
        inventory_destroy(making.inventory);
    else
        *ret_inventory = making.inventory;
    return rc;
}

void inventory_destroy(struct inventory *inventory)
{
    if (!inventory)
        return;
    for (size_t i = 0; i < inventory->adapters_len; i++)
        adapter_destroy(inventory->adapters[i]);
    free(inventory->adapters);
    free(inventory->boards);
    json_doc_destroy(inventory->doc);
    pool_destroy(inventory->pool);
    free(inventory);
}
