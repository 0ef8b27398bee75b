/* json.c - cJSON behind getters that name the path */
#include "core/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/text.h"
#include "core/units.h"

#define NESTING_MAX 64
#define FILE_MAX    (64u << 20)

struct json_doc {
    char *file;
    cJSON *root;
};

static const char *const kind_words[] = {
    "nothing",  "null",     "true or false", "a number",
    "a string", "an array", "an object",
};

/* Depth of nesting, strings left out: cJSON recurses, hostile input must
 * not. */
static bool too_deep(const char *text, size_t len)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        if (quoted) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = false;
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '[' || text[i] == '{') {
            if (++depth > NESTING_MAX)
                return true;
        } else if ((text[i] == ']' || text[i] == '}') && depth) {
            depth--;
        }
    }
    return false;
}

static int syntax_error(const char *text, size_t len, const char *end,
                        const char *file, struct err *err)
{
    size_t line = 1, column = 1, at = 0;

    if (end && end >= text)
        at = (size_t)(end - text) < len ? (size_t)(end - text) : len;
    for (size_t i = 0; i < at; i++) {
        column++;
        if (text[i] == '\n') {
            line++;
            column = 1;
        }
    }
    return err_set(err, ERR_FORMAT, "%s:%zu:%zu: not valid JSON", file, line,
                   column);
}

int json_doc_parse(const void *text, size_t len, const char *file,
                   struct json_doc **ret_doc, struct err *err)
{
    struct json_doc *doc;
    const char *end = NULL, *rest;
    cJSON *root;

    if (too_deep(text, len))
        return err_set(err, ERR_FORMAT, "%s: nested deeper than %d", file,
                       NESTING_MAX);
    root = cJSON_ParseWithLengthOpts(text, len, &end, 0);
    if (!root)
        return syntax_error(text, len, end, file, err);
    for (rest = end; rest < (const char *)text + len; rest++) {
        if (!strchr(" \t\r\n", *rest)) {
            cJSON_Delete(root);
            return syntax_error(text, len, rest, file, err);
        }
    }
    doc = calloc(1, sizeof(*doc));
    if (doc)
        doc->file = strdup(file);
    if (!doc || !doc->file) {
        cJSON_Delete(root);
        free(doc);
        return err_set(err, ERR_NOMEM, "no memory for '%s'", file);
    }
    doc->root = root;
    *ret_doc = doc;
    return 0;
}

int json_doc_read(const char *path, struct json_doc **ret_doc, struct err *err)
{
    struct buf text = { 0 };
    int rc = fs_read_file(path, FILE_MAX, &text, err);

    if (!rc)
        rc = json_doc_parse(buf_text(&text), text.len, path, ret_doc, err);
    buf_free(&text);
    return rc;
}

void json_doc_destroy(struct json_doc *doc)
{
    if (!doc)
        return;
    cJSON_Delete(doc->root);
    free(doc->file);
    free(doc);
}

struct json json_root(const struct json_doc *doc)
{
    return (struct json){ .doc = doc, .item = doc->root };
}

bool json_there(const struct json *at)
{
    return at->item != NULL;
}

enum json_kind json_kind(const struct json *at)
{
    const cJSON *item = at->item;

    if (!item)
        return JSON_NOTHING;
    if (cJSON_IsBool(item))
        return JSON_BOOL;
    if (cJSON_IsNumber(item))
        return JSON_NUMBER;
    if (cJSON_IsString(item))
        return JSON_STRING;
    if (cJSON_IsArray(item))
        return JSON_ARRAY;
    if (cJSON_IsObject(item))
        return JSON_OBJECT;
    return JSON_NULL;
}

struct json json_get(const struct json *at, const char *key)
{
    struct json found = { .doc = at->doc };
    size_t len = strlen(at->path);

    if (json_kind(at) == JSON_OBJECT)
        found.item = cJSON_GetObjectItemCaseSensitive(at->item, key);
    memcpy(found.path, at->path, len);
    snprintf(found.path + len, sizeof(found.path) - len, "%s%s", len ? "." : "",
             key);
    return found;
}

static struct json child_of(const struct json *parent, const cJSON *item,
                            size_t index)
{
    struct json child = { .doc = parent->doc, .item = item };
    size_t len = strlen(parent->path);

    memcpy(child.path, parent->path, len);
    if (item && item->string)
        snprintf(child.path + len, sizeof(child.path) - len, "%s%s",
                 len ? "." : "", item->string);
    else
        snprintf(child.path + len, sizeof(child.path) - len, "[%zu]", index);
    return child;
}

struct json json_first(const struct json *at)
{
    enum json_kind kind = json_kind(at);
    const cJSON *item = at->item;

    if (kind != JSON_ARRAY && kind != JSON_OBJECT)
        return (struct json){ .doc = at->doc };
    return child_of(at, item->child, 0);
}

struct json json_next(const struct json *parent, const struct json *at,
                      size_t index)
{
    return child_of(parent, ((const cJSON *)at->item)->next, index);
}

const char *json_key(const struct json *at)
{
    const cJSON *item = at->item;

    return item && item->string ? item->string : "";
}

size_t json_len(const struct json *at)
{
    enum json_kind kind = json_kind(at);

    if (kind != JSON_ARRAY && kind != JSON_OBJECT)
        return 0;
    return (size_t)cJSON_GetArraySize(at->item);
}

const char *json_file(const struct json *at)
{
    return at->doc->file;
}

int json_fail(const struct json *at, struct err *err, const char *fmt, ...)
{
    char text[320];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return err_set(err, ERR_FORMAT, "%s: %s%s%s", at->doc->file, at->path,
                   *at->path ? ": " : "", text);
}

/* What stands there, cut short, for a sentence. */
static const char *found(const struct json *at, char *text, size_t size)
{
    const cJSON *item = at->item;
    enum json_kind kind = json_kind(at);

    if (kind == JSON_STRING)
        snprintf(text, size, "\"%.40s\"", item->valuestring);
    else if (kind == JSON_NUMBER)
        snprintf(text, size, "%g", item->valuedouble);
    else if (kind == JSON_BOOL)
        snprintf(text, size, "%s", cJSON_IsTrue(item) ? "true" : "false");
    else
        snprintf(text, size, "%s", kind_words[kind]);
    return text;
}

static int unexpected(const struct json *at, const char *wanted,
                      struct err *err)
{
    char text[64];

    return json_fail(at, err, "found %s, expected %s",
                     found(at, text, sizeof(text)), wanted);
}

int json_expect(const struct json *at, enum json_kind kind, struct err *err)
{
    return json_kind(at) == kind ? 0 : unexpected(at, kind_words[kind], err);
}

int json_check_keys(const struct json *at, const char *const *keys,
                    struct err *err)
{
    size_t i = 0;

    if (json_expect(at, JSON_OBJECT, err))
        return ERR_FORMAT;
    for (struct json e = json_first(at); json_there(&e);
         e = json_next(at, &e, ++i)) {
        const char *key = json_key(&e), *near;
        const char *const *k = keys;
        struct json first = json_get(at, key);

        while (*k && strcmp(*k, key) != 0)
            k++;
        if (*k && first.item != e.item)
            return json_fail(&e, err, "stands there twice");
        if (*k)
            continue;
        near = text_nearest(key, keys);
        if (near)
            return json_fail(&e, err, "unknown key, did you mean '%s'?", near);
        return json_fail(&e, err, "unknown key");
    }
    return 0;
}

int json_string(const struct json *at, const char **ret_text, struct err *err)
{
    if (json_expect(at, JSON_STRING, err))
        return ERR_FORMAT;
    *ret_text = ((const cJSON *)at->item)->valuestring;
    return 0;
}

int json_f64(const struct json *at, double *ret_value, struct err *err)
{
    double value;

    if (json_expect(at, JSON_NUMBER, err))
        return ERR_FORMAT;
    value = ((const cJSON *)at->item)->valuedouble;
    if (!isfinite(value))
        return json_fail(at, err, "number is too large");
    *ret_value = value;
    return 0;
}

int json_i64(const struct json *at, int64_t low, int64_t high,
             int64_t *ret_value, struct err *err)
{
    char wanted[96];
    double value = 0;

    snprintf(wanted, sizeof(wanted),
             "a whole number from %" PRId64 " to %" PRId64, low, high);
    if (json_kind(at) == JSON_NUMBER)
        value = ((const cJSON *)at->item)->valuedouble;
    if (json_kind(at) != JSON_NUMBER || value != floor(value) ||
        fabs(value) > 9007199254740992.0 || value < (double)low ||
        value > (double)high)
        return unexpected(at, wanted, err);
    *ret_value = (int64_t)value;
    return 0;
}

int json_bool(const struct json *at, bool *ret_value, struct err *err)
{
    if (json_expect(at, JSON_BOOL, err))
        return ERR_FORMAT;
    *ret_value = cJSON_IsTrue((const cJSON *)at->item);
    return 0;
}

int json_quantity(const struct json *at, const char *base, double *ret_value,
                  struct err *err)
{
    struct err inner;
    const char *text;

    if (json_kind(at) != JSON_STRING) {
        char wanted[64];

        snprintf(wanted, sizeof(wanted), "a number with a unit, as \"1 %s\"",
                 base);
        return unexpected(at, wanted, err);
    }
    text = ((const cJSON *)at->item)->valuestring;
    if (units_parse(text, base, ret_value, &inner))
        return json_fail(at, err, "%s", inner.text);
    return 0;
}

int json_opt_string(const struct json *at, const char **value, struct err *err)
{
    return json_there(at) ? json_string(at, value, err) : 0;
}

int json_opt_f64(const struct json *at, double *value, struct err *err)
{
    return json_there(at) ? json_f64(at, value, err) : 0;
}

int json_opt_i64(const struct json *at, int64_t low, int64_t high,
                 int64_t *value, struct err *err)
{
    return json_there(at) ? json_i64(at, low, high, value, err) : 0;
}

int json_opt_word(const struct json *at, const char *const *words,
                  size_t *index, struct err *err)
{
    const char *word = NULL, *near;

    if (!json_there(at))
        return 0;
    if (json_string(at, &word, err))
        return ERR_FORMAT;
    for (size_t i = 0; words[i]; i++) {
        if (!strcmp(words[i], word)) {
            *index = i;
            return 0;
        }
    }
    near = text_nearest(word, words);
    return json_fail(at, err, "found \"%.40s\", %s '%s'", word,
                     near ? "did you mean" : "expected a word such as",
                     near ? near : words[0]);
}

int json_opt_bool(const struct json *at, bool *value, struct err *err)
{
    return json_there(at) ? json_bool(at, value, err) : 0;
}

int json_opt_quantity(const struct json *at, const char *base, double *value,
                      struct err *err)
{
    return json_there(at) ? json_quantity(at, base, value, err) : 0;
}

/* ---- writing: struct json_value is a cJSON item by another name */

static cJSON *item_of(struct json_value *value)
{
    return (cJSON *)(void *)value;
}

static struct json_value *value_of(cJSON *item)
{
    return (struct json_value *)(void *)item;
}

struct json_value *json_new_object(void)
{
    return value_of(cJSON_CreateObject());
}

struct json_value *json_new_array(void)
{
    return value_of(cJSON_CreateArray());
}

struct json_value *json_new_string(const char *text)
{
    return value_of(cJSON_CreateString(text));
}

void json_value_destroy(struct json_value *value)
{
    cJSON_Delete(item_of(value));
}

struct json_value *json_copy(const struct json *at)
{
    if (!at->item)
        return value_of(cJSON_CreateNull());
    return value_of(cJSON_Duplicate(at->item, 1));
}

struct json_value *json_value_copy(const struct json_value *value)
{
    return value_of(cJSON_Duplicate((const cJSON *)(const void *)value, 1));
}

static void set_item(struct json_value *object, const char *key, cJSON *item)
{
    if (!object || !item || !cJSON_AddItemToObject(item_of(object), key, item))
        cJSON_Delete(item);
}

static void push_item(struct json_value *array, cJSON *item)
{
    if (!array || !item || !cJSON_AddItemToArray(item_of(array), item))
        cJSON_Delete(item);
}

static cJSON *number_item(double value)
{
    return isfinite(value) ? cJSON_CreateNumber(value) : cJSON_CreateNull();
}

void json_set(struct json_value *object, const char *key,
              struct json_value *own_child)
{
    set_item(object, key, item_of(own_child));
}

void json_set_string(struct json_value *object, const char *key,
                     const char *text)
{
    set_item(object, key, cJSON_CreateString(text));
}

void json_set_f64(struct json_value *object, const char *key, double value)
{
    set_item(object, key, number_item(value));
}

void json_set_i64(struct json_value *object, const char *key, int64_t value)
{
    char digits[32];

    snprintf(digits, sizeof(digits), "%" PRId64, value);
    set_item(object, key, cJSON_CreateRaw(digits));
}

void json_set_bool(struct json_value *object, const char *key, bool value)
{
    set_item(object, key, cJSON_CreateBool(value));
}

void json_set_null(struct json_value *object, const char *key)
{
    set_item(object, key, cJSON_CreateNull());
}

void json_push(struct json_value *array, struct json_value *own_child)
{
    push_item(array, item_of(own_child));
}

void json_push_string(struct json_value *array, const char *text)
{
    push_item(array, cJSON_CreateString(text));
}

void json_push_f64(struct json_value *array, double value)
{
    push_item(array, number_item(value));
}

static int print_item(const cJSON *item, bool pretty, struct buf *out,
                      struct err *err)
{
    char *text = NULL;

    if (item)
        text = pretty ? cJSON_Print(item) : cJSON_PrintUnformatted(item);
    if (!text)
        return err_set(err, ERR_NOMEM, "no memory to write JSON");
    buf_put(out, text, strlen(text));
    cJSON_free(text);
    return buf_failed(out) ? err_set(err, ERR_NOMEM, "no memory to write JSON")
                           : 0;
}

int json_print(const struct json_value *value, bool pretty, struct buf *out,
               struct err *err)
{
    return print_item((const cJSON *)(const void *)value, pretty, out, err);
}

int json_print_at(const struct json *at, struct buf *out, struct err *err)
{
    return print_item(at->item, false, out, err);
}
