/* fair_crate.c - ro-crate-metadata.json (RO-Crate 1.1) of a bundle */
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "orchestrator/archive/fair_words.h"

static struct json_value *entity(const char *id, const char *type)
{
    struct json_value *object = json_new_object();

    json_set_string(object, "@id", id);
    if (type)
        json_set_string(object, "@type", type);
    return object;
}

static void refer(struct json_value *object, const char *key, const char *id)
{
    json_set(object, key, entity(id, NULL));
}

/* Its place in the graph: an SPDX identifier has a page. */
static void licence_id(const char *licence, char *id, size_t size)
{
    if (licence[strcspn(licence, " /:")])
        snprintf(id, size, "#licence");
    else
        snprintf(id, size, "https://spdx.org/licenses/%s.html", licence);
}

static struct json_value *descriptor(void)
{
    struct json_value *self = entity("ro-crate-metadata.json", "CreativeWork");

    refer(self, "conformsTo", "https://w3id.org/ro/crate/1.1");
    refer(self, "about", "./");
    return self;
}

static struct json_value *root(const struct fair_about *about,
                               const struct fair_file *files, size_t files_len)
{
    struct json_value *all = entity("./", "Dataset");
    struct json_value *parts = json_new_array(), *authors = json_new_array();
    char id[300];

    json_set_string(all, "name", about->title);
    json_set_string(all, "description",
                    *about->description ? about->description : about->title);
    json_set_string(all, "datePublished", about->published);
    snprintf(id, sizeof(id), "urn:uuid:%s", about->uuid);
    json_set_string(all, "identifier", id);
    if (*about->licence) {
        licence_id(about->licence, id, sizeof(id));
        refer(all, "license", id);
    }
    for (size_t i = 0; i < about->authors_len; i++) {
        snprintf(id, sizeof(id), "#author-%zu", i + 1);
        json_push(authors, entity(id, NULL));
    }
    json_set(all, "author", authors);
    if (*about->lab)
        refer(all, "publisher", "#lab");
    for (size_t i = 0; i < files_len; i++)
        json_push(parts, entity(files[i].name, NULL));
    json_set(all, "hasPart", parts);
    return all;
}

static void named_push(struct json_value *graph, const char *id,
                       const char *type, const char *name)
{
    struct json_value *object = entity(id, type);

    json_set_string(object, "name", name);
    json_push(graph, object);
}

static void people_push(struct json_value *graph,
                        const struct fair_about *about)
{
    char id[300];

    for (size_t i = 0; i < about->authors_len; i++) {
        snprintf(id, sizeof(id), "#author-%zu", i + 1);
        named_push(graph, id, "Person", about->authors[i]);
    }
    if (*about->lab)
        named_push(graph, "#lab", "Organization", about->lab);
    if (*about->licence) {
        licence_id(about->licence, id, sizeof(id));
        named_push(graph, id, "CreativeWork", about->licence);
    }
}

static void making_push(struct json_value *graph,
                        const struct fair_about *about)
{
    struct json_value *tool = entity("#labsweep", "SoftwareApplication");
    struct json_value *action = entity("#measuring", "CreateAction");

    json_set_string(tool, "name", "labsweep");
    json_set_string(tool, "version", LABSWEEP_VERSION);
    json_push(graph, tool);
    json_set_string(action, "name", "the campaign");
    json_set_string(action, "startTime", about->created_utc);
    refer(action, "instrument", "#labsweep");
    refer(action, "result", "archive.h5");
    json_push(graph, action);
}

static void files_push(struct json_value *graph, const struct fair_file *files,
                       size_t files_len)
{
    char bytes[32];

    for (size_t i = 0; i < files_len; i++) {
        struct json_value *file = entity(files[i].name, "File");

        snprintf(bytes, sizeof(bytes), "%zu", files[i].bytes);
        json_set_string(file, "name", files[i].help);
        json_set_string(file, "encodingFormat", files[i].format);
        json_set_string(file, "contentSize", bytes);
        json_set_string(file, "sha256", files[i].sha256);
        json_push(graph, file);
    }
}

int fair_crate(const struct fair_about *about, const struct fair_file *files,
               size_t files_len, struct buf *out, struct err *err)
{
    struct json_value *all = json_new_object(), *graph = json_new_array();
    int rc;

    json_set_string(all, "@context", "https://w3id.org/ro/crate/1.1/context");
    json_push(graph, descriptor());
    json_push(graph, root(about, files, files_len));
    people_push(graph, about);
    making_push(graph, about);
    files_push(graph, files, files_len);
    json_set(all, "@graph", graph);
    rc = json_print(all, true, out, err);
    json_value_destroy(all);
    buf_put_u8(out, '\n');
    return rc;
}
