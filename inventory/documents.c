/* documents.c - load, keep, load again */
#include "inventory/documents.h"

#include <string.h>

/* Copy the texts of the experiment, or of the inventory. */
static int texts_keep(const struct texts *held, bool of_experiment,
                      struct texts *texts, struct err *err)
{
    const struct text *text;
    int rc = 0;

    for (size_t i = 0; !rc && (text = texts_at(held, i)); i++) {
        bool experiment = !strcmp(text->role, "experiment") ||
                          !strcmp(text->role, "topology");

        if (experiment == of_experiment)
            rc = texts_add(texts, text->role, text->name, text->base_dir,
                           text->text, text->len, err);
    }
    return rc;
}

/* One part after the other, so that the same files give the same bytes. */
static int parse(const struct texts *held, const char *experiment_path,
                 const char *inventory_path, struct documents *documents,
                 struct err *err)
{
    int rc = 0;

    if (held && !experiment_path)
        rc = texts_keep(held, true, documents->texts, err);
    if (!rc)
        rc = experiment_load(documents->texts, experiment_path,
                             &documents->experiment, err);
    if (!rc && held && !inventory_path)
        rc = texts_keep(held, false, documents->texts, err);
    if (!rc)
        rc = inventory_load(documents->texts, inventory_path,
                            &documents->inventory, err);
    return rc;
}

int documents_load(const char *experiment_path, const char *inventory_path,
                   struct documents *ret_documents, struct err *err)
{
    return documents_load_over(NULL, experiment_path, inventory_path,
                               ret_documents, err);
}

int documents_load_over(const struct documents *held,
                        const char *experiment_path, const char *inventory_path,
                        struct documents *ret_documents, struct err *err)
{
    struct documents documents = { .texts = texts_create() };
    int rc = 0;

    if (!documents.texts)
        rc = err_set(err, ERR_NOMEM, "no memory for documents");
    if (!rc)
        rc = parse(held ? held->texts : NULL, experiment_path, inventory_path,
                   &documents, err);
    if (rc)
        documents_close(&documents);
    else
        *ret_documents = documents;
    return rc;
}

int documents_to_json(const struct documents *documents, struct buf *out,
                      struct err *err)
{
    struct json_value *root = json_new_object();
    int rc;

    json_set_string(root, "schema", "labsweep.documents/1");
    json_set(root, "texts", texts_to_json(documents->texts));
    rc = json_print(root, false, out, err);
    json_value_destroy(root);
    return rc;
}

int documents_from_json(const char *text, size_t len,
                        struct documents *ret_documents, struct err *err)
{
    static const char *const keys[] = { "schema", "texts", NULL };
    struct documents documents = { 0 };
    struct json_doc *doc = NULL;
    int rc = json_doc_parse(text, len, "kept documents", &doc, err);

    if (!rc) {
        struct json root = json_root(doc), texts = json_get(&root, "texts");

        rc = json_check_keys(&root, keys, err);
        if (!rc)
            rc = texts_from_json(&texts, &documents.texts, err);
    }
    if (!rc)
        rc = parse(NULL, NULL, NULL, &documents, err);
    json_doc_destroy(doc);
    if (rc)
        documents_close(&documents);
    else
        *ret_documents = documents;
    return rc;
}

void documents_close(struct documents *documents)
{
    experiment_destroy(documents->experiment);
    inventory_destroy(documents->inventory);
    texts_destroy(documents->texts);
    *documents = (struct documents){ 0 };
}
