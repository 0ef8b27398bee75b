/* collector.c - an adapter's rules compiled, and checked at that */
#include "workers/collect/collector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compile_rules(struct collector *c, enum collect_part part,
                         const struct adapter_collect *entries, size_t len,
                         struct err *err)
{
    const char *list = part ? "accuracy.collect" : "collect";
    int rc = 0;

    c->rules[part] = calloc(len ? len : 1, sizeof(struct rule));
    if (!c->rules[part])
        return err_set(err, ERR_NOMEM, "no memory for an adapter");
    c->rules_len[part] = len;
    for (size_t i = 0; !rc && i < len; i++) {
        char where[48];

        snprintf(where, sizeof(where), "%s[%zu]", list, i);
        rc = rule_compile(&c->rules[part][i], c->adapter, &entries[i], where,
                          err);
    }
    return rc;
}

static int compile_derived(struct collector *c, struct derived *d,
                           struct err *err)
{
    struct scene scene = { .collector = c };
    struct expr_names names = { scene_find, &scene };
    struct dimension found, wanted;
    char left[64], right[64];
    double si = 1;
    int rc = column_find(d->entry->column, &d->column, err);
    const char *unit = d->entry->unit;

    if (!rc)
        rc = expr_parse(d->entry->value, &d->expr, err);
    if (!rc)
        rc = expr_check(d->expr, &names, &found, err);
    if (rc)
        return rc;
    rc = dimension_of_unit(unit, &wanted, &si, err);
    if (!rc && si != 1)
        return err_set(err, ERR_FORMAT,
                       "values are computed in SI: \"unit\" is '%s', but the "
                       "result is not in it",
                       unit);
    if (!rc && !dimension_fits(&found, &wanted))
        return err_set(err, ERR_FORMAT,
                       "'%s' yields %s, but \"unit\" is '%s' (%s)",
                       d->entry->value, dimension_format(&found, left), unit,
                       dimension_format(&wanted, right));
    if (!rc && (*d->column->unit || strcmp(unit, "1") != 0)) {
        struct dimension own;

        rc = dimension_of_unit(*d->column->unit ? d->column->unit : "1", &own,
                               &d->factor, err);
        if (!rc && !dimension_fits(&own, &wanted))
            rc = err_set(err, ERR_FORMAT,
                         "column '%s' is in '%s', found \"unit\": \"%s\"",
                         d->column->name, d->column->unit, unit);
        d->factor = 1 / d->factor;
    }
    return rc;
}

static int compile_all_derived(struct collector *c, struct err *err)
{
    const struct adapter *a = c->adapter;
    int rc = 0;

    c->derived = calloc(a->derive_len + 1, sizeof(struct derived));
    if (!c->derived)
        return err_set(err, ERR_NOMEM, "no memory for an adapter");
    for (size_t i = 0; !rc && i < a->derive_len; i++) {
        c->derived[i].entry = &a->derive[i];
        c->derived[i].factor = 1;
        rc = compile_derived(c, &c->derived[i], err);
        if (rc)
            err_prefix(err, "%s: derive[%zu]", a->file, i);
    }
    return rc;
}

static int compile_valid(struct collector *c, struct err *err)
{
    const struct adapter *a = c->adapter;
    int rc = 0;

    c->valid = calloc(a->valid_len + 1, sizeof(struct valid_rule));
    if (!c->valid)
        return err_set(err, ERR_NOMEM, "no memory for an adapter");
    for (size_t i = 0; !rc && i < a->valid_len; i++) {
        c->valid[i].entry = &a->valid[i];
        if (!adapter_job(a, a->valid[i].job))
            rc = err_set(err, ERR_FORMAT, "there is no job '%s'",
                         a->valid[i].job);
        else
            rc =
                pattern_compile(a->valid[i].pattern, &c->valid[i].pattern, err);
        if (rc)
            err_prefix(err, "%s: valid[%zu]", a->file, i);
    }
    return rc;
}

static int compile_samples(struct collector *c, struct err *err)
{
    const struct adapter *a = c->adapter;
    struct dimension d;
    int rc = 0;

    c->samples = calloc(a->samples_len + 1, sizeof(struct sample_rule));
    if (!c->samples)
        return err_set(err, ERR_NOMEM, "no memory for an adapter");
    for (size_t i = 0; !rc && i < a->samples_len; i++) {
        const struct adapter_samples *e = &a->samples[i];

        c->samples[i].entry = e;
        if (!adapter_job(a, e->job))
            rc = err_set(err, ERR_FORMAT, "there is no job '%s'", e->job);
        else
            rc = json_path_parse(e->path, &c->samples[i].path, err);
        if (!rc)
            rc = dimension_of_unit(e->unit, &d, &c->samples[i].factor, err);
        if (!rc && d.s != 1)
            rc = err_set(err, ERR_FORMAT, "unit '%s' is no time", e->unit);
        if (rc)
            err_prefix(err, "%s: samples.%s", a->file, e->name);
    }
    return rc;
}

/* Patterns outside "collect" are compiled where they are used; here only to
 * find the ones that are none. */
static int check_pattern(const struct adapter *a, const char *pattern,
                         const char *where, struct err *err)
{
    struct pattern *p = NULL;
    int rc = pattern ? pattern_compile(pattern, &p, err) : 0;

    pattern_destroy(p);
    if (rc)
        err_prefix(err, "%s: %s", a->file, where);
    return rc;
}

static int check_patterns(const struct adapter *a, struct err *err)
{
    int rc = check_pattern(a, a->tool_version.pattern, "tool_version", err);

    if (!rc)
        rc = check_pattern(a, a->op_mode.read.pattern, "op_mode.read", err);
    if (!rc)
        rc = check_pattern(a, a->op_mode.verify.pattern, "op_mode.verify", err);
    if (!rc)
        rc = check_pattern(a, a->accuracy.predictions, "accuracy.predictions",
                           err);
    for (size_t i = 0; !rc && i < a->jobs_len; i++) {
        rc = check_pattern(a, a->jobs[i].start_marker, "start_marker", err);
        if (!rc)
            rc = check_pattern(a, a->jobs[i].end_marker, "end_marker", err);
    }
    return rc;
}

int collector_create(const struct adapter *adapter,
                     struct collector **ret_collector, struct err *err)
{
    struct collector *c = calloc(1, sizeof(*c));
    int rc;

    if (!c)
        return err_set(err, ERR_NOMEM, "no memory for an adapter");
    c->adapter = adapter;
    rc = compile_rules(c, COLLECT_MEASURED, adapter->collect,
                       adapter->collect_len, err);
    if (!rc && adapter->accuracy.there)
        rc = compile_rules(c, COLLECT_ACCURACY, adapter->accuracy.collect,
                           adapter->accuracy.collect_len, err);
    if (!rc)
        rc = compile_all_derived(c, err);
    if (!rc)
        rc = compile_valid(c, err);
    if (!rc)
        rc = compile_samples(c, err);
    if (!rc)
        rc = check_patterns(adapter, err);
    if (rc)
        collector_destroy(c);
    else
        *ret_collector = c;
    return rc;
}

void collector_destroy(struct collector *c)
{
    if (!c)
        return;
    for (size_t part = 0; part < 2; part++) {
        for (size_t i = 0; i < c->rules_len[part]; i++)
            rule_free(&c->rules[part][i]);
        free(c->rules[part]);
    }
    for (size_t i = 0; c->derived && i < c->adapter->derive_len; i++)
        expr_destroy(c->derived[i].expr);
    for (size_t i = 0; c->valid && i < c->adapter->valid_len; i++)
        pattern_destroy(c->valid[i].pattern);
    for (size_t i = 0; c->samples && i < c->adapter->samples_len; i++)
        json_path_destroy(c->samples[i].path);
    free(c->derived);
    free(c->valid);
    free(c->samples);
    free(c);
}

int collect_check_adapter(const struct adapter *adapter, struct err *err)
{
    struct collector *c = NULL;
    int rc = collector_create(adapter, &c, err);

    if (!rc)
        collector_destroy(c);
    return rc;
}

int collect_check_inventory(const struct inventory *inventory, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < inventory->adapters_len; i++)
        rc = collect_check_adapter(inventory->adapters[i], err);
    return rc;
}
