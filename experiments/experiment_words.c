/* experiment_words.c - what an experiment names: axes, networks, data sets */
#include "experiments/experiment_parts.h"

#include <stdio.h>
#include <string.h>

#include "core/fs.h"
#include "core/text.h"
#include "core/vec.h"
#include "experiments/pool.h"

void *experiment_alloc_for(struct experiment *e, const struct json *at,
                           size_t size)
{
    return pool_alloc(e->pool, json_len(at), size);
}

/* A name as in a template or column: letters, digits, '_'. */
static bool good_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";

    return *name >= 'a' && *name <= 'z' && strlen(name) < 48 &&
           !name[strspn(name, letters)];
}

static int parse_axis(const struct json *at, const struct experiment *e,
                      struct axis *ret_axis, struct err *err)
{
    static const char *const keys[] = { "name", "type", "unit", "help", NULL };
    static const char *const types[] = { "text", "integer", "number", NULL };
    struct json name = json_get(at, "name"), type = json_get(at, "type");
    struct json unit = json_get(at, "unit"), help = json_get(at, "help");
    struct axis axis = { .unit = "", .help = "", .declared = true };
    size_t type_at = AXIS_TEXT;
    int rc = json_check_keys(at, keys, err);

    if (!rc)
        rc = json_string(&name, &axis.name, err);
    if (!rc && !good_name(axis.name))
        rc = json_fail(&name, err,
                       "found \"%.40s\", expected lower-case letters, digits "
                       "and '_', at most 47",
                       axis.name);
    for (size_t i = 0; !rc && axis_fixed(i); i++)
        if (!strcmp(axis_fixed(i)->name, axis.name))
            rc = json_fail(&name, err, "'%s' is an axis already", axis.name);
    if (!rc && axes_index(e->axes, e->axes_len, axis.name) < e->axes_len)
        rc = json_fail(&name, err, "axis '%s' is declared twice", axis.name);
    if (!rc)
        rc = json_opt_word(&type, types, &type_at, err);
    if (!rc)
        rc = json_opt_string(&unit, &axis.unit, err);
    if (!rc)
        rc = json_opt_string(&help, &axis.help, err);
    if (!rc && (strlen(axis.unit) > 63 || strlen(axis.help) > 255))
        rc = json_fail(at, err, "unit or help is too long");
    axis.type = (enum axis_type)type_at;
    if (!rc)
        *ret_axis = axis;
    return rc;
}

int experiment_read_axes(const struct json *at, struct experiment *e,
                         struct err *err)
{
    size_t i = 0, room = AXES_MAX - (AXIS_FIXED - AXIS_ID_board);
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    for (size_t k = 0; k < AXIS_ID_board; k++)
        e->axes[e->axes_len++] = *axis_fixed(k);
    for (struct json entry = json_first(at); !rc && json_there(&entry);
         entry = json_next(at, &entry, ++i)) {
        if (e->axes_len == room)
            return json_fail(&entry, err, "more than %d axes", AXES_MAX);
        rc = parse_axis(&entry, e, &e->axes[e->axes_len], err);
        if (!rc)
            e->axes_len++;
    }
    for (size_t k = AXIS_ID_board; k < AXIS_FIXED; k++)
        e->axes[e->axes_len++] = *axis_fixed(k);
    return rc;
}

/* ---- data sets */

static int parse_dataset_file(const struct json *at, const char *dir,
                              struct experiment *e, struct dataset_file *file,
                              struct err *err)
{
    static const char *const keys[] = { "file", "sha256", NULL };
    struct json path = json_get(at, "file"), sha = json_get(at, "sha256");
    char in_dir[FS_PATH_MAX], full[FS_PATH_MAX];
    const char *name = NULL;
    int rc = json_check_keys(at, keys, err);

    file->name = json_key(at);
    if (!rc)
        rc = json_string(&path, &name, err);
    if (!rc)
        rc = json_opt_string(&sha, &file->sha256, err);
    if (!rc && file->sha256 &&
        (strlen(file->sha256) != 64 ||
         file->sha256[strspn(file->sha256, "0123456789abcdef")]))
        rc = json_fail(&sha, err, "expected 64 lower-case hex digits");
    if (rc)
        return rc;
    if (!fs_join(in_dir, sizeof(in_dir), dir, name) ||
        !fs_join(full, sizeof(full), e->base_dir, in_dir))
        return json_fail(&path, err, "path is too long");
    file->path = pool_text(e->pool, full);
    return file->path ? 0 : err_set(err, ERR_NOMEM, "no memory for data sets");
}

static int parse_dataset(const struct json *at, struct experiment *e,
                         struct data_set *dataset, struct err *err)
{
    static const char *const keys[] = { "dir", "files", "help", NULL };
    struct json dir = json_get(at, "dir"), files = json_get(at, "files");
    struct json help = json_get(at, "help");
    const char *dir_text = "";
    struct dataset_file *file;
    size_t i = 0;
    int rc = json_check_keys(at, keys, err);

    dataset->name = json_key(at);
    dataset->help = "";
    if (!rc)
        rc = json_opt_string(&dir, &dir_text, err);
    if (!rc)
        rc = json_opt_string(&help, &dataset->help, err);
    if (!rc && json_there(&files))
        rc = json_expect(&files, JSON_OBJECT, err);
    file = experiment_alloc_for(e, &files, sizeof(*file));
    if (!rc && !file)
        rc = err_set(err, ERR_NOMEM, "no memory for data sets");
    dataset->files = file;
    for (struct json f = json_first(&files); !rc && json_there(&f);
         f = json_next(&files, &f, ++i))
        rc = parse_dataset_file(&f, dir_text, e, &file[i], err);
    dataset->files_len = i;
    return rc;
}

int experiment_read_datasets(const struct json *at, struct experiment *e,
                             struct err *err)
{
    struct data_set *datasets = experiment_alloc_for(e, at, sizeof(*datasets));
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_OBJECT, err) : 0;

    if (!rc && !datasets)
        rc = err_set(err, ERR_NOMEM, "no memory for data sets");
    for (struct json d = json_first(at); !rc && json_there(&d);
         d = json_next(at, &d, ++i))
        rc = parse_dataset(&d, e, &datasets[i], err);
    e->datasets = datasets;
    e->datasets_len = i;
    return rc;
}

/* ---- topologies */

static int parse_named(const struct json *at, struct texts *texts,
                       struct experiment *e, const struct topology **topology,
                       struct err *err)
{
    const char *name = NULL;
    const struct text *text;
    char path[FS_PATH_MAX];
    struct topology *made = NULL;
    struct buf inner = { 0 };
    int rc;

    if (json_kind(at) == JSON_NULL)
        return 0;
    if (json_kind(at) == JSON_OBJECT) {
        snprintf(path, sizeof(path), "%s: %s", e->file, at->path);
        rc = json_print_at(at, &inner, err);
        if (!rc)
            rc = topology_parse(buf_text(&inner), inner.len, path, &made, err);
        buf_free(&inner);
        *topology = made;
        return rc;
    }
    if (json_string(at, &name, err))
        return ERR_FORMAT;
    if (!fs_join(path, sizeof(path), e->base_dir, name))
        return json_fail(at, err, "path is too long");
    rc = texts_open(texts, "topology", name, path, &text, err);
    if (rc)
        err_prefix(err, "%s: %s", e->file, at->path);
    if (!rc)
        rc = topology_parse(text->text, text->len, name, &made, err);
    *topology = made;
    return rc;
}

int experiment_read_topologies(const struct json *at, struct texts *texts,
                               struct experiment *e, struct err *err)
{
    struct named_topology *list = experiment_alloc_for(e, at, sizeof(*list));
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_OBJECT, err) : 0;

    if (!rc && !list)
        rc = err_set(err, ERR_NOMEM, "no memory for topologies");
    e->topologies = list;
    for (struct json t = json_first(at); !rc && json_there(&t);
         t = json_next(at, &t, ++i)) {
        list[i].name = json_key(&t);
        e->topologies_len = i + 1;
        rc = parse_named(&t, texts, e, &list[i].topology, err);
    }
    return rc;
}
