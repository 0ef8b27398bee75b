/* collect.c - an adapter's rules, tried in order on what its jobs printed */
#include "workers/collect/collector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/collect/clean.h"

static struct source *make_sources(const struct collect_output *outputs,
                                   size_t len)
{
    struct source *sources = calloc(len ? len : 1, sizeof(*sources));

    for (size_t i = 0; sources && i < len; i++)
        sources[i].output = &outputs[i];
    return sources;
}

static void free_sources(struct source *sources, size_t len)
{
    for (size_t i = 0; sources && i < len; i++)
        for (size_t k = 0; k < 4 * SOURCE_FORMS; k++)
            json_doc_destroy(sources[i].docs[k / 4][k / 2 % 2][k % 2].doc);
    free(sources);
}

/* Keep the first thing that went wrong. */
static void note(int rc, const struct err *this, int *first, struct err *err)
{
    if (!rc || *first)
        return;
    *first = rc;
    if (err)
        *err = *this;
}

static int read_derived(struct collector *c, struct derived *d,
                        const struct template_names *names,
                        struct attempt_row *row, double *ret_value,
                        struct err *err)
{
    struct scene scene = { .collector = c, .names = names, .row = row };
    struct expr_names expr_names = { scene_find, &scene };
    double value = NAN;
    int rc = expr_eval(d->expr, &expr_names, &value, err);

    if (!rc && value == value)
        rc = column_store(d->column, value * d->factor, row, err);
    if (rc)
        err_prefix(err, "'%s'", d->entry->column);
    *ret_value = value * d->factor;
    return rc;
}

/* ---- telling */

struct teller {
    void (*tell)(void *ctx, const struct collect_found *found);
    void *ctx;
};

static void tell_rule(const struct teller *t, const struct rule *r, int rc,
                      const struct err *why)
{
    const struct dimension number = { .known = true };
    char unit[64] = "";
    struct collect_found found = {
        .name = r->column ? r->column->name : r->entry->capture,
        .is_capture = !r->column,
        .count = r->numbers.len,
        .value = r->numbers.len ? r->numbers.at[0] : NAN,
        .text = r->text,
        .why = rc ? why : NULL,
    };

    found.unit = r->column ? r->column->unit : unit;
    if (!r->column && !r->is_text && !dimension_fits(&r->dimension, &number))
        dimension_format(&r->dimension, unit);
    if (t->tell)
        t->tell(t->ctx, &found);
}

static void tell_derived(const struct teller *t, const struct derived *d,
                         double value, int rc, const struct err *why)
{
    struct collect_found found = {
        .name = d->column->name,
        .unit = d->column->unit,
        .count = (size_t)!isnan(value),
        .value = value,
        .why = rc ? why : NULL,
    };

    if (t->tell)
        t->tell(t->ctx, &found);
}

int collector_read_telling(struct collector *c, enum collect_part part,
                           const struct collect_output *outputs, size_t len,
                           const struct template_names *names,
                           struct attempt_row *row,
                           void (*tell)(void *ctx,
                                        const struct collect_found *found),
                           void *ctx, struct err *err)
{
    struct source *sources = make_sources(outputs, len);
    struct teller teller = { tell, ctx };
    struct err this = { 0 };
    int first = 0, rc;

    if (!sources)
        return err_set(err, ERR_NOMEM, "no memory to read output");
    for (size_t i = 0; i < c->rules_len[part]; i++) {
        rc = rule_read(&c->rules[part][i], sources, len, &this);
        if (!rc)
            rc = rule_store(&c->rules[part][i], row, &this);
        tell_rule(&teller, &c->rules[part][i], rc, &this);
        note(rc, &this, &first, err);
    }
    free_sources(sources, len);
    for (size_t i = 0; part == COLLECT_MEASURED && i < c->adapter->derive_len;
         i++) {
        double value = NAN;

        rc = read_derived(c, &c->derived[i], names, row, &value, &this);
        tell_derived(&teller, &c->derived[i], value, rc, &this);
        note(rc, &this, &first, err);
    }
    return first;
}

int collector_read(struct collector *c, enum collect_part part,
                   const struct collect_output *outputs, size_t len,
                   const struct template_names *names, struct attempt_row *row,
                   struct err *err)
{
    return collector_read_telling(c, part, outputs, len, names, row, NULL, NULL,
                                  err);
}

int collector_valid(struct collector *c, const struct collect_output *outputs,
                    size_t len, struct err *err)
{
    for (size_t i = 0; i < c->adapter->valid_len; i++) {
        const struct adapter_valid *e = c->valid[i].entry;

        for (size_t k = 0; k < len; k++) {
            struct pattern_match m;
            int rc;

            if (strcmp(outputs[k].job, e->job) != 0)
                continue;
            rc = pattern_next(c->valid[i].pattern, outputs[k].text[e->stream],
                              outputs[k].len[e->stream], 0, &m, err);
            if (rc && rc != ERR_NOT_FOUND)
                return rc;
            if ((rc == 0) != e->must)
                return err_set(err, ERR_REFUSED, "%s", e->reason);
        }
    }
    return 0;
}

/* ---- samples */

struct sample_list {
    VEC(double) values;
    double factor;
};

static int keep_sample(struct sample_list *list, const struct json *at,
                       struct err *err)
{
    double value;
    int rc = json_number(at, &value, err);

    if (rc)
        return rc;
    if (value < 0 || list->values.len >= COLLECT_LIST_MAX)
        return err_set(err, ERR_FORMAT, "'%s' is no list of times", at->path);
    if (!VEC_PUSH(&list->values, value * list->factor))
        return err_set(err, ERR_NOMEM, "no memory for samples");
    return 0;
}

static int keep_samples(void *ctx, const struct json *at, struct err *err)
{
    struct sample_list *list = ctx;
    size_t i = 0;
    int rc = 0;

    if (json_kind(at) != JSON_ARRAY)
        return keep_sample(list, at, err);
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i))
        rc = keep_sample(list, &e, err);
    return rc;
}

static int read_samples(const struct sample_rule *rule, struct source *sources,
                        size_t len, struct sample_list *list, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < len; i++) {
        const struct json_doc *doc;
        struct json root;

        if (strcmp(sources[i].output->job, rule->entry->job) != 0)
            continue;
        doc = source_json(&sources[i], rule->entry->form, ADAPTER_STDOUT,
                          json_path_wants_array(rule->path), err);
        if (!doc)
            return ERR_FORMAT;
        root = json_root(doc);
        rc = json_path_walk(rule->path, &root, keep_samples, list, err);
    }
    return rc == ERR_NOT_FOUND ? ERR_FORMAT : rc;
}

int collector_samples(struct collector *c, const char *name,
                      const struct collect_output *outputs, size_t len,
                      double **ret_values, size_t *ret_len, struct err *err)
{
    struct source *sources = make_sources(outputs, len);
    struct sample_list list = { 0 };
    int rc = sources ? 0 : err_set(err, ERR_NOMEM, "no memory for samples");

    for (size_t i = 0; !rc && i < c->adapter->samples_len; i++) {
        list.factor = c->samples[i].factor;
        if (!strcmp(c->samples[i].entry->name, name))
            rc = read_samples(&c->samples[i], sources, len, &list, err);
    }
    free_sources(sources, len);
    if (rc) {
        VEC_FREE(&list.values);
        err_prefix(err, "samples '%s'", name);
        return rc;
    }
    *ret_values = list.values.at;
    *ret_len = list.values.len;
    return 0;
}

int collect_first(const char *pattern, const void *data, size_t data_len,
                  char *value, size_t size, struct err *err)
{
    struct pattern *p = NULL;
    struct buf clean = { 0 };
    const char *text;
    int rc;

    collect_clean(&clean, data, data_len);
    text = buf_text(&clean);
    rc = pattern_compile(pattern ? pattern : "^[^\\S\\n]*(\\S.*)$", &p, err);
    if (!rc)
        rc = pattern_first(p, text, clean.len, value, size, err);
    if (rc == ERR_NOT_FOUND && pattern)
        err_set(err, rc, "pattern '%.120s' matches nothing", pattern);
    else if (rc == ERR_NOT_FOUND)
        err_set(err, rc, "nothing was printed");
    pattern_destroy(p);
    buf_free(&clean);
    return rc;
}
