/* literal.c - a walk over a Python literal, writing JSON as it goes */
#include "workers/collect/literal.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"

#define DEPTH_MAX  48
#define NUMBER_MAX 64

struct reader {
    const char *text;
    size_t len, at;
    struct buf *out;
    struct err *err;
    int depth;
};

static int read_value(struct reader *r);

static int bad(struct reader *r, const char *what)
{
    size_t line = 1, start = 0;

    for (size_t i = 0; i < r->at && i < r->len; i++) {
        if (r->text[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    return err_set(r->err, ERR_FORMAT,
                   "a Python value is broken: %s at line %zu, character %zu",
                   what, line, r->at - start + 1);
}

static char here(const struct reader *r)
{
    return r->at < r->len ? r->text[r->at] : 0;
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->len && strchr(" \t\n", r->text[r->at]))
        r->at++;
}

/* ---- strings */

void literal_put_string(struct buf *out, const char *text, size_t len)
{
    buf_put_u8(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_put_u8(out, c);
    }
    buf_put_u8(out, '"');
}

/* One escape; unknown ones stand for themselves, as in Python.  \x of more
 * than ASCII, \u and \U are kept as they are written: names of measurements
 * have none. */
static void read_escape(struct reader *r, struct buf *word)
{
    static const char from[] = "ntr\\'\"", to[] = "\n\t\r\\'\"";
    const char *found = here(r) ? strchr(from, here(r)) : NULL;

    if (found) {
        buf_put_u8(word, (uint8_t)to[found - from]);
    } else {
        buf_put_u8(word, '\\');
        buf_put_u8(word, (uint8_t)here(r));
    }
    r->at++;
}

static int read_string(struct reader *r)
{
    char quote = here(r);
    struct buf word = { 0 };
    int rc = 0;

    for (r->at++; here(r) && here(r) != quote && here(r) != '\n';) {
        if (here(r) != '\\') {
            buf_put_u8(&word, (uint8_t)r->text[r->at++]);
            continue;
        }
        if (++r->at < r->len)
            read_escape(r, &word);
    }
    literal_put_string(r->out, buf_text(&word), word.len);
    if (buf_failed(&word))
        rc = err_set(r->err, ERR_NOMEM, "no memory for a Python value");
    buf_free(&word);
    if (!rc && here(r) != quote)
        rc = bad(r, "a string without an end");
    r->at += !rc;
    return rc;
}

/* ---- numbers and words */

static int read_number(struct reader *r)
{
    char digits[NUMBER_MAX];
    size_t n = 0;
    double value;

    if (here(r) == '+')
        r->at++;
    while (here(r) && strchr("0123456789.eE+-_", here(r))) {
        if (n + 1 == sizeof(digits))
            return bad(r, "a number of too many digits");
        if (here(r) != '_')
            digits[n++] = here(r);
        r->at++;
    }
    digits[n] = 0;
    if (!text_to_f64(digits, &value)) {
        r->at -= n;
        return bad(r, "found no number");
    }
    /* JSON knows neither "1." nor ".5": write what was understood */
    if (digits[0] == '.' || strchr(digits, '.') == digits + n - 1 ||
        strstr(digits, ".e") || strstr(digits, "-."))
        buf_printf(r->out, "%.17g", value);
    else
        buf_put(r->out, digits, n);
    return 0;
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* np.float64(1.5), array([1, 2]), array([1.], dtype=float32): the first
 * argument is the value, named ones say nothing about it. */
static int read_call(struct reader *r)
{
    int rc;

    r->at++;
    rc = read_value(r);
    skip_blanks(r);
    while (!rc && here(r) == ',') {
        r->at++;
        skip_blanks(r);
        while (word_char(here(r)) || here(r) == '=' || here(r) == '\'')
            r->at++;
        skip_blanks(r);
    }
    if (!rc && here(r) != ')')
        rc = bad(r, "expected ')'");
    r->at += !rc;
    return rc;
}

static int read_word(struct reader *r)
{
    static const struct {
        const char *word, *json;
    } words[] = {
        { "True", "true" }, { "False", "false" }, { "None", "null" },
        { "nan", "null" },  { "inf", "null" },
    };
    const char *from = r->text + r->at;
    size_t n = 0;

    while (r->at < r->len && word_char(here(r))) {
        r->at++;
        n++;
    }
    if (here(r) == '(')
        return read_call(r);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strlen(words[i].word) == n && !memcmp(from, words[i].word, n)) {
            buf_printf(r->out, "%s", words[i].json);
            return 0;
        }
    }
    r->at -= n;
    return bad(r, "found no value");
}

/* ---- what holds others */

static int read_key(struct reader *r)
{
    size_t from = r->at;
    int rc;

    if (here(r) == '\'' || here(r) == '"')
        return read_string(r);
    while (here(r) && strchr("0123456789.+-", here(r)))
        r->at++;
    if (r->at == from)
        return bad(r, "expected a key");
    literal_put_string(r->out, r->text + from, r->at - from);
    rc = here(r) == ':' || here(r) == ' ' ? 0 : bad(r, "expected ':'");
    return rc;
}

static int read_member(struct reader *r)
{
    int rc = read_key(r);

    skip_blanks(r);
    if (!rc && here(r) != ':')
        return bad(r, "expected ':'");
    if (rc)
        return rc;
    r->at++;
    buf_put_u8(r->out, ':');
    return read_value(r);
}

/* From an opening bracket to its end; a last comma is fine. */
static int read_group(struct reader *r)
{
    bool dict = here(r) == '{';
    char end = dict ? '}' : here(r) == '[' ? ']' : ')';
    bool first = true;
    int rc = 0;

    r->at++;
    buf_put_u8(r->out, dict ? '{' : '[');
    for (skip_blanks(r); !rc && here(r) != end; skip_blanks(r)) {
        if (!first)
            buf_put_u8(r->out, ',');
        first = false;
        rc = dict ? read_member(r) : read_value(r);
        skip_blanks(r);
        if (!rc && here(r) != ',' && here(r) != end)
            rc = bad(r, here(r) ? "expected ','" : "it has no end");
        if (!rc && here(r) == ',')
            r->at++;
    }
    buf_put_u8(r->out, dict ? '}' : ']');
    r->at += !rc;
    return rc;
}

static int read_value(struct reader *r)
{
    char c;
    int rc;

    if (++r->depth > DEPTH_MAX)
        return bad(r, "nested too deeply");
    skip_blanks(r);
    c = here(r);
    if (c == '-' && r->at + 1 < r->len && isalpha(r->text[r->at + 1] & 0x7f))
        r->at++; /* -inf, -nan */
    c = here(r);
    if (c == '{' || c == '[' || c == '(')
        rc = read_group(r);
    else if (c == '\'' || c == '"')
        rc = read_string(r);
    else if (c && strchr("0123456789.+-", c))
        rc = read_number(r);
    else if (isalpha((unsigned char)c) || c == '_')
        rc = read_word(r);
    else
        rc = bad(r, c ? "found no value" : "it has no end");
    r->depth--;
    return rc;
}

int literal_to_json(const char *text, size_t len, size_t at, struct buf *out,
                    size_t *ret_end, struct err *err)
{
    struct reader r = { text, len, at, out, err, 0 };
    size_t before = out->len;
    int rc = read_value(&r);

    if (!rc && buf_failed(out))
        rc = err_set(err, ERR_NOMEM, "no memory for a Python value");
    if (rc)
        out->len = before;
    else
        *ret_end = r.at;
    return rc;
}
