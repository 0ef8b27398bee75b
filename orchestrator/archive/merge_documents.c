/* merge_documents.c - names joined, and those that mean two things */
#include "orchestrator/archive/merge_documents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"
#include "orchestrator/archive/cell_rows.h"
#include "orchestrator/sched/plan.h"
#include "orchestrator/sched/plan_merge.h"

struct named {
    char *name;    /* "platform 'TX2'" */
    char *content; /* canonical */
    size_t from;
    bool said; /* a conflict, named once */
};

struct merge_names {
    VEC(struct named) list;
};

struct merge_names *merge_names_create(void)
{
    return calloc(1, sizeof(struct merge_names));
}

void merge_names_destroy(struct merge_names *names)
{
    if (!names)
        return;
    for (size_t i = 0; i < names->list.len; i++) {
        free(names->list.at[i].name);
        free(names->list.at[i].content);
    }
    VEC_FREE(&names->list);
    free(names);
}

/* What the walk over the parts carries. */
struct joining {
    const struct merge_part *parts;
    size_t part;
    struct merge_names *names;
    struct buf *conflicts;
};

static void conflict_say(struct joining *j, struct named *held)
{
    if (held->said)
        return;
    held->said = true;
    buf_printf(j->conflicts, "%s is not the same in '%s' and '%s'\n",
               held->name, campaign_dir(j->parts[held->from].campaign),
               campaign_dir(j->parts[j->part].campaign));
}

/* Take a name in; sets 'ret_new' (may be NULL) if it was not there. */
static int name_take(struct joining *j, const char *name, const char *content,
                     bool *ret_new, struct err *err)
{
    struct named named = { .from = j->part };

    if (ret_new)
        *ret_new = false;
    for (size_t i = 0; i < j->names->list.len; i++) {
        struct named *held = &j->names->list.at[i];

        if (strcmp(held->name, name) != 0)
            continue;
        if (held->from != j->part && strcmp(held->content, content) != 0)
            conflict_say(j, held);
        return 0;
    }
    named.name = strdup(name);
    named.content = strdup(content);
    if (!named.name || !named.content || !VEC_PUSH(&j->names->list, named)) {
        free(named.name);
        free(named.content);
        return err_set(err, ERR_NOMEM, "no memory to merge");
    }
    if (ret_new)
        *ret_new = true;
    return 0;
}

/* The canonical text without what is only said of it. */
static int content_print(const struct json *at, struct buf *out,
                         struct err *err)
{
    struct json_value *copy;
    size_t i = 0;
    int rc;

    if (json_kind(at) != JSON_OBJECT)
        return json_print_at(at, out, err);
    copy = json_new_object();
    for (struct json e = json_first(at); json_there(&e);
         e = json_next(at, &e, ++i))
        if (strcmp(json_key(&e), "help") != 0 &&
            strcmp(json_key(&e), "aliases") != 0)
            json_set(copy, json_key(&e), json_copy(&e));
    rc = json_print(copy, false, out, err);
    json_value_destroy(copy);
    return rc;
}

/* Join one named thing into 'into', an object or an array. */
static int thing_join(struct joining *j, const char *what, const char *name,
                      const struct json *at, struct json_value *into,
                      bool is_list, struct err *err)
{
    struct buf text = { 0 };
    char full[512];
    bool is_new = false;
    int rc = content_print(at, &text, err);

    snprintf(full, sizeof(full), "%s '%.400s'", what, name);
    if (!rc)
        rc = name_take(j, full, buf_text(&text), &is_new, err);
    if (!rc && is_new && is_list)
        json_push(into, json_copy(at));
    else if (!rc && is_new)
        json_set(into, name, json_copy(at));
    buf_free(&text);
    return rc;
}

/* All members of an object, or all elements with a "name". */
static int things_join(struct joining *j, const char *what,
                       const struct json *all, struct json_value *into,
                       struct err *err)
{
    bool is_list = json_kind(all) == JSON_ARRAY;
    size_t i = 0;
    int rc = 0;

    for (struct json e = json_first(all); !rc && json_there(&e);
         e = json_next(all, &e, ++i)) {
        struct json name_at = json_get(&e, "name");
        const char *name = is_list ? "" : json_key(&e);

        if (is_list)
            rc = json_string(&name_at, &name, err);
        if (!rc)
            rc = thing_join(j, what, name, &e, into, is_list, err);
    }
    return rc;
}

static int member_join(struct joining *j, const char *role, const char *key,
                       const char *what, struct json_value *into,
                       struct err *err)
{
    const struct text *text =
        texts_find(j->parts[j->part].documents.texts, role, NULL);
    struct json_doc *doc;
    struct json root, all;
    int rc;

    if (!text)
        return 0;
    rc = json_doc_parse(text->text, text->len, text->name, &doc, err);
    if (rc)
        return rc;
    root = json_root(doc);
    all = json_get(&root, key);
    rc = things_join(j, what, &all, into, err);
    json_doc_destroy(doc);
    return rc;
}

/* Adapters and topologies in files of their own. */
static int texts_join(struct joining *j, struct texts *into, struct err *err)
{
    const struct texts *from = j->parts[j->part].documents.texts;
    const struct text *text;
    char name[512];
    int rc = 0;

    for (size_t i = 0; !rc && (text = texts_at(from, i)); i++) {
        bool is_new = false;

        if (strcmp(text->role, "adapter") != 0 &&
            strcmp(text->role, "topology") != 0)
            continue;
        snprintf(name, sizeof(name), "%s '%.400s'", text->role, text->name);
        rc = name_take(j, name, text->text, &is_new, err);
        if (!rc && is_new)
            rc = texts_add(into, text->role, text->name, "/", text->text,
                           text->len, err);
    }
    return rc;
}

/* "A; B", each once. */
static void words_join(struct buf *out, const char *word)
{
    if (*word && !strstr(buf_text(out), word))
        buf_printf(out, "%s%s", out->len ? "; " : "", word);
}

static void head_set(const struct merge_part *parts, size_t len,
                     struct json_value *experiment,
                     struct json_value *inventory)
{
    struct json_value *authors = json_new_array();
    struct buf title = { 0 }, lab = { 0 }, licence = { 0 }, known = { 0 };

    for (size_t i = 0; i < len; i++) {
        const struct experiment *e = parts[i].documents.experiment;

        words_join(&title, *e->title ? e->title : e->name);
        words_join(&lab, *e->lab ? e->lab : parts[i].documents.inventory->lab);
        words_join(&licence, e->licence);
        for (size_t k = 0; k < e->authors_len; k++)
            if (!strstr(buf_text(&known), e->authors[k])) {
                words_join(&known, e->authors[k]);
                json_push_string(authors, e->authors[k]);
            }
    }
    json_set_string(experiment, "experiment", "merged");
    json_set_string(experiment, "title", buf_text(&title));
    json_set_string(experiment, "licence", buf_text(&licence));
    json_set(experiment, "authors", authors);
    json_set_string(inventory, "lab", buf_text(&lab));
    buf_free(&title);
    buf_free(&lab);
    buf_free(&licence);
    buf_free(&known);
}

static int text_keep(struct texts *texts, const char *role,
                     const struct json_value *value, struct err *err)
{
    struct buf text = { 0 };
    char name[32];
    int rc = json_print(value, true, &text, err);

    snprintf(name, sizeof(name), "merged-%s.json", role);
    if (!rc)
        rc = texts_add(texts, role, name, "/", buf_text(&text), text.len, err);
    buf_free(&text);
    return rc;
}

/* Everything of each part into the objects that will be the documents. */
static int parts_join(struct joining *j, size_t len,
                      struct json_value *const into[4], struct texts *texts,
                      struct err *err)
{
    static const struct {
        const char *role, *key, *what;
    } members[4] = { { "experiment", "topologies", "topology" },
                     { "experiment", "datasets", "data set" },
                     { "inventory", "platforms", "platform" },
                     { "inventory", "boards", "board" } };
    int rc = 0;

    for (j->part = 0; !rc && j->part < len; j->part++) {
        for (size_t k = 0; !rc && k < ARRAY_LEN(members); k++)
            rc = member_join(j, members[k].role, members[k].key,
                             members[k].what, into[k], err);
        if (!rc)
            rc = texts_join(j, texts, err);
    }
    return rc;
}

int merge_documents(const struct merge_part *parts, size_t len,
                    struct merge_names *names, struct buf *conflicts,
                    struct buf *out, struct err *err)
{
    struct joining j = { parts, 0, names, conflicts };
    struct json_value *experiment = json_new_object();
    struct json_value *inventory = json_new_object();
    struct json_value *const into[] = { json_new_object(), json_new_object(),
                                        json_new_object(), json_new_array() };
    struct documents documents = { .texts = texts_create() };
    int rc = documents.texts ? parts_join(&j, len, into, documents.texts, err)
                             : err_set(err, ERR_NOMEM, "no memory to merge");

    head_set(parts, len, experiment, inventory);
    json_set(experiment, "topologies", into[0]);
    json_set(experiment, "datasets", into[1]);
    json_set(inventory, "platforms", into[2]);
    json_set(inventory, "boards", into[3]);
    if (!rc)
        rc = text_keep(documents.texts, "experiment", experiment, err);
    if (!rc)
        rc = text_keep(documents.texts, "inventory", inventory, err);
    if (!rc)
        rc = documents_to_json(&documents, out, err);
    json_value_destroy(experiment);
    json_value_destroy(inventory);
    documents_close(&documents);
    return rc;
}

/* ---- digests */

static int digests_of(struct joining *j, size_t cell,
                      const struct attempt_row *row, struct err *err)
{
    const struct plan *plan = campaign_plan(j->parts[j->part].campaign);
    struct op_point point;
    struct buf pruning = { 0 };
    const struct op_value *value;
    char name[512];
    size_t len;
    const struct axis *axes = plan_axes(plan, &len);
    int rc = 0;

    plan_cell_point(plan, cell, &point);
    value = op_point_find(axes, len, &point, "pruning_factor_pct");
    if (value)
        axis_put_value(&axes[axes_index(axes, len, "pruning_factor_pct")],
                       value, &pruning);
    snprintf(name, sizeof(name), "model '%s %s %s %%'",
             op_point_text(axes, len, &point, "topology"),
             op_point_text(axes, len, &point, "precision"), buf_text(&pruning));
    buf_free(&pruning);
    if (*row->model_digest.s)
        rc = name_take(j, name, row->model_digest.s, NULL, err);
    snprintf(name, sizeof(name), "digest of data set '%s'",
             op_point_text(axes, len, &point, "dataset"));
    if (!rc && *row->dataset_digest.s)
        rc = name_take(j, name, row->dataset_digest.s, NULL, err);
    return rc;
}

static int part_digests(struct joining *j, struct err *err)
{
    const struct campaign *campaign = j->parts[j->part].campaign;
    struct journal_reader *reader = NULL;
    int rc = journal_reader_open(campaign_dir(campaign), &reader, err);

    for (size_t i = 0; !rc && i < campaign_cells(campaign); i++) {
        uint64_t offset = campaign_cell(campaign, i)->accepted;
        struct result result;

        if (!offset)
            continue;
        result_init(&result);
        rc = cell_result_read(campaign, reader, offset, &result, err);
        if (!rc)
            rc = digests_of(j, i, &result.attempt, err);
        result_free(&result);
    }
    journal_reader_close(reader);
    return rc;
}

int merge_digests(const struct merge_part *parts, size_t len,
                  struct merge_names *names, struct buf *conflicts,
                  struct err *err)
{
    struct joining j = { parts, 0, names, conflicts };
    int rc = 0;

    for (; !rc && j.part < len; j.part++)
        rc = part_digests(&j, err);
    return rc;
}
