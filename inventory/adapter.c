/* adapter.c - an adapter file parsed; its maps asked */
#include "inventory/adapter.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "experiments/pool.h"
#include "inventory/adapter_parts.h"
#include "inventory/read.h"

#define JOBS_MAX 64

static const char *const role_words[] = { "runner", "model", "dataset",
                                          "other" };

const char *adapter_role_word(enum adapter_role role)
{
    return role_words[role];
}

static int parse_serve(const struct json *at, struct adapter *adapter,
                       struct err *err)
{
    static const char *const keys[] = { "run", NULL };
    struct json run = json_get(at, "run");
    int rc;

    if (!json_there(at))
        return 0;
    rc = json_check_keys(at, keys, err);
    if (!rc)
        rc = json_expect(&run, JSON_STRING, err);
    return rc ? rc : adapter_read_template(&run, &adapter->serve, err);
}

static int parse_jobs(const struct json *at, struct adapter *adapter,
                      struct err *err)
{
    struct adapter_job *jobs =
        read_alloc(at, adapter->pool, sizeof(*jobs), err);
    size_t i = 0;
    int rc = json_expect(at, JSON_ARRAY, err);

    if (!jobs)
        return ERR_NOMEM;
    if (!rc && (!json_len(at) || json_len(at) > JOBS_MAX))
        rc = json_fail(at, err, "found %zu jobs, expected 1 to %d",
                       json_len(at), JOBS_MAX);
    for (struct json j = json_first(at); !rc && json_there(&j);
         j = json_next(at, &j, ++i)) {
        rc = adapter_read_job(&j, NULL, adapter, &jobs[i], err);
        for (size_t k = 0; !rc && k < i; k++)
            if (!strcmp(jobs[k].name, jobs[i].name))
                rc = json_fail(&j, err, "there is a job '%s' already",
                               jobs[k].name);
    }
    adapter->jobs = jobs;
    adapter->jobs_len = i;
    return rc;
}

static int parse_root(const struct json *root, struct adapter *adapter,
                      struct err *err)
{
    static const char *const keys[] = {
        "adapter", "help",   "source",  "tool_version", "values",
        "stage",   "build",  "op_mode", "serve",        "jobs",
        "collect", "derive", "valid",   "samples",      "accuracy",
        "facts",   "load",   "program", "$schema",      "declared_accuracy",
        NULL
    };
    struct json name = json_get(root, "adapter"), help = json_get(root, "help");
    struct json source = json_get(root, "source");
    struct json version = json_get(root, "tool_version");
    struct json serve = json_get(root, "serve"), jobs = json_get(root, "jobs");
    int rc = json_check_keys(root, keys, err);

    adapter->help = adapter->source = "";
    if (!rc)
        rc = json_string(&name, &adapter->name, err);
    if (!rc && !*adapter->name)
        rc = json_fail(&name, err, "expected a name");
    if (!rc)
        rc = json_opt_string(&help, &adapter->help, err);
    if (!rc)
        rc = json_opt_string(&source, &adapter->source, err);
    if (!rc)
        rc = adapter_read_probe(&version, false, &adapter->tool_version, err);
    if (!rc)
        rc = adapter_read_before(root, adapter, err);
    if (!rc)
        rc = parse_serve(&serve, adapter, err);
    if (!rc)
        rc = parse_jobs(&jobs, adapter, err);
    return rc ? rc : adapter_read_after(root, adapter, err);
}

int adapter_parse(const char *text, size_t len, const char *file,
                  const char *base_dir, struct adapter **ret_adapter,
                  struct err *err)
{
    struct adapter *a = calloc(1, sizeof(*a));
    char hex[HASH_HEX];
    int rc = 0;

    if (a)
        a->pool = pool_create();
    if (!a || !a->pool) {
        free(a);
        return err_set(err, ERR_NOMEM, "no memory for adapter '%s'", file);
    }
    hash_bytes(text, len, hex);
    a->file = pool_text(a->pool, file);
    a->base_dir = pool_text(a->pool, base_dir);
    a->digest = pool_text(a->pool, hex);
    if (!a->file || !a->base_dir || !a->digest)
        rc = err_set(err, ERR_NOMEM, "no memory for adapter '%s'", file);
    if (!rc)
        rc = json_doc_parse(text, len, file, &a->doc, err);
    if (!rc) {
        struct json root = json_root(a->doc);

        rc = parse_root(&root, a, err);
    }
    if (rc)
        adapter_destroy(a);
    else
        *ret_adapter = a;
    return rc;
}

void adapter_destroy(struct adapter *adapter)
{
    if (!adapter)
        return;
    json_doc_destroy(adapter->doc);
    pool_destroy(adapter->pool);
    free(adapter);
}

const struct adapter_value_map *adapter_map(const struct adapter *adapter,
                                            const char *axis)
{
    for (size_t i = 0; i < adapter->maps_len; i++)
        if (!strcmp(adapter->maps[i].axis, axis))
            return &adapter->maps[i];
    return NULL;
}

const struct adapter_value *adapter_value(const struct adapter_value_map *map,
                                          const char *value)
{
    for (size_t i = 0; i < map->values_len; i++)
        if (!strcmp(map->values[i].value, value))
            return &map->values[i];
    return NULL;
}

bool adapter_supports(const struct adapter *adapter, const struct axis *axes,
                      size_t len, const struct op_point *point,
                      struct buf *reason)
{
    struct buf text = { 0 };
    bool supported = true;

    for (size_t i = 0; supported && i < adapter->maps_len; i++) {
        const struct adapter_value_map *map = &adapter->maps[i];
        size_t at = axes_index(axes, len, map->axis);

        buf_clear(&text);
        if (at < len)
            axis_put_value(&axes[at], &point->at[at], &text);
        supported = text.len && adapter_value(map, buf_text(&text));
        if (supported || !reason)
            continue;
        if (text.len)
            buf_printf(reason, "adapter %s cannot run %s %s", adapter->name,
                       map->axis, buf_text(&text));
        else
            buf_printf(reason, "adapter %s needs the axis %s", adapter->name,
                       map->axis);
    }
    buf_free(&text);
    return supported;
}

const struct adapter_job *adapter_job(const struct adapter *adapter,
                                      const char *name)
{
    for (size_t i = 0; i < adapter->jobs_len; i++)
        if (!strcmp(adapter->jobs[i].name, name))
            return &adapter->jobs[i];
    return NULL;
}
