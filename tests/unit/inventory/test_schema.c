/* test_schema.c - the published schemas and the parsers know the same keys */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/vec.h"
#include "inventory/documents.h"

enum reader {
    READ_EXPERIMENT,
    READ_INVENTORY,
    READ_ADAPTER,
};

static const char *const schemas[] = {
    "experiments/experiment.schema.json",
    "inventory/inventory.schema.json",
    "inventory/adapter.schema.json",
};

#define PLATFORM "\"platforms\": {\"C\": {\"type\": \"CPU\"}}"
#define BOARD    "\"name\": \"b\", \"platform\": \"C\", \"transport\": \"none\""
#define JOBS     "\"adapter\": \"x\", \"jobs\": [{\"name\": \"j\", \"run\": \"t\"}]"

/* Where an object of keys stands in a schema, and a text around its place in
 * a file, to be closed by 'after'. */
static const struct {
    enum reader reader;
    const char *where; /* keys from the root, by blanks */
    const char *before, *after;
} objects[] = {
    { READ_EXPERIMENT, "", "", "" },
    { READ_EXPERIMENT, "properties measure",
      "{\"experiment\": \"x\", \"measure\": ", "}" },
    { READ_EXPERIMENT, "properties matrix items",
      "{\"experiment\": \"x\", \"matrix\": [", "]}" },
    { READ_EXPERIMENT, "properties na items",
      "{\"experiment\": \"x\", \"na\": [", "]}" },
    { READ_EXPERIMENT, "properties sentinels",
      "{\"experiment\": \"x\", \"sentinels\": ", "}" },
    { READ_EXPERIMENT, "properties declared_accuracy items",
      "{\"experiment\": \"x\", \"declared_accuracy\": [", "]}" },
    { READ_EXPERIMENT, "properties axes items",
      "{\"experiment\": \"x\", \"axes\": [", "]}" },
    { READ_EXPERIMENT, "properties datasets additionalProperties",
      "{\"experiment\": \"x\", \"datasets\": {\"d\": ", "}}" },
    { READ_EXPERIMENT, "$defs topology",
      "{\"experiment\": \"x\", \"topologies\": {\"t\": ", "}}" },
    { READ_EXPERIMENT, "$defs topology properties layers items",
      "{\"experiment\": \"x\", \"topologies\": {\"t\": {\"input\": 3, "
      "\"layers\": [",
      "]}}}" },
    { READ_INVENTORY, "", "", "" },
    { READ_INVENTORY, "properties lease_host", "{\"lease_host\": ", "}" },
    { READ_INVENTORY, "properties platforms additionalProperties",
      "{\"platforms\": {\"p\": ", "}}" },
    { READ_INVENTORY, "$defs fact",
      "{\"platforms\": {\"p\": {\"type\": \"CPU\", \"tdp\": ", "}}}" },
    { READ_INVENTORY,
      "properties platforms additionalProperties properties op_modes "
      "additionalProperties",
      "{\"platforms\": {\"p\": {\"type\": \"CPU\", \"op_modes\": {\"m\": ",
      "}}}}" },
    { READ_INVENTORY, "properties boards items properties identity",
      "{" PLATFORM ", \"boards\": [{" BOARD ", \"identity\": ", "}]}" },
    { READ_INVENTORY,
      "properties boards items properties declared_accuracy items",
      "{" PLATFORM ", \"boards\": [{" BOARD ", \"declared_accuracy\": [",
      "]}]}" },
    { READ_INVENTORY, "properties boards items properties limits",
      "{" PLATFORM ", \"boards\": [{" BOARD ", \"limits\": ", "}]}" },
    { READ_INVENTORY, "properties boards items properties meters items",
      "{" PLATFORM ", \"boards\": [{" BOARD ", \"meters\": [", "]}]}" },
    { READ_INVENTORY,
      "properties boards items properties meters items properties sources "
      "items",
      "{" PLATFORM ", \"boards\": [{" BOARD ", \"meters\": [{\"name\": \"m\", "
      "\"driver\": \"d\", \"sources\": [",
      "]}]}]}" },
    { READ_ADAPTER, "", "", "" },
    { READ_ADAPTER, "properties jobs items", "{\"adapter\": \"x\", \"jobs\": [",
      "]}" },
    { READ_ADAPTER, "properties stage items", "{" JOBS ", \"stage\": [", "]}" },
    { READ_ADAPTER, "properties build items", "{" JOBS ", \"build\": [", "]}" },
    { READ_ADAPTER, "properties op_mode", "{" JOBS ", \"op_mode\": ", "}" },
    { READ_ADAPTER, "properties op_mode properties verify",
      "{" JOBS ", \"op_mode\": {\"verify\": ", "}}" },
    { READ_ADAPTER, "properties declared_accuracy items",
      "{" JOBS ", \"declared_accuracy\": [", "]}" },
    { READ_ADAPTER, "properties accuracy", "{" JOBS ", \"accuracy\": ", "}" },
    { READ_ADAPTER, "properties collect items", "{" JOBS ", \"collect\": [",
      "]}" },
    { READ_ADAPTER, "properties derive items", "{" JOBS ", \"derive\": [",
      "]}" },
    { READ_ADAPTER, "properties valid items", "{" JOBS ", \"valid\": [", "]}" },
    { READ_ADAPTER, "properties samples additionalProperties",
      "{" JOBS ", \"samples\": {\"s\": ", "}}" },
};

/* What the reader says to a text. */
static void read_text(enum reader reader, const char *text, struct err *err)
{
    struct texts *texts = texts_create();
    struct experiment *e = NULL;
    struct inventory *inventory = NULL;
    struct adapter *adapter = NULL;

    err->text[0] = 0;
    assert_non_null(texts);
    if (reader == READ_ADAPTER) {
        adapter_parse(text, strlen(text), "f", "/", &adapter, err);
    } else {
        texts_add(texts, reader == READ_EXPERIMENT ? "experiment" : "inventory",
                  "f", "/", text, strlen(text), NULL);
        if (reader == READ_EXPERIMENT)
            experiment_load(texts, NULL, &e, err);
        else
            inventory_load(texts, NULL, &inventory, err);
    }
    adapter_destroy(adapter);
    experiment_destroy(e);
    inventory_destroy(inventory);
    texts_destroy(texts);
}

static struct json place(const struct json_doc *doc, const char *where)
{
    struct json at = json_root(doc);
    char word[64];
    int used;

    while (sscanf(where, "%63s%n", word, &used) == 1) {
        at = json_get(&at, word);
        where += used;
    }
    return at;
}

/* Whether the reader takes 'key' in that place for one it knows. */
static bool knows(size_t i, const char *key, struct err *err)
{
    struct buf text = { 0 };

    buf_printf(&text, "%s{\"%s\": null}%s", objects[i].before, key,
               objects[i].after);
    read_text(objects[i].reader, buf_text(&text), err);
    buf_free(&text);
    return !strstr(err->text, "unknown key");
}

static void every_key_of_a_schema_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        struct json_doc *doc = NULL;
        struct err err = { 0 };
        struct json at, keys;
        size_t k = 0;

        if (json_doc_read(schemas[objects[i].reader], &doc, &err))
            fail_msg("%s", err.text);
        at = place(doc, objects[i].where);
        keys = json_get(&at, "properties");
        if (!json_len(&keys))
            fail_msg("%s: '%s' is not there", schemas[objects[i].reader],
                     objects[i].where);
        for (struct json key = json_first(&keys); json_there(&key);
             key = json_next(&keys, &key, ++k))
            if (!knows(i, json_key(&key), &err))
                fail_msg("%s: %s", schemas[objects[i].reader], err.text);
        if (knows(i, "xyzzy", &err))
            fail_msg("'%s' takes any key", objects[i].where);
        json_doc_destroy(doc);
    }
}

/* Boards need their name first, so their keys are asked one by one. */
static void every_key_of_a_board_is_read(void **state)
{
    struct json_doc *doc = NULL;
    struct json at, keys;
    struct err err = { 0 };
    size_t k = 0;

    (void)state;
    assert_int_equal(json_doc_read(schemas[READ_INVENTORY], &doc, NULL), 0);
    at = place(doc, "properties boards items");
    keys = json_get(&at, "properties");
    for (struct json key = json_first(&keys); json_there(&key);
         key = json_next(&keys, &key, ++k)) {
        struct buf text = { 0 };

        buf_printf(&text,
                   "{" PLATFORM ", \"boards\": [{\"name\": \"b\", "
                   "\"%s\": 1.5}]}",
                   json_key(&key));
        read_text(READ_INVENTORY, buf_text(&text), &err);
        if (strstr(err.text, "unknown key"))
            fail_msg("%s", err.text);
        buf_free(&text);
    }
    json_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_a_schema_is_read),
        cmocka_unit_test(every_key_of_a_board_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
