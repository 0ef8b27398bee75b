/* golden.c - files of a case into the engine, its answers out */
#include "tests/unit/golden/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "inventory/scope.h"
#include "workers/collect/clean.h"

#define OUTPUTS_MAX 16

struct outputs {
    void (*spoil)(const char *text, struct buf *out);
    struct buf clean[OUTPUTS_MAX][2];
    struct collect_output at[OUTPUTS_MAX];
    size_t len;
};

struct adapter *golden_adapter(const char *path)
{
    struct adapter *adapter = NULL;
    struct buf text = { 0 };
    struct err err = { 0 };

    if (fs_read_file(path, 1 << 20, &text, &err) ||
        adapter_parse(buf_text(&text), text.len, path, "/", &adapter, &err))
        fail_msg("%s", err.text);
    buf_free(&text);
    return adapter;
}

static const char *string_at(const struct golden *g, const struct json *at,
                             const char *key, bool must)
{
    struct json member = json_get(at, key);
    const char *text = NULL;

    if ((must || json_there(&member)) && json_string(&member, &text, NULL))
        fail_msg("%s: '%s' is no text", g->what, key);
    return text;
}

/* ---- files */

static void replace_once(const struct golden *g, struct buf *text,
                         const char *from, const char *to, bool *done)
{
    const char *all = buf_text(text), *at = strstr(all, from);
    struct buf changed = { 0 };

    if (!at)
        return;
    *done = true;
    buf_put(&changed, all, (size_t)(at - all));
    buf_put(&changed, to, strlen(to));
    buf_put(&changed, at + strlen(from), strlen(at + strlen(from)));
    if (buf_failed(&changed))
        fail_msg("%s: no memory", g->what);
    buf_free(text);
    *text = changed;
}

static void replace_all(const struct golden *g, const struct json *list,
                        struct buf texts[2])
{
    size_t i = 0;

    for (struct json e = json_first(list); json_there(&e);
         e = json_next(list, &e, ++i)) {
        struct json from = json_first(&e), to = json_next(&e, &from, 1);
        const char *old = "", *new = "";
        bool done = false;

        if (json_string(&from, &old, NULL) || json_string(&to, &new, NULL))
            fail_msg("%s: 'replace' is no list of pairs", g->what);
        for (int s = 0; s < 2; s++)
            replace_once(g, &texts[s], old, new, &done);
        if (!done)
            fail_msg("%s: there is no '%s' to replace", g->what, old);
    }
}

static void add_output(const struct golden *g, const char *dir,
                       const struct json *at, const struct json *replace,
                       const char *job, struct outputs *o)
{
    static const char *const keys[] = { "stdout", "stderr" };
    struct collect_output *out = &o->at[o->len];
    struct buf raw[2] = { 0 };
    char path[FS_PATH_MAX];

    if (o->len == OUTPUTS_MAX)
        fail_msg("%s: too many outputs", g->what);
    for (int s = 0; s < 2; s++) {
        const char *file = string_at(g, at, keys[s], false);
        struct err err = { 0 };

        if (file && (!fs_join(path, sizeof(path), dir, file) ||
                     fs_read_file(path, 1 << 20, &raw[s], &err)))
            fail_msg("%s: %s", g->what, err.text);
    }
    replace_all(g, replace, raw);
    for (int s = 0; o->spoil && s < 2; s++) {
        struct buf spoilt = { 0 };

        o->spoil(buf_text(&raw[s]), &spoilt);
        buf_free(&raw[s]);
        raw[s] = spoilt;
    }
    out->job = job;
    for (int s = 0; s < 2; s++) {
        collect_clean(&o->clean[o->len][s], raw[s].data, raw[s].len);
        out->text[s] = buf_text(&o->clean[o->len][s]);
        out->len[s] = o->clean[o->len][s].len;
        buf_free(&raw[s]);
    }
    o->len++;
}

static void read_outputs(const struct golden *g, const char *dir,
                         const struct json *at, const char *only,
                         struct outputs *o)
{
    struct json list = json_get(at, "outputs");
    struct json replace = json_get(at, "replace");
    size_t i = 0;

    if (!json_there(&list)) {
        add_output(g, dir, at, &replace, only, o);
        return;
    }
    for (struct json e = json_first(&list); json_there(&e);
         e = json_next(&list, &e, ++i)) {
        struct json own = json_get(&e, "replace");

        add_output(g, dir, &e, &own, string_at(g, &e, "job", true), o);
    }
}

/* ---- the engine, in the lane's order */

static void read_names(const struct golden *g, const struct json *at,
                       struct scope *scope)
{
    struct json set = json_get(at, "set");
    size_t i = 0;

    for (struct json e = json_first(&set); json_there(&e);
         e = json_next(&set, &e, ++i)) {
        double value = 0;

        if (json_f64(&e, &value, NULL))
            fail_msg("%s: '%s' is no number", g->what, json_key(&e));
        scope_set_number(scope, json_key(&e), value, NULL);
    }
}

static void run_engine(struct golden *g, struct collector *collector,
                       enum collect_part part, const struct outputs *o,
                       const struct scope *scope)
{
    static const char *const names[] = { "lat_comp", "lat_sys" };
    struct template_names known = scope_names(scope);

    if (part == COLLECT_MEASURED)
        g->rc = collector_valid(collector, o->at, o->len, &g->err);
    if (!g->rc)
        g->rc = collector_read(collector, part, o->at, o->len, &known, &g->row,
                               &g->err);
    for (int k = 0; !g->rc && part == COLLECT_MEASURED && k < 2; k++)
        g->rc = collector_samples(collector, names[k], o->at, o->len,
                                  &g->samples[k], &g->samples_len[k], &g->err);
}

void golden_read(const char *dir, const struct json *at,
                 void (*spoil)(const char *text, struct buf *out),
                 struct golden *g)
{
    enum collect_part part = COLLECT_MEASURED;
    struct collector *collector = NULL;
    struct scope *scope = scope_create();
    struct outputs outputs = { .spoil = spoil };
    struct adapter *adapter;
    char path[FS_PATH_MAX];
    const char *name;

    *g = (struct golden){ 0 };
    snprintf(g->what, sizeof(g->what), "%s", dir);
    name = string_at(g, at, "name", true);
    snprintf(g->what, sizeof(g->what), "%.120s: %.120s", dir, name);
    snprintf(path, sizeof(path), "inventory/adapters/%s.json",
             string_at(g, at, "adapter", true));
    columns_clear(&columns_attempts, &g->row);
    adapter = golden_adapter(path);
    name = string_at(g, at, "part", false);
    if (name && !strcmp(name, "accuracy"))
        part = COLLECT_ACCURACY;
    read_outputs(g, dir, at,
                 part == COLLECT_ACCURACY ? adapter->accuracy.job.name
                                          : adapter->jobs[0].name,
                 &outputs);
    read_names(g, at, scope);
    if (collector_create(adapter, &collector, &g->err))
        fail_msg("%s: %s", g->what, g->err.text);
    run_engine(g, collector, part, &outputs, scope);
    collector_destroy(collector);
    adapter_destroy(adapter);
    scope_destroy(scope);
    for (size_t i = 0; i < outputs.len; i++)
        for (int s = 0; s < 2; s++)
            buf_free(&outputs.clean[i][s]);
}

bool golden_probe(const char *dir, const struct json *at, struct golden *g,
                  char *text, size_t size)
{
    struct outputs outputs = { .spoil = NULL };
    const char *part = string_at(g, at, "part", false);
    const struct adapter_probe *probe;
    struct adapter *adapter;
    char path[FS_PATH_MAX];

    if (!part || !strcmp(part, "accuracy"))
        return false;
    *g = (struct golden){ 0 };
    snprintf(g->what, sizeof(g->what), "%.120s: %.120s", dir,
             string_at(g, at, "name", true));
    snprintf(path, sizeof(path), "inventory/adapters/%s.json",
             string_at(g, at, "adapter", true));
    adapter = golden_adapter(path);
    probe = !strcmp(part, "op_mode") ? &adapter->op_mode.read
                                     : &adapter->tool_version;
    read_outputs(g, dir, at, part, &outputs);
    g->rc = collect_first(probe->pattern, outputs.at[0].text[0],
                          outputs.at[0].len[0], text, size, &g->err);
    adapter_destroy(adapter);
    for (int s = 0; s < 2; s++)
        buf_free(&outputs.clean[0][s]);
    return true;
}

void golden_free(struct golden *g)
{
    free(g->samples[0]);
    free(g->samples[1]);
}
