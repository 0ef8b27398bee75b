/* fuzz_inventory.c - an inventory file, whatever it is; and host lists */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "inventory/hostlist.h"
#include "inventory/inventory.h"
#include "tests/fuzz/fuzz.h"

static const char adapter_a[] =
    "{\"adapter\": \"labrunner\", \"jobs\": [{\"name\": \"j\", \"run\": "
    "\"true\"}]}";

static void try_hostlist(const uint8_t *data, size_t size)
{
    struct hostlist *list = NULL;
    char *text = strndup((const char *)data, size < 4096 ? size : 4096);

    if (text && !hostlist_expand(text, &list, NULL) && !hostlist_len(list))
        __builtin_trap();
    hostlist_destroy(list);
    free(text);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct json_doc *doc = NULL;
    struct texts *texts = NULL; /* reads no file */
    struct inventory *inventory = NULL;
    struct json root;

    try_hostlist(data, size);
    if (json_doc_parse("[]", 2, "none", &doc, NULL))
        return;
    root = json_root(doc);
    if (!texts_from_json(&root, &texts, NULL) &&
        !texts_add(texts, "adapter", "labrunner", "/", adapter_a,
                   strlen(adapter_a), NULL) &&
        !texts_add(texts, "inventory", "i", "/", (const char *)data, size,
                   NULL))
        inventory_load(texts, NULL, &inventory, NULL);
    inventory_destroy(inventory);
    texts_destroy(texts);
    json_doc_destroy(doc);
}
