/* view_file.c - a view as DIR/progress.json, and back */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/json.h"
#include "orchestrator/view.h"

#define VIEW_BYTES_MAX (64u << 20)
#define VIEW_SCHEMA    "labsweep-progress/1"

/* The counts of a view, by the names they have in the file. */
static const struct {
    const char *name;
    size_t offset;
} counts[] = {
    { "cells", offsetof(struct sched_counts, cells) },
    { "planned", offsetof(struct sched_counts, planned) },
    { "running", offsetof(struct sched_counts, running) },
    { "ok", offsetof(struct sched_counts, ok) },
    { "failed", offsetof(struct sched_counts, failed) },
    { "na", offsetof(struct sched_counts, na) },
    { "left_out", offsetof(struct sched_counts, left_out) },
    { "retries", offsetof(struct sched_counts, retries) },
    { "boards_open", offsetof(struct sched_counts, boards_open) },
    { "boards_quarantined", offsetof(struct sched_counts, boards_quarantined) },
    { "boards_given_up", offsetof(struct sched_counts, boards_given_up) },
    { "boards_held", offsetof(struct sched_counts, boards_held) },
};

static size_t *count_of(const struct sched_counts *c, size_t i)
{
    return (size_t *)((char *)c + counts[i].offset);
}

static struct json_value *board_to_json(const struct view_board *board)
{
    struct json_value *row = json_new_object();

    json_set_string(row, "board", board->name);
    json_set_string(row, "state", board->state);
    json_set_string(row, "hold", board->hold);
    json_set_i64(row, "ok", (int64_t)board->ok);
    json_set_i64(row, "failed", (int64_t)board->failed);
    if (*board->cell) {
        json_set_string(row, "runs", board->cell);
        json_set_f64(row, "since_s", board->since_s);
    }
    if (*board->reason)
        json_set_string(row, "reason", board->reason);
    return row;
}

/* A rename makes it whole for readers; nobody needs it after a crash. */
static int replace(const char *dir, const struct buf *text, struct err *err)
{
    char path[FS_PATH_MAX], part[FS_PATH_MAX];
    FILE *file;
    bool ok;

    if (!fs_join(path, sizeof(path), dir, VIEW_NAME) ||
        !fs_join(part, sizeof(part), dir, VIEW_NAME ".part"))
        return err_set(err, ERR_IO, "path of the campaign is too long");
    file = fopen(part, "we");
    ok = file && fwrite(text->data, 1, text->len, file) == text->len;
    if (file && fclose(file))
        ok = false;
    if (!ok || rename(part, path))
        return err_set_errno(err, ERR_IO, "cannot write '%s'", path);
    return 0;
}

int view_write(const char *dir, const struct view *view, struct err *err)
{
    struct json_value *value = json_new_object(), *boards = json_new_array();
    struct buf text = { 0 };
    char utc[32];
    int rc;

    json_set_string(value, "schema", VIEW_SCHEMA);
    json_set_string(value, "time", clock_format_utc(clock_unix_ns(), utc));
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        json_set_i64(value, counts[i].name,
                     (int64_t)*count_of(&view->counts, i));
    json_set_bool(value, "paused", view->counts.paused);
    json_set_f64(value, "spent_s", view->spent_s);
    json_set_f64(value, "left_s", view->counts.remaining_s);
    json_set_f64(value, "left_error_s", view->counts.remaining_err_s);
    for (size_t i = 0; i < view->boards.len; i++)
        json_push(boards, board_to_json(&view->boards.at[i]));
    json_set(value, "boards", boards);
    rc = json_print(value, false, &text, err);
    if (!rc)
        rc = replace(dir, &text, err);
    json_value_destroy(value);
    buf_free(&text);
    return rc;
}

static int copy_text(const struct json *at, const char *key, char *to,
                     size_t size, struct err *err)
{
    struct json member = json_get(at, key);
    const char *text = "";
    int rc = json_opt_string(&member, &text, err);

    snprintf(to, size, "%s", text);
    return rc;
}

static int read_count(const struct json *at, const char *key, size_t *ret,
                      struct err *err)
{
    struct json member = json_get(at, key);
    int64_t value = 0;
    int rc = json_opt_i64(&member, 0, INT64_C(1) << 53, &value, err);

    *ret = (size_t)value;
    return rc;
}

/* A number, or null: NaN. */
static int read_f64(const struct json *at, const char *key, double *ret,
                    struct err *err)
{
    struct json member = json_get(at, key);

    *ret = (double)NAN;
    if (json_kind(&member) == JSON_NULL)
        return 0;
    return json_opt_f64(&member, ret, err);
}

static int read_board(const struct json *at, struct view *view, struct err *err)
{
    struct view_board b = { .since_s = 0 };
    int rc = copy_text(at, "board", b.name, sizeof(b.name), err);

    if (!rc)
        rc = copy_text(at, "state", b.state, sizeof(b.state), err);
    if (!rc)
        rc = copy_text(at, "hold", b.hold, sizeof(b.hold), err);
    if (!rc)
        rc = copy_text(at, "runs", b.cell, sizeof(b.cell), err);
    if (!rc)
        rc = copy_text(at, "reason", b.reason, sizeof(b.reason), err);
    if (!rc)
        rc = read_f64(at, "since_s", &b.since_s, err);
    if (!rc)
        rc = read_count(at, "ok", &b.ok, err);
    if (!rc)
        rc = read_count(at, "failed", &b.failed, err);
    if (!rc && !VEC_PUSH(&view->boards, b))
        rc = err_set(err, ERR_NOMEM, "no memory for boards");
    return rc;
}

static int read_root(const struct json *root, struct view *view,
                     struct err *err)
{
    struct json paused = json_get(root, "paused");
    struct json boards = json_get(root, "boards");
    size_t k = 0;
    int rc = json_opt_bool(&paused, &view->counts.paused, err);

    for (size_t i = 0; !rc && i < ARRAY_LEN(counts); i++)
        rc = read_count(root, counts[i].name, count_of(&view->counts, i), err);
    if (!rc)
        rc = read_f64(root, "spent_s", &view->spent_s, err);
    if (!rc)
        rc = read_f64(root, "left_s", &view->counts.remaining_s, err);
    if (!rc)
        rc = read_f64(root, "left_error_s", &view->counts.remaining_err_s, err);
    for (struct json b = json_first(&boards); !rc && json_there(&b);
         b = json_next(&boards, &b, ++k))
        rc = read_board(&b, view, err);
    return rc;
}

int view_read(const char *dir, struct view *ret_view, struct err *err)
{
    struct view view = { .spent_s = 0 };
    char path[FS_PATH_MAX];
    struct buf text = { 0 };
    struct json_doc *doc = NULL;
    int rc;

    fs_join(path, sizeof(path), dir, VIEW_NAME);
    rc = fs_read_file(path, VIEW_BYTES_MAX, &text, err);
    if (!rc)
        rc = json_doc_parse(text.data, text.len, path, &doc, err);
    if (!rc) {
        struct json root = json_root(doc);

        rc = read_root(&root, &view, err);
    }
    json_doc_destroy(doc);
    buf_free(&text);
    if (rc)
        view_free(&view);
    else
        *ret_view = view;
    return rc;
}
