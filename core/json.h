/* json.h - JSON in, with getters that name the path; JSON out
 *
 * The one home of cJSON.  A failed getter says where: "lab.json:
 * boards[2].port: found \"x\", expected a whole number".
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

#define JSON_PATH_MAX 200

struct json_doc;

/* A place in a document, there or not; a value, copied freely.  Valid as
 * long as the document. */
struct json {
    const struct json_doc *doc;
    const void *item; /* NULL: nothing is there */
    char path[JSON_PATH_MAX];
};

enum json_kind {
    JSON_NOTHING,
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

/* Parse a text; 'file' names it in errors (copied).  Refuses what follows
 * the value, and nesting beyond 64.  Returns 0 and a document for
 * json_doc_destroy(), ERR_FORMAT with line and column, ERR_NOMEM. */
int json_doc_parse(const void *text, size_t len, const char *file,
                   struct json_doc **ret_doc, struct err *err);

/* Read and parse a file of at most 64 MB.  Also ERR_NOT_FOUND, ERR_IO. */
int json_doc_read(const char *path, struct json_doc **ret_doc, struct err *err);

/* Free a document and every place in it.  NULL is fine. */
void json_doc_destroy(struct json_doc *doc);

/* The outermost place; what kind stands at a place; whether any does. */
struct json json_root(const struct json_doc *doc);
enum json_kind json_kind(const struct json *at);
bool json_there(const struct json *at);

/* The member 'key' of an object; not there if 'at' is no object. */
struct json json_get(const struct json *at, const char *key);

/* Walk the elements of an array or the members of an object, in order:
 *     for (struct json e = json_first(&list); json_there(&e);
 *          e = json_next(&list, &e, ++i))
 * json_key() is the member's name. */
struct json json_first(const struct json *at);
struct json json_next(const struct json *parent, const struct json *at,
                      size_t index);
const char *json_key(const struct json *at);
size_t json_len(const struct json *at);

/* What json_doc_parse() was told of its file; borrowed. */
const char *json_file(const struct json *at);

/* ERR_FORMAT with "FILE: PATH: " and the sentence. */
int json_fail(const struct json *at, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ERR_FORMAT unless 'at' is of this kind; says what was found. */
int json_expect(const struct json *at, enum json_kind kind, struct err *err);

/* ERR_FORMAT if the object has a member that is not in 'keys' (ends with
 * NULL), or one twice; with "did you mean". */
int json_check_keys(const struct json *at, const char *const *keys,
                    struct err *err);

/* Required values.  Strings are borrowed from the document.  Return 0 or
 * ERR_FORMAT.  json_quantity() reads "500 ms" in 'base' units. */
int json_string(const struct json *at, const char **ret_text, struct err *err);
int json_f64(const struct json *at, double *ret_value, struct err *err);
int json_i64(const struct json *at, int64_t low, int64_t high,
             int64_t *ret_value, struct err *err);
int json_bool(const struct json *at, bool *ret_value, struct err *err);
int json_quantity(const struct json *at, const char *base, double *ret_value,
                  struct err *err);

/* The same, leaving 'value' as it is where nothing is there. */
int json_opt_string(const struct json *at, const char **value, struct err *err);
int json_opt_f64(const struct json *at, double *value, struct err *err);
int json_opt_i64(const struct json *at, int64_t low, int64_t high,
                 int64_t *value, struct err *err);

/* The place of the string at 'at' in 'words' (ends with NULL); 'index' stays
 * as it is where nothing is there.  Returns 0 or ERR_FORMAT with a near
 * miss. */
int json_opt_word(const struct json *at, const char *const *words,
                  size_t *index, struct err *err);
int json_opt_bool(const struct json *at, bool *value, struct err *err);
int json_opt_quantity(const struct json *at, const char *base, double *value,
                      struct err *err);

/* Values to be written.  Setters take 'own_child' over, and do nothing on a
 * NULL parent, so that memory is checked once, by json_print(). */
struct json_value;
struct json_value *json_new_object(void);
struct json_value *json_new_array(void);
struct json_value *json_new_string(const char *text);
void json_value_destroy(struct json_value *value);
/* A copy of a place in a document, or null. */
struct json_value *json_copy(const struct json *at);
/* A deep copy of a value, or NULL without memory. */
struct json_value *json_value_copy(const struct json_value *value);
void json_set(struct json_value *object, const char *key,
              struct json_value *own_child);
void json_set_string(struct json_value *object, const char *key,
                     const char *text);
/* NaN and infinities are written as null. */
void json_set_f64(struct json_value *object, const char *key, double value);
void json_set_i64(struct json_value *object, const char *key, int64_t value);
void json_set_bool(struct json_value *object, const char *key, bool value);
void json_set_null(struct json_value *object, const char *key);
void json_push(struct json_value *array, struct json_value *own_child);
void json_push_string(struct json_value *array, const char *text);
void json_push_f64(struct json_value *array, double value);

/* Append the text of 'value' to 'out', indented or on one line.
 * Returns 0 or ERR_NOMEM. */
int json_print(const struct json_value *value, bool pretty, struct buf *out,
               struct err *err);

/* Append the text of a place in a document, on one line (the canonical
 * form that digests are made of).  Returns 0 or ERR_NOMEM. */
int json_print_at(const struct json *at, struct buf *out, struct err *err);

#endif
