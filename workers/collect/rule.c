/* rule.c - a pattern or a path, tried on output, and its value checked */
#include "workers/collect/rule.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "workers/collect/form.h"

#define WHOLE_MAX 9007199254740992.0 /* 2^53 */
#define TEXT_MAX  4096

/* ---- one number */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "12,5": the tool speaks the language of its user.  The comma may stand
 * inside the match, or just outside where the pattern stopped at it. */
static bool decimal_comma(const struct rule *rule, const char *text, size_t len,
                          size_t from, size_t to)
{
    if (rule->has_comma)
        return false;
    if (memchr(text + from, ',', to - from))
        return true;
    if (to + 1 < len && text[to] == ',' && is_digit(text[to + 1]))
        return true;
    return from >= 2 && text[from - 1] == ',' && is_digit(text[from - 2]);
}

static int number_in_text(const struct rule *rule, const char *text, size_t len,
                          size_t from, size_t to, double *ret_value,
                          struct err *err)
{
    char word[80];
    size_t n = to - from;

    if (decimal_comma(rule, text, len, from, to)) {
        from = from > 8 ? from - 8 : 0;
        return err_set(err, ERR_FORMAT,
                       "found a comma in the number near '%.*s', expected a "
                       "decimal point; set LC_ALL=C for the tool",
                       (int)(strcspn(text + from, "\n") < 24
                                 ? strcspn(text + from, "\n")
                                 : 24),
                       text + from);
    }
    if (n >= sizeof(word))
        n = sizeof(word) - 1;
    memcpy(word, text + from, n);
    word[n] = 0;
    if (!text_to_f64(word, ret_value))
        return err_set(err, ERR_FORMAT, "found '%.40s', expected a number",
                       word);
    return 0;
}

int json_number(const struct json *at, double *ret_value, struct err *err)
{
    const char *text = NULL;
    bool flag;

    if (!json_bool(at, &flag, NULL)) {
        *ret_value = flag;
        return 0;
    }
    if (!json_string(at, &text, NULL)) {
        if (text_to_f64(text, ret_value))
            return 0;
        return err_set(err, ERR_FORMAT, "'%s' is \"%.40s\", expected a number",
                       at->path, text);
    }
    if (!json_f64(at, ret_value, NULL))
        return 0;
    return err_set(err, ERR_FORMAT, "'%s' is %s, expected a number", at->path,
                   json_kind(at) == JSON_NULL ? "null" : "no number");
}

/* ---- patterns */

static const char *stream_word(const struct rule *rule)
{
    return rule->entry->stream == ADAPTER_STDERR ? "stderr" : "stdout";
}

static int keep_text(struct rule *rule, const char *text, size_t len,
                     struct err *err)
{
    while (len && strchr(" \t\n", text[len - 1]))
        len--;
    while (len && strchr(" \t\n", *text)) {
        text++;
        len--;
    }
    free(rule->text);
    rule->text = strndup(text, len > TEXT_MAX ? TEXT_MAX : len);
    return rule->text ? 0 : err_set(err, ERR_NOMEM, "no memory for a value");
}

static int keep_number(struct rule *rule, double value, struct err *err)
{
    if (rule->numbers.len >= COLLECT_LIST_MAX)
        return err_set(err, ERR_FORMAT, "more than %u numbers",
                       COLLECT_LIST_MAX);
    if (!VEC_PUSH(&rule->numbers, value * rule->factor))
        return err_set(err, ERR_NOMEM, "no memory for a value");
    return 0;
}

static int keep_match(struct rule *rule, const char *text, size_t len,
                      const struct pattern_match *m, struct err *err)
{
    double value;
    int rc;

    if (m->group_start > m->group_end)
        return err_set(err, ERR_FORMAT, "its group 1 took no part in a match");
    if (rule->is_text)
        return keep_text(rule, text + m->group_start,
                         m->group_end - m->group_start, err);
    rc = number_in_text(rule, text, len, m->group_start, m->group_end, &value,
                        err);
    return rc ? rc : keep_number(rule, value, err);
}

static bool same_words(const char *text, const struct pattern_match *a,
                       const struct pattern_match *b)
{
    size_t n = a->group_end - a->group_start;

    if (a->group_start > a->group_end || b->group_start > b->group_end)
        return true;
    return n == b->group_end - b->group_start &&
           !memcmp(text + a->group_start, text + b->group_start, n);
}

static int shown(const struct pattern_match *m)
{
    size_t n = m->group_end - m->group_start;

    return n > 40 ? 40 : (int)n;
}

static int contradiction(const char *text, const struct pattern_match *a,
                         const struct pattern_match *b, struct err *err)
{
    return err_set(err, ERR_FORMAT,
                   "stands there with different values, '%.*s' and '%.*s'",
                   shown(a), text + a->group_start, shown(b),
                   text + b->group_start);
}

static int read_pattern(struct rule *rule, const char *text, size_t len,
                        struct err *err)
{
    enum adapter_take take = rule->entry->take;
    struct pattern_match m, kept = { 0 };
    size_t found = 0, at = 0;
    int rc;

    for (;;) {
        rc = pattern_next(rule->pattern, text, len, at, &m, err);
        if (rc)
            break;
        if (found && take == ADAPTER_ONLY && !same_words(text, &kept, &m))
            return contradiction(text, &kept, &m, err);
        found++;
        if (found == 1 || take == ADAPTER_LAST)
            kept = m;
        if (take == ADAPTER_LIST)
            rc = keep_match(rule, text, len, &m, err);
        if (rc)
            return rc;
        if (take == ADAPTER_FIRST)
            break;
        at = m.end > at ? m.end : at + 1;
        while (at < len && ((unsigned char)text[at] & 0xc0) == 0x80)
            at++;
    }
    if (rc && rc != ERR_NOT_FOUND)
        return rc;
    if (found)
        return take == ADAPTER_LIST ? 0
                                    : keep_match(rule, text, len, &kept, err);
    if (rule->entry->optional)
        return 0;
    return err_set(err, ERR_FORMAT, "pattern '%.120s' matches nothing on %s",
                   pattern_text(rule->pattern), stream_word(rule));
}

/* ---- paths */

static int keep_json(void *ctx, const struct json *at, struct err *err)
{
    struct rule *rule = ctx;
    const char *text = NULL;
    double value;
    int rc;

    if (json_kind(at) == JSON_NULL && rule->entry->optional)
        return 0;
    if (rule->is_text && !json_string(at, &text, NULL))
        return keep_text(rule, text, strlen(text), err);
    if (rule->is_text) {
        struct buf line = { 0 };

        rc = json_kind(at) == JSON_NULL
                 ? err_set(err, ERR_FORMAT, "'%s' is null", at->path)
                 : json_print_at(at, &line, err);
        if (!rc)
            rc = keep_text(rule, buf_text(&line), line.len, err);
        buf_free(&line);
        return rc;
    }
    if (rule->factor == 1 && !json_string(at, &text, NULL) &&
        text_to_i64(text, &rule->whole))
        return keep_number(rule, (double)rule->whole, err);
    rc = json_number(at, &value, err);
    return rc ? rc : keep_number(rule, value, err);
}

static int keep_path(void *ctx, const struct json *at, struct err *err)
{
    struct rule *rule = ctx;
    size_t i = 0;
    int rc = 0;

    if (rule->entry->take != ADAPTER_LIST || json_kind(at) != JSON_ARRAY)
        return keep_json(rule, at, err);
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i))
        rc = keep_json(rule, &e, err);
    return rc;
}

const struct json_doc *source_json(struct source *source,
                                   enum adapter_form form,
                                   enum adapter_stream stream, bool array,
                                   struct err *err)
{
    struct source_doc *d = &source->docs[form][stream][array];

    if (!d->tried) {
        d->tried = true;
        form_read(form, source->output->text[stream],
                  source->output->len[stream], array, &d->doc, &d->why);
    }
    if (!d->doc)
        err_set(err, ERR_FORMAT, "%s on %s", d->why.text,
                stream == ADAPTER_STDERR ? "stderr" : "stdout");
    return d->doc;
}

static int read_path(struct rule *rule, struct source *source, struct err *err)
{
    bool array = json_path_wants_array(rule->path);
    const struct json_doc *doc;
    struct json root;
    struct err inner = { 0 };
    int rc;

    doc = source_json(source, rule->entry->form, rule->entry->stream, array,
                      &inner);
    if (!doc) {
        /* what is there but broken is no better for being optional */
        rc = source->docs[rule->entry->form][rule->entry->stream][array]
                 .why.code;
    } else {
        root = json_root(doc);
        rc = json_path_walk(rule->path, &root, keep_path, rule, &inner);
    }
    if (rc == ERR_NOT_FOUND && rule->entry->optional)
        return 0;
    return rc ? err_set(err, rc == ERR_NOMEM ? rc : ERR_FORMAT, "%s",
                        inner.text)
              : 0;
}

/* ---- the rule */

static void forget(struct rule *rule)
{
    rule->numbers.len = 0;
    rule->whole = COLUMN_I64_MISSING;
    free(rule->text);
    rule->text = NULL;
}

int rule_read(struct rule *rule, struct source *sources, size_t len,
              struct err *err)
{
    const struct adapter_collect *e = rule->entry;
    int rc = 0;

    forget(rule);
    for (size_t i = 0; !rc && i < len; i++) {
        const struct collect_output *out = sources[i].output;

        if (strcmp(out->job, e->job) != 0)
            continue;
        if (rule->path)
            rc = read_path(rule, &sources[i], err);
        else
            rc = read_pattern(rule, out->text[e->stream], out->len[e->stream],
                              err);
    }
    if (!rc)
        return 0;
    forget(rule);
    err_prefix(err, "'%s' of job '%s'", e->column ? e->column : e->capture,
               e->job);
    return rc;
}

bool rule_there(const struct rule *rule)
{
    return rule->is_text ? rule->text != NULL : rule->numbers.len > 0;
}

static bool starts_with(const char *text, const char *head)
{
    return !strncmp(text, head, strlen(head));
}

int column_store(const struct column *column, double value,
                 struct attempt_row *row, struct err *err)
{
    bool rate = starts_with(column->name, "lat_") ||
                starts_with(column->name, "fps_") ||
                starts_with(column->name, "op_rate_");

    if (!isfinite(value))
        return err_set(err, ERR_FORMAT, "%g is no number for '%s'", value,
                       column->name);
    if (rate && value <= 0)
        return err_set(err, ERR_FORMAT,
                       "%g %s for '%s' is no measurement, expected more than 0",
                       value, column->unit, column->name);
    if (value < 0 && strcmp(column->unit, "degC") != 0)
        return err_set(err, ERR_FORMAT, "%g for '%s' is below 0", value,
                       column->name);
    if (value > 100 && !strcmp(column->unit, "percent"))
        return err_set(err, ERR_FORMAT, "%g percent for '%s' is above 100",
                       value, column->name);
    if (column->type == COLUMN_F64) {
        columns_set_f64(column, row, value);
        return 0;
    }
    if (column->type == COLUMN_STAMP)
        value = nearbyint(value);
    if (value != floor(value) ||
        fabs(value) > (column->type == COLUMN_STAMP ? 9.2e18 : WHOLE_MAX))
        return err_set(err, ERR_FORMAT,
                       "%.17g for '%s', expected a whole number", value,
                       column->name);
    columns_set_i64(column, row, (int64_t)value);
    return 0;
}

static int store_text(const struct rule *rule, struct attempt_row *row,
                      struct err *err)
{
    int64_t flag;

    if (rule->column->type == COLUMN_TEXT) {
        columns_set_text(rule->column, row, rule->text);
        return 0;
    }
    flag = columns_flag_value(rule->column->name, rule->text);
    if (flag == COLUMN_I64_MISSING)
        return err_set(err, ERR_FORMAT, "'%.40s' is no word for '%s'",
                       rule->text, rule->column->name);
    columns_set_i64(rule->column, row, flag);
    return 0;
}

int rule_store(const struct rule *rule, struct attempt_row *row,
               struct err *err)
{
    int rc;

    if (!rule->column || !rule_there(rule))
        return 0;
    if (rule->is_text) {
        rc = store_text(rule, row, err);
    } else if (rule->whole != COLUMN_I64_MISSING && rule->whole >= 0 &&
               rule->column->type != COLUMN_F64) {
        columns_set_i64(rule->column, row, rule->whole);
        rc = 0;
    } else {
        rc = column_store(rule->column, rule->numbers.at[0], row, err);
    }
    if (rc)
        err_prefix(err, "job '%s'", rule->entry->job);
    return rc;
}

void rule_free(struct rule *rule)
{
    pattern_destroy(rule->pattern);
    json_path_destroy(rule->path);
    VEC_FREE(&rule->numbers);
    free(rule->text);
    *rule = (struct rule){ 0 };
}
