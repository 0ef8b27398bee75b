/* texts.c - a list of texts, filled from files or from one JSON object */
#include "experiments/texts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/vec.h"
#include "experiments/pool.h"

struct texts {
    VEC(struct text *) kept;
    struct pool *pool;
    bool frozen; /* came from JSON: no file is read */
};

struct texts *texts_create(void)
{
    struct texts *texts = calloc(1, sizeof(*texts));

    if (texts)
        texts->pool = pool_create();
    if (texts && texts->pool)
        return texts;
    free(texts);
    return NULL;
}

void texts_destroy(struct texts *texts)
{
    if (!texts)
        return;
    VEC_FREE(&texts->kept);
    pool_destroy(texts->pool);
    free(texts);
}

const struct text *texts_at(const struct texts *texts, size_t i)
{
    return i < texts->kept.len ? texts->kept.at[i] : NULL;
}

const struct text *texts_find(const struct texts *texts, const char *role,
                              const char *name)
{
    for (size_t i = 0; i < texts->kept.len; i++) {
        const struct text *text = texts->kept.at[i];

        if (!strcmp(text->role, role) && (!name || !strcmp(text->name, name)))
            return text;
    }
    return NULL;
}

int texts_add(struct texts *texts, const char *role, const char *name,
              const char *base_dir, const char *text, size_t len,
              struct err *err)
{
    struct text *kept = pool_alloc(texts->pool, 1, sizeof(*kept));

    if (kept) {
        kept->role = pool_text(texts->pool, role);
        kept->name = pool_text(texts->pool, name);
        kept->base_dir = pool_text(texts->pool, base_dir);
        kept->text = pool_text_len(texts->pool, text, len);
        kept->len = len;
    }
    if (!kept || !kept->role || !kept->name || !kept->base_dir || !kept->text ||
        !VEC_PUSH(&texts->kept, kept))
        return err_set(err, ERR_NOMEM, "no memory for '%s'", name);
    return 0;
}

/* The absolute folder of 'path', or as it is if it cannot be resolved. */
static void base_dir_of(const char *path, char dir[FS_PATH_MAX])
{
    char *real;

    fs_dirname(path, dir, FS_PATH_MAX);
    real = realpath(dir, NULL);
    if (real && strlen(real) < FS_PATH_MAX)
        memcpy(dir, real, strlen(real) + 1);
    free(real);
}

int texts_open(struct texts *texts, const char *role, const char *name,
               const char *path, const struct text **ret_text, struct err *err)
{
    const struct text *kept = texts_find(texts, role, name);
    struct buf content = { 0 };
    char dir[FS_PATH_MAX];
    int rc = 0;

    if (!kept && texts->frozen)
        return err_set(err, ERR_NOT_FOUND, "no %s '%s' was kept", role, name);
    if (!kept) {
        rc = fs_read_file(path, TEXTS_FILE_MAX, &content, err);
        if (!rc) {
            base_dir_of(path, dir);
            rc = texts_add(texts, role, name, dir, buf_text(&content),
                           content.len, err);
        }
        kept = rc ? NULL : texts_find(texts, role, name);
    }
    if (kept)
        *ret_text = kept;
    buf_free(&content);
    return rc;
}

struct json_value *texts_to_json(const struct texts *texts)
{
    struct json_value *list = json_new_array();

    for (size_t i = 0; list && i < texts->kept.len; i++) {
        const struct text *text = texts->kept.at[i];
        struct json_value *entry = json_new_object();

        json_set_string(entry, "role", text->role);
        json_set_string(entry, "name", text->name);
        json_set_string(entry, "base_dir", text->base_dir);
        json_set_string(entry, "text", text->text);
        json_push(list, entry);
    }
    return list;
}

static int entry_from_json(const struct json *at, struct texts *texts,
                           struct err *err)
{
    static const char *const keys[] = { "role", "name", "base_dir", "text",
                                        NULL };
    const char *words[4] = { "", "", "", "" };
    int rc = json_check_keys(at, keys, err);

    for (size_t i = 0; !rc && i < 4; i++) {
        struct json member = json_get(at, keys[i]);

        rc = json_string(&member, &words[i], err);
    }
    if (!rc)
        rc = texts_add(texts, words[0], words[1], words[2], words[3],
                       strlen(words[3]), err);
    return rc;
}

int texts_from_json(const struct json *at, struct texts **ret_texts,
                    struct err *err)
{
    struct texts *texts = texts_create();
    size_t i = 0;
    int rc;

    if (!texts)
        return err_set(err, ERR_NOMEM, "no memory for the kept texts");
    rc = json_expect(at, JSON_ARRAY, err);
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i))
        rc = entry_from_json(&e, texts, err);
    texts->frozen = true;
    if (rc)
        texts_destroy(texts);
    else
        *ret_texts = texts;
    return rc;
}
