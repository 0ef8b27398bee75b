/* control.c - the control file, read and written */
#include "orchestrator/control.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/fs.h"
#include "core/json.h"

#define CONTROL_BYTES_MAX (16u << 20)

struct control_board *control_board(struct control *control, const char *name)
{
    struct control_board board = { .drained = false };

    for (size_t i = 0; i < control->boards.len; i++)
        if (!strcmp(control->boards.at[i].name, name))
            return &control->boards.at[i];
    snprintf(board.name, sizeof(board.name), "%s", name);
    if (!VEC_PUSH(&control->boards, board))
        return NULL;
    return &control->boards.at[control->boards.len - 1];
}

void control_free(struct control *control)
{
    VEC_FREE(&control->boards);
    control->paused = false;
}

static int read_board(const struct json *at, struct control *control,
                      struct err *err)
{
    static const char *const keys[] = { "drained", "released", NULL };
    struct json drained = json_get(at, "drained");
    struct json released = json_get(at, "released");
    struct control_board *board = control_board(control, json_key(at));
    int rc = json_check_keys(at, keys, err);

    if (!board)
        return err_set(err, ERR_NOMEM, "no memory for boards");
    if (!rc)
        rc = json_opt_bool(&drained, &board->drained, err);
    if (!rc)
        rc =
            json_opt_i64(&released, 0, INT64_C(1) << 53, &board->released, err);
    return rc;
}

static int read_root(const struct json *root, struct control *control,
                     struct err *err)
{
    static const char *const keys[] = { "paused", "boards", NULL };
    struct json paused = json_get(root, "paused");
    struct json boards = json_get(root, "boards");
    size_t i = 0;
    int rc = json_expect(root, JSON_OBJECT, err);

    if (!rc)
        rc = json_check_keys(root, keys, err);
    if (!rc)
        rc = json_opt_bool(&paused, &control->paused, err);
    for (struct json b = json_first(&boards); !rc && json_there(&b);
         b = json_next(&boards, &b, ++i))
        rc = read_board(&b, control, err);
    return rc;
}

int control_read(const char *dir, struct control *ret_control, struct err *err)
{
    struct control control = { .paused = false };
    char path[FS_PATH_MAX];
    struct buf text = { 0 };
    struct json_doc *doc = NULL;
    int rc;

    fs_join(path, sizeof(path), dir, CONTROL_NAME);
    rc = fs_read_file(path, CONTROL_BYTES_MAX, &text, err);
    if (rc == ERR_NOT_FOUND) {
        *ret_control = control;
        return 0;
    }
    if (!rc)
        rc = json_doc_parse(text.data, text.len, path, &doc, err);
    if (!rc) {
        struct json root = json_root(doc);

        rc = read_root(&root, &control, err);
    }
    json_doc_destroy(doc);
    buf_free(&text);
    if (rc)
        control_free(&control);
    else
        *ret_control = control;
    return rc;
}

int control_write(const char *dir, const struct control *control,
                  struct err *err)
{
    struct json_value *value = json_new_object(), *boards = json_new_object();
    char path[FS_PATH_MAX];
    struct buf text = { 0 };
    int rc;

    json_set_bool(value, "paused", control->paused);
    for (size_t i = 0; i < control->boards.len; i++) {
        const struct control_board *b = &control->boards.at[i];
        struct json_value *row = json_new_object();

        json_set_bool(row, "drained", b->drained);
        json_set_i64(row, "released", b->released);
        json_set(boards, b->name, row);
    }
    json_set(value, "boards", boards);
    rc = json_print(value, true, &text, err);
    fs_join(path, sizeof(path), dir, CONTROL_NAME);
    if (!rc)
        rc = fs_write_atomic(path, text.data, text.len, err);
    json_value_destroy(value);
    buf_free(&text);
    return rc;
}

uint64_t control_stamp(const char *dir)
{
    char path[FS_PATH_MAX];
    struct stat st;

    fs_join(path, sizeof(path), dir, CONTROL_NAME);
    if (stat(path, &st))
        return 0;
    return (uint64_t)st.st_ino * 1000003u +
           (uint64_t)st.st_mtim.tv_sec * 1000000000u +
           (uint64_t)st.st_mtim.tv_nsec + 1;
}
