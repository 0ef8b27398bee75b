/* documents.c - load, keep, load again */
#include "inventory/documents.h"

static int parse(struct documents *documents, const char *experiment_path,
                 const char *inventory_path, struct err *err)
{
    int rc = experiment_load(documents->texts, experiment_path,
                             &documents->experiment, err);

    if (!rc)
        rc = inventory_load(documents->texts, inventory_path,
                            &documents->inventory, err);
    return rc;
}

int documents_load(const char *experiment_path, const char *inventory_path,
                   struct documents *ret_documents, struct err *err)
{
    struct documents documents = { .texts = texts_create() };
    int rc = 0;

    if (!documents.texts)
        rc = err_set(err, ERR_NOMEM, "no memory for documents");
    if (!rc)
        rc = parse(&documents, experiment_path, inventory_path, err);
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
        rc = parse(&documents, NULL, NULL, err);
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
