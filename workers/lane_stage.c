/* lane_stage.c - uploads by content hash */
#include "workers/lane_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/text.h"
#include "workers/lane_lease.h"
#include "workers/lane_model.h"

#define MODE_MAX       07777
#define UPLOAD_S       120.0
#define UPLOAD_BYTES_S 50e3 /* a slow link */

static const char *runner_on_board(const struct lane_board *b)
{
    const struct adapter *a = b->setup->board->adapter;

    for (size_t i = 0; i < b->staged.len; i++) {
        const struct staged_file *f = &b->staged.at[i];

        if (!strcmp(f->name, "labrunner"))
            return f->remote;
        for (size_t k = 0; k < a->stage_len; k++)
            if (a->stage[k].role == ADAPTER_RUNNER &&
                !strcmp(a->stage[k].name, f->name))
                return f->remote;
    }
    return NULL;
}

/* "hash FILE" with what the board has: coreutils, else a labrunner (which
 * may be FILE itself, just uploaded). */
static void put_hash(const struct lane_board *b, const char *file,
                     bool is_runner, struct buf *out)
{
    const char *runner = is_runner ? file : runner_on_board(b);

    buf_printf(out, "if command -v sha256sum >/dev/null 2>&1; then "
                    "sha256sum < ");
    text_quote_shell(out, file);
    buf_printf(out, "; else ");
    if (runner) {
        text_quote_shell(out, runner);
        buf_printf(out, " sha256 ");
        text_quote_shell(out, file);
    } else {
        buf_printf(out, "echo 'no sha256sum on this board, and no labrunner "
                        "staged before' >&2; exit 1");
    }
    buf_printf(out, "; fi");
}

/* Make the folder; print the hash of what is there. */
static int ask(struct lane_board *b, const struct staged_file *f,
               bool is_runner, bool *ret_there, struct err *err)
{
    struct buf command = { 0 }, out = { 0 };
    char dir[FS_PATH_MAX];
    int rc;

    fs_dirname(f->remote, dir, sizeof(dir));
    buf_printf(&command, "mkdir -p ");
    text_quote_shell(&command, dir);
    buf_printf(&command, " || exit 1; if [ -f ");
    text_quote_shell(&command, f->remote);
    buf_printf(&command, " ]; then ");
    put_hash(b, f->remote, is_runner, &command);
    buf_printf(&command, "; fi");
    rc = lane_command(b, "looking for a staged file", buf_text(&command),
                      LANE_SHORT_S, &out, err);
    *ret_there = !rc && !strncmp(buf_text(&out), f->sha256, 64);
    buf_free(&command);
    buf_free(&out);
    return rc;
}

/* Verify the uploaded file and give it its name. */
static int accept(struct lane_board *b, const struct staged_file *f,
                  const char *uploaded, bool is_runner, struct err *err)
{
    struct buf command = { 0 }, out = { 0 };
    int rc;

    buf_printf(&command, "h=$(");
    put_hash(b, uploaded, is_runner, &command);
    buf_printf(&command,
               ") || exit 1; echo \"$h\"; if [ \"${h%%%% *}\" = %s ];"
               " then mv -f ",
               f->sha256);
    text_quote_shell(&command, uploaded);
    buf_printf(&command, " ");
    text_quote_shell(&command, f->remote);
    buf_printf(&command, "; else rm -f ");
    text_quote_shell(&command, uploaded);
    buf_printf(&command, "; fi");
    rc = lane_command(b, "verifying a staged file", buf_text(&command),
                      LANE_SHORT_S + 60, &out, err);
    if (!rc && strncmp(buf_text(&out), f->sha256, 64) != 0)
        rc = err_set(err, ERR_IO,
                     "%s arrived damaged: its SHA-256 on the board is %.64s, "
                     "expected %s",
                     f->local, buf_text(&out), f->sha256);
    buf_free(&command);
    buf_free(&out);
    return rc;
}

/* The lease must outlast the upload, also over a slow link. */
static void hold_for_upload(struct lane_board *b, const char *local)
{
    struct stat st;

    if (!stat(local, &st))
        lane_lease_hold(b, UPLOAD_S + (double)st.st_size / UPLOAD_BYTES_S);
}

static int upload(struct lane_board *b, const struct staged_file *f,
                  unsigned mode, bool is_runner, struct err *err)
{
    double silence_s = b->setup->experiment->measure.silence_limit_s;
    char uploaded[FS_PATH_MAX];
    bool there = false;
    int rc = ask(b, f, is_runner, &there, err), n;

    if (rc || there)
        return rc;
    n = snprintf(uploaded, sizeof(uploaded), "%s.new.%d.%p", f->remote,
                 (int)getpid(), (const void *)b);
    if (n < 0 || (size_t)n >= sizeof(uploaded))
        return err_set(err, ERR_USAGE, "%s: path on the board is too long",
                       f->local);
    hold_for_upload(b, f->local);
    rc = transport_upload(b->transport, f->local, uploaded, mode, silence_s,
                          err);
    if (rc) {
        b->link_lost = rc == ERR_TIMEOUT || b->link_lost;
        return rc;
    }
    return accept(b, f, uploaded, is_runner, err);
}

static void free_file(struct staged_file *f)
{
    free(f->local);
    free(f->remote);
    free(f->name);
}

static int make_file(struct lane_board *b, const char *name, const char *local,
                     struct staged_file *f, struct err *err)
{
    char remote[FS_PATH_MAX];
    int rc = hash_file(local, f->sha256, err), n;

    if (rc)
        return rc;
    n = snprintf(remote, sizeof(remote), "%s/%s/%s", b->stage_dir, f->sha256,
                 fs_basename(local));
    if (n < 0 || (size_t)n >= sizeof(remote))
        return err_set(err, ERR_USAGE, "%s: path on the board is too long",
                       local);
    f->name = strdup(name);
    f->local = strdup(local);
    f->remote = strdup(remote);
    if (!f->name || !f->local || !f->remote)
        return err_set(err, ERR_NOMEM, "no memory for a staged file");
    return 0;
}

static const struct staged_file *find_file(const struct lane_board *b,
                                           const char *name, const char *local)
{
    for (size_t i = 0; i < b->staged.len; i++)
        if (!strcmp(b->staged.at[i].local, local) &&
            !strcmp(b->staged.at[i].name, name))
            return &b->staged.at[i];
    return NULL;
}

static bool is_runner_name(const struct lane_board *b, const char *name)
{
    const struct adapter *a = b->setup->board->adapter;

    if (!strcmp(name, "labrunner"))
        return true;
    for (size_t i = 0; i < a->stage_len; i++)
        if (!strcmp(a->stage[i].name, name))
            return a->stage[i].role == ADAPTER_RUNNER;
    return false;
}

int lane_stage_file(struct lane_board *b, const char *name, const char *local,
                    unsigned mode, const char **ret_remote,
                    const char **ret_sha256, struct err *err)
{
    const struct staged_file *known = find_file(b, name, local);
    struct staged_file f = { 0 };
    int rc;

    if (!known) {
        rc = make_file(b, name, local, &f, err);
        if (!rc)
            rc = upload(b, &f, mode, is_runner_name(b, name), err);
        if (!rc && !VEC_PUSH(&b->staged, f))
            rc = err_set(err, ERR_NOMEM, "no memory for a staged file");
        if (rc) {
            free_file(&f);
            err_prefix(err, "staging '%s'", name);
            return rc;
        }
        known = &b->staged.at[b->staged.len - 1];
    }
    *ret_remote = known->remote;
    *ret_sha256 = known->sha256;
    return 0;
}

/* A data set's file must be the one that the experiment pins. */
static int check_pinned(const struct lane_board *b,
                        const struct op_point *point, const char *local,
                        const char *sha256, struct err *err)
{
    const struct experiment *e = b->setup->experiment;
    const struct data_set *set = experiment_dataset(
        e, op_point_text(e->axes, e->axes_len, point, "dataset"));

    for (size_t i = 0; set && i < set->files_len; i++) {
        const struct dataset_file *f = &set->files[i];

        if (f->sha256 && !strcmp(f->path, local) &&
            strcmp(f->sha256, sha256) != 0)
            return err_set(err, ERR_REFUSED,
                           "%s is not the file of data set '%s': its SHA-256 "
                           "is %s, expected %s",
                           local, set->name, sha256, f->sha256);
    }
    return 0;
}

static int stage_entry(struct lane_board *b, struct scope *scope,
                       const struct adapter_stage *entry,
                       const struct op_point *point, struct attempt_row *row,
                       struct err *err)
{
    const struct adapter *a = b->setup->board->adapter;
    const char *remote = NULL, *sha256 = NULL;
    unsigned long mode = entry->mode ? strtoul(entry->mode, NULL, 8) : 0644;
    struct buf local = { 0 };
    int rc = scope_stage_file(scope, a, entry, &local, err);

    if (!rc && buf_failed(&local))
        rc = err_set(err, ERR_NOMEM, "no memory for a path");
    if (!rc)
        rc =
            lane_stage_file(b, entry->name, buf_text(&local),
                            (unsigned)(mode & MODE_MAX), &remote, &sha256, err);
    if (!rc && entry->role == ADAPTER_MODEL)
        rc = lane_model_check(b->setup->experiment, point, buf_text(&local),
                              row, err);
    if (!rc && entry->role == ADAPTER_DATASET)
        rc = check_pinned(b, point, buf_text(&local), sha256, err);
    if (!rc)
        rc = scope_set(scope, entry->name, remote, err);
    if (!rc && entry->role == ADAPTER_MODEL && !row->model_digest.s[0])
        column_text_set(&row->model_digest, sha256);
    if (!rc && entry->role == ADAPTER_DATASET && !row->dataset_digest.s[0])
        column_text_set(&row->dataset_digest, sha256);
    buf_free(&local);
    return rc;
}

int lane_stage(struct lane_board *b, struct scope *scope,
               const struct op_point *point, struct attempt_row *row,
               struct err *err)
{
    const struct adapter *a = b->setup->board->adapter;
    int rc = 0;

    for (size_t i = 0; !rc && i < a->stage_len; i++)
        if (scope_allows(scope, a->stage[i].only_if))
            rc = stage_entry(b, scope, &a->stage[i], point, row, err);
    return rc;
}

int lane_stage_runner(struct lane_board *b, const char **ret_remote,
                      struct err *err)
{
    const char *remote = runner_on_board(b), *sha256;
    char local[FS_PATH_MAX], name[128];

    if (!remote) {
        snprintf(name, sizeof(name), "labrunner-%s", b->facts.arch);
        if (!fs_join(local, sizeof(local), b->setup->bin_dir, name) ||
            !fs_exists(local))
            return err_set(err, ERR_NOT_FOUND,
                           "there is no %s in %s for the board's meter", name,
                           b->setup->bin_dir);
        return lane_stage_file(b, "labrunner", local, 0755, ret_remote, &sha256,
                               err);
    }
    *ret_remote = remote;
    return 0;
}
