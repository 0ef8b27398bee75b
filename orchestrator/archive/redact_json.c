/* redact_json.c - secrets in JSON: learned by key, replaced by value */
#include <string.h>

#include "orchestrator/archive/redact.h"

/* Keys whose texts are secrets, in inventories and facts of boards. */
static const struct {
    const char *key;
    enum redact_kind kind;
} secret_keys[] = {
    { "host", REDACT_HOST },         { "hostname", REDACT_HOST },
    { "jump", REDACT_HOST },         { "broker", REDACT_HOST },
    { "user", REDACT_USER },         { "username", REDACT_USER },
    { "address", REDACT_ADDRESS },   { "url", REDACT_ADDRESS },
    { "mac", REDACT_ADDRESS },       { "macs", REDACT_ADDRESS },
    { "topic", REDACT_ADDRESS },     { "script", REDACT_PATH },
    { "stage_dir", REDACT_PATH },    { "lease_dir", REDACT_PATH },
    { "home", REDACT_PATH },         { "base_dir", REDACT_PATH },
    { "key", REDACT_KEY },           { "known_hosts", REDACT_KEY },
    { "password_env", REDACT_KEY },  { "serial", REDACT_SERIAL },
    { "machine_id", REDACT_SERIAL }, { "boot_id", REDACT_SERIAL },
};

/* Keys whose texts are words of a form, whatever else they may be. */
static const char *const form_keys[] = {
    "transport", "type",     "driver", "role", "scope",      "schema",
    "unit",      "quantity", "engine", "kind", "provenance",
};

static int kind_of(const char *key)
{
    for (size_t i = 0; key && i < sizeof(secret_keys) / sizeof(secret_keys[0]);
         i++)
        if (!strcmp(secret_keys[i].key, key))
            return (int)secret_keys[i].kind;
    return -1;
}

static bool is_form(const char *key)
{
    for (size_t i = 0; key && i < sizeof(form_keys) / sizeof(form_keys[0]); i++)
        if (!strcmp(form_keys[i], key))
            return true;
    return false;
}

/* A text that is an object or array itself; for json_doc_destroy(). */
static struct json_doc *inner_doc(const char *text)
{
    struct json_doc *doc = NULL;
    size_t blank = strspn(text, " \t\r\n");

    if ((text[blank] == '{' || text[blank] == '[') &&
        !json_doc_parse(text, strlen(text), "text", &doc, NULL))
        return doc;
    return NULL;
}

static int learn_at(struct redact *redact, const struct json *at, int kind,
                    struct err *err);

static int learn_text(struct redact *redact, const char *text, int kind,
                      struct err *err)
{
    struct json_doc *doc = inner_doc(text);
    struct json root;
    int rc;

    if (!doc)
        return kind < 0 ? 0
                        : redact_add(redact, (enum redact_kind)kind, text, err);
    root = json_root(doc);
    rc = learn_at(redact, &root, -1, err);
    json_doc_destroy(doc);
    return rc;
}

static int learn_at(struct redact *redact, const struct json *at, int kind,
                    struct err *err)
{
    bool object = json_kind(at) == JSON_OBJECT;
    const char *text;
    size_t i = 0;
    int rc = 0;

    if (json_kind(at) == JSON_STRING)
        return json_string(at, &text, err)
                   ? 0
                   : learn_text(redact, text, kind, err);
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i))
        rc = learn_at(redact, &e, object ? kind_of(json_key(&e)) : kind, err);
    return rc;
}

int redact_learn_json(struct redact *redact, const struct json *at,
                      struct err *err)
{
    return learn_at(redact, at, -1, err);
}

static struct json_value *text_redact(struct redact *redact, const char *text)
{
    struct json_doc *doc = inner_doc(text);
    struct json_value *inner, *value = NULL;
    struct buf out = { 0 };
    struct json root;
    int rc;

    if (doc) {
        root = json_root(doc);
        inner = redact_json(redact, &root);
        rc = json_print(inner, true, &out, NULL);
        json_value_destroy(inner);
        json_doc_destroy(doc);
    } else {
        rc = redact_text(redact, text, strlen(text), &out, NULL);
    }
    if (!rc)
        value = json_new_string(buf_text(&out));
    buf_free(&out);
    return value;
}

struct json_value *redact_json(struct redact *redact, const struct json *at)
{
    bool object = json_kind(at) == JSON_OBJECT;
    struct json_value *all;
    const char *text;
    size_t i = 0;

    if (json_kind(at) == JSON_STRING)
        return json_string(at, &text, NULL) ? NULL : text_redact(redact, text);
    if (!object && json_kind(at) != JSON_ARRAY)
        return json_copy(at);
    all = object ? json_new_object() : json_new_array();
    for (struct json e = json_first(at); json_there(&e);
         e = json_next(at, &e, ++i)) {
        struct json_value *value = object && is_form(json_key(&e))
                                       ? json_copy(&e)
                                       : redact_json(redact, &e);

        if (object)
            json_set(all, json_key(&e), value);
        else
            json_push(all, value);
    }
    return all;
}
