/* pattern.c - PCRE2 with JIT, match limits and line anchors */
#include "workers/collect/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX    1000000u /* at one place of the text */
#define STEPS_MIN    10000u
#define STEPS_ALL    500000000u /* over the whole text, at most */
#define HEAP_MAX_KIB 20000u
#define PATTERN_MAX  4096

struct pattern {
    char *text;
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    bool has_group;
};

static int compile_failed(const char *text, int code, size_t at,
                          struct err *err)
{
    char words[120];

    pcre2_get_error_message(code, (PCRE2_UCHAR *)words, sizeof(words));
    return err_set(err, ERR_FORMAT, "pattern '%.120s': %s at character %zu",
                   text, words, at + 1);
}

int pattern_compile(const char *text, struct pattern **ret_pattern,
                    struct err *err)
{
    struct pattern *p;
    uint32_t groups = 0;
    PCRE2_SIZE at = 0;
    int code = 0, rc = ERR_NOMEM;

    if (strlen(text) > PATTERN_MAX)
        return err_set(err, ERR_FORMAT, "pattern is longer than %d bytes",
                       PATTERN_MAX);
    p = calloc(1, sizeof(*p));
    if (!p)
        return err_set(err, ERR_NOMEM, "no memory for a pattern");
    p->text = strdup(text);
    p->limits = pcre2_match_context_create(NULL);
    if (!p->text || !p->limits) {
        err_set(err, ERR_NOMEM, "no memory for a pattern");
        goto out;
    }
    p->code =
        pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C,
                      &code, &at, NULL);
    if (!p->code) {
        rc = compile_failed(text, code, at, err);
        goto out;
    }
    p->match = pcre2_match_data_create_from_pattern(p->code, NULL);
    if (!p->match) {
        err_set(err, ERR_NOMEM, "no memory for a pattern");
        goto out;
    }
    pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    p->has_group = groups > 0;
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* slower without */
    pcre2_set_heap_limit(p->limits, HEAP_MAX_KIB);
    *ret_pattern = p;
    return 0;
out:
    pattern_destroy(p);
    return rc;
}

void pattern_destroy(struct pattern *p)
{
    if (!p)
        return;
    pcre2_match_context_free(p->limits);
    pcre2_match_data_free(p->match);
    pcre2_code_free(p->code);
    free(p->text);
    free(p);
}

const char *pattern_text(const struct pattern *pattern)
{
    return pattern->text;
}

/* PCRE2 counts anew at every place where a match may start, so a long text
 * gets fewer steps a place. */
static uint32_t steps_allowed(size_t len)
{
    size_t steps = STEPS_ALL / (len + 1);

    if (steps > STEPS_MAX)
        return STEPS_MAX;
    return steps < STEPS_MIN ? STEPS_MIN : (uint32_t)steps;
}

int pattern_next(struct pattern *p, const char *text, size_t len, size_t at,
                 struct pattern_match *ret_match, struct err *err)
{
    const PCRE2_SIZE *where;
    char words[120];
    size_t group = p->has_group ? 2 : 0;
    int found;

    if (at > len)
        return ERR_NOT_FOUND;
    pcre2_set_match_limit(p->limits, steps_allowed(len));
    found = pcre2_match(p->code, (PCRE2_SPTR)text, len, at, PCRE2_NO_UTF_CHECK,
                        p->match, p->limits);
    if (found == PCRE2_ERROR_NOMATCH)
        return ERR_NOT_FOUND;
    if (found < 0) {
        pcre2_get_error_message(found, (PCRE2_UCHAR *)words, sizeof(words));
        return err_set(err, ERR_FORMAT, "pattern '%.120s' gave up: %s", p->text,
                       words);
    }
    where = pcre2_get_ovector_pointer(p->match);
    ret_match->start = where[0];
    ret_match->end = where[1] < where[0] ? where[0] : where[1];
    ret_match->group_start = where[group];
    ret_match->group_end = where[group + 1];
    if (where[group] == PCRE2_UNSET) {
        ret_match->group_start = 1;
        ret_match->group_end = 0;
    }
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int pattern_first(struct pattern *p, const char *text, size_t len, char *value,
                  size_t size, struct err *err)
{
    struct pattern_match m;
    int rc = pattern_next(p, text, len, 0, &m, err);
    size_t n;

    if (rc)
        return rc;
    if (m.group_start > m.group_end)
        return err_set(err, ERR_FORMAT,
                       "pattern '%.120s' matched, but its group 1 is empty",
                       p->text);
    while (m.group_start < m.group_end && is_blank(text[m.group_start]))
        m.group_start++;
    while (m.group_end > m.group_start && is_blank(text[m.group_end - 1]))
        m.group_end--;
    n = m.group_end - m.group_start;
    if (n >= size)
        for (n = size - 1; n && (text[m.group_start + n] & 0xc0) == 0x80;)
            n--;
    memcpy(value, text + m.group_start, n);
    value[n] = 0;
    return 0;
}
