/* lane_build.c - engines and the like, made on the board once */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/text.h"
#include "workers/lane_guard.h"
#include "workers/lane_stage.h"

#define BUILD_S 3600.0 /* what a build may take */

/* The folder of a build, by everything that it depends on: its command as
 * it will run (staged files stand in it by their hashes), key, tool version
 * and op mode. */
static int find_dir(struct lane_board *b, struct scope *scope,
                    const struct adapter_build *build, struct buf *dir,
                    struct err *err)
{
    struct buf text = { 0 };
    char hex[HASH_HEX];
    int rc = scope_set(scope, build->name, "", err);

    if (!rc)
        rc = scope_expand(scope, build->run, TEMPLATE_SHELL, &text, err);
    buf_printf(&text, "\n%s\n%s\n", b->tool_version, b->mode_granted);
    for (size_t i = 0; !rc && i < build->key_len; i++) {
        const char *value = scope_find(scope, build->key[i]);

        buf_printf(&text, "%s=%s\n", build->key[i], value ? value : "");
    }
    hash_bytes(text.data, text.len, hex);
    buf_printf(dir, "%s/build/%s", b->stage_dir, hex);
    if (!rc && (buf_failed(&text) || buf_failed(dir)))
        rc = err_set(err, ERR_NOMEM, "no memory for a build");
    buf_free(&text);
    return rc;
}

static int set_path(struct scope *scope, const struct adapter_build *build,
                    const char *dir, const char *tail, struct err *err)
{
    struct buf path = { 0 };
    int rc;

    buf_printf(&path, "%s%s/%s", dir, tail, build->name);
    rc = scope_set(scope, build->name, buf_text(&path), err);
    buf_free(&path);
    return rc;
}

/* Build in a folder of another name, so that half a build is none. */
static int run_build(struct lane_board *b, struct scope *scope,
                     const struct adapter_build *build, const char *dir,
                     struct err *err)
{
    struct buf command = { 0 }, quoted = { 0 };
    char what[128];
    int rc = set_path(scope, build, dir, ".part", err);

    text_quote_shell(&quoted, dir);
    snprintf(what, sizeof(what), "build '%s'", build->name);
    lane_guard_put(b, BUILD_S, &command);
    buf_printf(&command,
               "d=%s; if [ -d \"$d\" ]; then exit 0; fi; "
               "rm -rf \"$d.part\"; mkdir -p \"$d.part\" || exit 1; (",
               buf_text(&quoted));
    if (!rc)
        rc = scope_expand(scope, build->run, TEMPLATE_SHELL, &command, err);
    buf_printf(&command, "\n) || exit $?; mv \"$d.part\" \"$d\"");
    if (!rc && (buf_failed(&command) || buf_failed(&quoted)))
        rc = err_set(err, ERR_NOMEM, "no memory for a command");
    if (!rc)
        rc = lane_command(b, what, buf_text(&command), BUILD_S, NULL, err);
    buf_free(&command);
    buf_free(&quoted);
    return rc;
}

static bool is_built(const struct lane_board *b, const char *dir)
{
    for (size_t i = 0; i < b->built.len; i++)
        if (!strcmp(b->built.at[i].key, dir))
            return true;
    return false;
}

static int build_one(struct lane_board *b, struct scope *scope,
                     const struct adapter_build *build, struct err *err)
{
    struct buf dir = { 0 };
    int rc = find_dir(b, scope, build, &dir, err);

    if (!rc && !is_built(b, buf_text(&dir))) {
        struct made_once made = { 0 };

        rc = run_build(b, scope, build, buf_text(&dir), err);
        if (!rc)
            made.key = strdup(buf_text(&dir));
        if (!rc && (!made.key || !VEC_PUSH(&b->built, made))) {
            free(made.key);
            rc = err_set(err, ERR_NOMEM, "no memory for a build");
        }
    }
    if (!rc)
        rc = set_path(scope, build, buf_text(&dir), "", err);
    buf_free(&dir);
    return rc;
}

int lane_build(struct lane_board *b, struct scope *scope, struct err *err)
{
    const struct adapter *a = b->setup->board->adapter;
    int rc = 0;

    for (size_t i = 0; !rc && i < a->build_len; i++)
        rc = build_one(b, scope, &a->build[i], err);
    return rc;
}
