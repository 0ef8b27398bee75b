/* template.c - braces found, names filled in */
#include "inventory/template.h"

#include <string.h>

#include "core/text.h"

#define TEMPLATE_MAX 65536
#define NAME_MAX_LEN 63
#define NEAR_MAX     512

static const char name_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz"
                                 "0123456789_.-";

/* One piece of a template: literal bytes, or a name. */
struct piece {
    const char *at;
    size_t len;
    bool is_name, raw; /* {!name}: never quoted */
};

/* The piece at 'text', which is not at its end; sets ret_next. */
static int next_piece(const char *text, struct piece *ret_piece,
                      const char **ret_next, struct err *err)
{
    size_t len = strcspn(text, "{}");
    const char *name;
    bool raw;

    if (len) {
        *ret_piece = (struct piece){ text, len, false, true };
        *ret_next = text + len;
        return 0;
    }
    if (text[0] == text[1]) {
        *ret_piece = (struct piece){ text, 1, false, true };
        *ret_next = text + 2;
        return 0;
    }
    raw = text[0] == '{' && text[1] == '!';
    name = text + 1 + raw;
    len = text[0] == '{' ? strspn(name, name_chars) : 0;
    if (!len || len > NAME_MAX_LEN || name[len] != '}')
        return err_set(err, ERR_FORMAT,
                       "lone brace at '%.20s'; a name is {name}, a brace is "
                       "{{ or }}",
                       text);
    *ret_piece = (struct piece){ name, len, true, raw };
    *ret_next = name + len + 1;
    return 0;
}

static int unknown_name(const char *name, const struct template_names *names,
                        struct err *err)
{
    const char *known[NEAR_MAX + 1], *near;
    size_t len = 0;

    while (len < NEAR_MAX && (known[len] = names->at(names->ctx, len)))
        len++;
    known[len] = NULL;
    near = text_nearest(name, known);
    return err_set(err, ERR_FORMAT, "unknown name {%s}%s%s%s", name,
                   near ? ", did you mean {" : "", near ? near : "",
                   near ? "}?" : "");
}

int template_expand(const char *text, enum template_quote quote,
                    const struct template_names *names, struct buf *out,
                    struct err *err)
{
    size_t start = out->len;
    struct piece piece;
    int rc = 0;

    while (!rc && *text) {
        char name[NAME_MAX_LEN + 1];
        const char *value;

        rc = next_piece(text, &piece, &text, err);
        if (rc)
            break;
        if (!piece.is_name) {
            buf_put(out, piece.at, piece.len);
            continue;
        }
        memcpy(name, piece.at, piece.len);
        name[piece.len] = 0;
        value = names->find(names->ctx, name);
        if (!value)
            rc = unknown_name(name, names, err);
        else if (quote == TEMPLATE_SHELL && !piece.raw)
            text_quote_shell(out, value);
        else
            buf_put(out, value, strlen(value));
        if (!rc && out->len - start > TEMPLATE_MAX)
            rc = err_set(err, ERR_FORMAT, "longer than %d bytes when filled in",
                         TEMPLATE_MAX);
    }
    if (!rc && buf_failed(out))
        rc = err_set(err, ERR_NOMEM, "no memory to fill in a template");
    if (rc)
        out->len = start < out->len ? start : out->len;
    return rc;
}

int template_walk(const char *text,
                  int (*each)(void *ctx, const char *name, struct err *err),
                  void *ctx, struct err *err)
{
    struct piece piece;
    int rc = 0;

    while (!rc && *text) {
        char name[NAME_MAX_LEN + 1];

        rc = next_piece(text, &piece, &text, err);
        if (rc || !piece.is_name)
            continue;
        memcpy(name, piece.at, piece.len);
        name[piece.len] = 0;
        rc = each(ctx, name, err);
    }
    return rc;
}

bool template_is_name(const char *text, char name[64])
{
    struct piece piece;
    const char *next;

    if (!*text || next_piece(text, &piece, &next, NULL) || !piece.is_name ||
        *next)
        return false;
    memcpy(name, piece.at, piece.len);
    name[piece.len] = 0;
    return true;
}
