/* json_find.c - spans of JSON among other lines; steps of a path */
#include "workers/collect/json_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"

#define DEPTH_MAX 64
#define STEPS_MAX 32
#define KEYS_MAX  64 /* looked at for a near miss */

struct step {
    char *key; /* NULL: an index */
    bool every;
    size_t index;
};

struct json_path {
    char *text;
    struct step steps[STEPS_MAX];
    size_t len;
};

/* ---- spans */

struct span {
    size_t start, end;
};

/* The end of the value that starts at 'at', or 0 if it has none: brackets
 * counted, strings (which never span lines) passed over. */
static size_t value_end(const char *text, size_t len, size_t at)
{
    size_t depth = 0;
    bool quoted = false;

    for (; at < len; at++) {
        char c = text[at];

        if (quoted && c == '\n')
            return 0;
        if (quoted && c == '\\')
            at++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '[') && ++depth > DEPTH_MAX)
            return 0;
        else if (!quoted && (c == '}' || c == ']') && --depth == 0)
            return at + 1;
    }
    return 0;
}

static size_t next_line(const char *text, size_t len, size_t at)
{
    const char *end = memchr(text + at, '\n', len - at);

    return end ? (size_t)(end - text) + 1 : len;
}

static int parse_span(const char *text, const struct span *span,
                      struct json_doc **ret_doc)
{
    return json_doc_parse(text + span->start, span->end - span->start,
                          "the JSON printed", ret_doc, NULL);
}

/* Whether the bracket at 'at' begins JSON beyond doubt: an object's first key
 * or an array's first object follows. */
static bool is_meant(const char *text, size_t len, size_t at)
{
    char next = text[at] == '{' ? '"' : '{';

    for (at++; at < len && strchr(" \t\r\n", text[at]); at++)
        ;
    return at < len && text[at] == next;
}

int json_find_last(const char *text, size_t len, bool array,
                   struct json_doc **ret_doc, struct err *err)
{
    VEC(struct span) spans = { 0 };
    char open = array ? '[' : '{';
    size_t cut = len, at = 0, tries = 0;
    bool meant = false;
    int rc = ERR_NOT_FOUND;

    while (at < len) {
        size_t start = at + strspn(text + at, " \t"), end = 0;

        if (start < len && (text[start] == '{' || text[start] == '['))
            end = value_end(text, len, start);
        if (end && text[start] == open &&
            !VEC_PUSH(&spans, ((struct span){ start, end }))) {
            rc = err_set(err, ERR_NOMEM, "no memory for JSON values");
            goto out;
        }
        if (start < len && text[start] == open) {
            meant = meant || is_meant(text, len, start);
            cut = !end && cut == len ? start : cut;
        }
        /* a bracketed word, as in "[ INFO ]", may be followed by more */
        at = next_line(text, len, end && text[start] == open ? end : at);
    }
    while (spans.len && rc == ERR_NOT_FOUND && tries++ < 100000)
        if (!parse_span(text, &spans.at[--spans.len], ret_doc))
            rc = 0;
    if (rc == ERR_NOT_FOUND && meant)
        rc = ERR_FORMAT;
    if (rc && cut < len)
        err_set(err, rc,
                "found no whole JSON %s, only one without an end at "
                "byte %zu",
                array ? "array" : "object", cut);
    else if (rc)
        err_set(err, rc, "found no %sJSON %s", meant ? "readable " : "",
                array ? "array" : "object");
out:
    VEC_FREE(&spans);
    return rc;
}

/* ---- paths */

static int bad_path(const char *text, const char *at, const char *what,
                    struct err *err)
{
    return err_set(err, ERR_FORMAT, "path '%.120s': %s at character %td", text,
                   what, at - text + 1);
}

/* [3], [*] or ["key"]. */
static int parse_bracket(const char *text, const char **at, struct step *step,
                         struct err *err)
{
    const char *from = *at + 1, *end;

    if (*from == '"') {
        end = strstr(++from, "\"]");
        if (!end)
            return bad_path(text, from, "expected '\"]'", err);
        step->key = strndup(from, (size_t)(end - from));
        *at = end + 2;
        return step->key ? 0 : err_set(err, ERR_NOMEM, "no memory for a path");
    }
    end = from + strspn(from, "0123456789");
    if (*from == '*')
        end = from + 1;
    if (end == from || end - from > 8 || *end != ']')
        return bad_path(text, from, "expected an index, '*' or a quoted key",
                        err);
    step->every = *from == '*';
    step->index = strtoul(from, NULL, 10);
    *at = end + 1;
    return 0;
}

static int parse_step(const char *text, const char **at, struct step *step,
                      struct err *err)
{
    size_t n;

    if (**at == '[')
        return parse_bracket(text, at, step, err);
    if (**at == '.' && *at > text)
        ++*at;
    n = strcspn(*at, ".[]");
    if (!n)
        return bad_path(text, *at, "expected a key", err);
    step->key = strndup(*at, n);
    *at += n;
    return step->key ? 0 : err_set(err, ERR_NOMEM, "no memory for a path");
}

int json_path_parse(const char *text, struct json_path **ret_path,
                    struct err *err)
{
    struct json_path *path = calloc(1, sizeof(*path));
    const char *at = text;
    int rc = 0;

    if (!path || !(path->text = strdup(text)))
        rc = err_set(err, ERR_NOMEM, "no memory for a path");
    else if (!*text)
        rc = err_set(err, ERR_FORMAT, "a path is empty");
    while (!rc && *at) {
        if (path->len == STEPS_MAX)
            rc = bad_path(text, at, "too many steps", err);
        else
            rc = parse_step(text, &at, &path->steps[path->len++], err);
    }
    if (rc)
        json_path_destroy(path);
    else
        *ret_path = path;
    return rc;
}

void json_path_destroy(struct json_path *path)
{
    if (!path)
        return;
    for (size_t i = 0; i < path->len; i++)
        free(path->steps[i].key);
    free(path->text);
    free(path);
}

bool json_path_is_list(const struct json_path *path)
{
    for (size_t i = 0; i < path->len; i++)
        if (path->steps[i].every)
            return true;
    return false;
}

bool json_path_wants_array(const struct json_path *path)
{
    return !path->steps[0].key;
}

struct walk {
    const struct json_path *path;
    int (*each)(void *ctx, const struct json *at, struct err *err);
    void *ctx;
    struct err *err;
};

/* "no 'p5' in ..., did you mean 'p50'?" */
static int no_key(const struct walk *w, const struct json *at, const char *key)
{
    const char *keys[KEYS_MAX + 1] = { 0 }, *near;
    size_t n = 0, i = 0;

    for (struct json e = json_first(at); json_there(&e) && n < KEYS_MAX;
         e = json_next(at, &e, ++i))
        keys[n++] = json_key(&e);
    near = n && json_kind(at) == JSON_OBJECT ? text_nearest(key, keys) : NULL;
    return err_set(w->err, ERR_NOT_FOUND, "the JSON has no '%s' at '%s'%s%s%s",
                   w->path->text, key, near ? ", but '" : "", near ? near : "",
                   near ? "'" : "");
}

static int walk_from(const struct walk *w, const struct json *at, size_t step)
{
    const struct step *s = &w->path->steps[step];
    char where[32];
    size_t i = 0;
    int rc;

    if (step == w->path->len)
        return w->each(w->ctx, at, w->err);
    if (s->key) {
        struct json found = json_get(at, s->key);

        return json_there(&found) ? walk_from(w, &found, step + 1)
                                  : no_key(w, at, s->key);
    }
    snprintf(where, sizeof(where), s->every ? "[*]" : "[%zu]", s->index);
    if (json_kind(at) != JSON_ARRAY)
        return no_key(w, at, where);
    for (struct json e = json_first(at); json_there(&e);
         e = json_next(at, &e, ++i)) {
        if (!s->every && i != s->index)
            continue;
        rc = walk_from(w, &e, step + 1);
        if (rc || !s->every)
            return rc;
    }
    return s->every ? 0 : no_key(w, at, where);
}

int json_path_walk(const struct json_path *path, const struct json *root,
                   int (*each)(void *ctx, const struct json *at,
                               struct err *err),
                   void *ctx, struct err *err)
{
    struct walk w = { path, each, ctx, err };

    return walk_from(&w, root, 0);
}
