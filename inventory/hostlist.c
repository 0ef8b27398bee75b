/* hostlist.c - brackets of numbers unfolded and folded */
#include "inventory/hostlist.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"

#define NUMBER_LIMIT 999999999
#define DIGITS_MAX   9

struct hostlist {
    VEC(struct hostlist_name) names;
};

void hostlist_destroy(struct hostlist *list)
{
    if (!list)
        return;
    VEC_FREE(&list->names);
    free(list);
}

size_t hostlist_len(const struct hostlist *list)
{
    return list->names.len;
}

const struct hostlist_name *hostlist_at(const struct hostlist *list, size_t i)
{
    return i < list->names.len ? &list->names.at[i] : NULL;
}

/* One part of a bracket: from low to high by step, at least 'width' digits
 * wide. */
struct range {
    int64_t low, high, step;
    int width;
};

/* Digits at 'text' of 'len' bytes; returns how many, 0 if none or too many. */
static size_t read_number(const char *text, size_t len, int64_t *ret_value)
{
    size_t digits = 0;

    *ret_value = 0;
    while (digits < len && digits <= DIGITS_MAX && text[digits] >= '0' &&
           text[digits] <= '9')
        *ret_value = *ret_value * 10 + (text[digits++] - '0');
    return digits <= DIGITS_MAX ? digits : 0;
}

static int bad_range(const char *text, size_t len, struct err *err)
{
    return err_set(err, ERR_FORMAT,
                   "'[%.*s' is no list of numbers such as [1,3] or [01-08/2]",
                   (int)(len < 40 ? len : 40), text);
}

static int read_range(const char *text, size_t len, struct range *ret_range,
                      struct err *err)
{
    struct range range = { .step = 1 };
    size_t low = 0, high = 0, step, at;

    if (len > DIGITS_MAX * 3 + 2)
        return bad_range(text, len, err);
    low = read_number(text, len, &range.low);
    at = low;
    range.high = range.low;
    if (!low)
        return bad_range(text, len, err);
    if (text[0] == '0' && low > 1)
        range.width = (int)low;
    if (at < len && text[at] == '-') {
        high = read_number(text + at + 1, len - at - 1, &range.high);
        if (!high)
            return bad_range(text, len, err);
        at += 1 + high;
    }
    if (high && at < len && text[at] == '/') {
        step = read_number(text + at + 1, len - at - 1, &range.step);
        if (!step || range.step < 1)
            return bad_range(text, len, err);
        at += 1 + step;
    }
    if (at != len)
        return bad_range(text, len, err);
    if (range.high < range.low)
        return err_set(err, ERR_FORMAT, "'[%.*s]' runs backwards", (int)len,
                       text);
    if (range.width && high && high != low)
        return err_set(err, ERR_FORMAT,
                       "'[%.*s]': both ends need as many digits", (int)len,
                       text);
    *ret_range = range;
    return 0;
}

static int expand_from(struct hostlist *list, const char *text, size_t len,
                       const struct hostlist_name *head, struct err *err);

/* 'head' with a number added to its name and to its numbers; the rest
 * follows. */
static int expand_number(struct hostlist *list, const char *text, size_t len,
                         const struct hostlist_name *head, int64_t number,
                         int width, struct err *err)
{
    struct hostlist_name next;
    char digits[16];
    int a, b;

    snprintf(digits, sizeof(digits), "%0*" PRId64, width, number);
    a = snprintf(next.name, sizeof(next.name), "%s%s", head->name, digits);
    b = snprintf(next.number, sizeof(next.number), "%s%s%s", head->number,
                 *head->number ? "-" : "", digits);
    if (a >= (int)sizeof(next.name) || b >= (int)sizeof(next.number))
        return err_set(err, ERR_FORMAT, "name '%.60s...' is too long",
                       next.name);
    return expand_from(list, text, len, &next, err);
}

static int expand_bracket(struct hostlist *list, const char *text, size_t len,
                          const struct hostlist_name *head, struct err *err)
{
    const char *close = memchr(text, ']', len), *part = text;
    int rc = 0;

    if (!close)
        return err_set(err, ERR_FORMAT, "'[%.*s' is not closed",
                       (int)(len < 40 ? len : 40), text);
    while (!rc && part <= close) {
        const char *end = memchr(part, ',', (size_t)(close - part));
        struct range range = { 0 };

        if (!end)
            end = close;
        rc = read_range(part, (size_t)(end - part), &range, err);
        for (int64_t n = range.low; !rc && n <= range.high; n += range.step)
            rc =
                expand_number(list, close + 1, len - (size_t)(close + 1 - text),
                              head, n, range.width, err);
        part = end + 1;
    }
    return rc;
}

/* A name is visible characters, without quotes, slashes and braces. */
static int check_chars(const char *text, size_t len, struct err *err)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f ||
            strchr("'\"\\/{}$`", text[i]))
            return err_set(err, ERR_FORMAT,
                           "name '%.*s' has a character that names cannot "
                           "have",
                           (int)(len < 60 ? len : 60), text);
    return 0;
}

/* Expand the rest of one name. */
static int expand_from(struct hostlist *list, const char *text, size_t len,
                       const struct hostlist_name *head, struct err *err)
{
    const char *open = memchr(text, '[', len);
    size_t plain = open ? (size_t)(open - text) : len;
    struct hostlist_name next = *head;
    size_t have = strlen(next.name);

    if (memchr(text, ']', plain))
        return err_set(err, ERR_FORMAT, "']' without '[' in '%.*s'",
                       (int)(len < 40 ? len : 40), text);
    if (have + plain >= sizeof(next.name))
        return err_set(err, ERR_FORMAT, "name '%.60s...' is too long",
                       next.name);
    if (check_chars(text, plain, err))
        return ERR_FORMAT;
    memcpy(next.name + have, text, plain);
    next.name[have + plain] = 0;
    if (open)
        return expand_bracket(list, open + 1, len - plain - 1, &next, err);
    if (list->names.len >= HOSTLIST_NAMES_MAX)
        return err_set(err, ERR_FORMAT, "more than %d names",
                       HOSTLIST_NAMES_MAX);
    if (!VEC_PUSH(&list->names, next))
        return err_set(err, ERR_NOMEM, "no memory for names");
    return 0;
}

/* Where the name at 'text' ends: at a comma outside brackets. */
static size_t name_len(const char *text)
{
    bool inside = false;
    size_t len = 0;

    for (; text[len] && (inside || text[len] != ','); len++) {
        if (text[len] == '[')
            inside = true;
        else if (text[len] == ']')
            inside = false;
    }
    return len;
}

int hostlist_expand(const char *text, struct hostlist **ret_list,
                    struct err *err)
{
    struct hostlist *list = calloc(1, sizeof(*list));
    const struct hostlist_name empty = { 0 };
    int rc = 0;

    if (!list)
        return err_set(err, ERR_NOMEM, "no memory for names");
    while (!rc) {
        size_t len = name_len(text);

        if (!len)
            rc = err_set(err, ERR_FORMAT, "found an empty name");
        else
            rc = expand_from(list, text, len, &empty, err);
        if (!text[len])
            break;
        text += len + 1;
    }
    if (rc)
        hostlist_destroy(list);
    else
        *ret_list = list;
    return rc;
}

/* ---- folding */

/* A name split at its last number. */
struct split {
    size_t head, digits; /* lengths; the tail is the rest */
    int64_t number;
};

static struct split split_name(const char *name)
{
    size_t end = strlen(name), start;
    struct split split = { .head = end };

    while (end > 0 && (name[end - 1] < '0' || name[end - 1] > '9'))
        end--;
    start = end;
    while (start > 0 && name[start - 1] >= '0' && name[start - 1] <= '9' &&
           end - start < DIGITS_MAX)
        start--;
    if (start == end)
        return split;
    split.head = start;
    split.digits = read_number(name + start, end - start, &split.number);
    return split;
}

/* True if 'b' may stand in the same bracket as 'a'. */
static bool same_fold(const char *a, const struct split *sa, const char *b,
                      const struct split *sb)
{
    bool padded = (a[sa->head] == '0' && sa->digits > 1) ||
                  (b[sb->head] == '0' && sb->digits > 1);

    return sa->digits && sb->digits && sa->head == sb->head &&
           (!padded || sa->digits == sb->digits) && !strncmp(a, b, sa->head) &&
           !strcmp(a + sa->head + sa->digits, b + sb->head + sb->digits);
}

void hostlist_fold(const char *const *names, size_t len, struct buf *out)
{
    for (size_t i = 0, end; i < len; i = end) {
        struct split first = split_name(names[i]), last = first, next;

        for (end = i + 1; end < len; end++) {
            next = split_name(names[end]);
            if (!same_fold(names[i], &first, names[end], &next) ||
                next.number != last.number + 1)
                break;
            last = next;
        }
        if (i)
            buf_put_u8(out, ',');
        if (end == i + 1) {
            buf_put(out, names[i], strlen(names[i]));
            continue;
        }
        buf_put(out, names[i], first.head);
        buf_printf(out, "[%.*s-%.*s]", (int)first.digits, names[i] + first.head,
                   (int)last.digits, names[end - 1] + last.head);
        buf_printf(out, "%s", names[i] + first.head + first.digits);
    }
}
