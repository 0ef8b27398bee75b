/* scene.c - what a name in an expression means */
#include "workers/collect/collector.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "experiments/axis.h"

/* Names that labsweep gives besides axes and parameters. */
static const char *const given_names[] = { "ops_image", "params" };
static const char *const given_heads[] = { "param.", "mode.", "measure." };

static bool given(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(given_names); i++)
        if (!strcmp(name, given_names[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(given_heads); i++)
        if (!strncmp(name, given_heads[i], strlen(given_heads[i])))
            return true;
    return false;
}

static int unknown_name(const struct collector *c, const char *name,
                        struct err *err)
{
    const char *known[256] = { 0 }, *near;
    const struct axis *axis;
    size_t n = 0;

    for (size_t i = 0; i < c->rules_len[0] && n < 120; i++)
        known[n++] = c->rules[0][i].column ? c->rules[0][i].column->name
                                           : c->rules[0][i].entry->capture;
    for (size_t i = 0; (axis = axis_fixed(i)); i++)
        known[n++] = axis->name;
    for (size_t i = 0; i < ARRAY_LEN(given_names); i++)
        known[n++] = given_names[i];
    near = text_nearest(name, known);
    if (near)
        return err_set(err, ERR_FORMAT, "unknown name '%s', did you mean '%s'?",
                       name, near);
    return err_set(err, ERR_FORMAT, "unknown name '%s'", name);
}

static int find_rule(struct scene *s, const struct rule *r, const char *name,
                     struct quantity *ret, struct err *err)
{
    double si = 1;

    if (r->is_text)
        return err_set(err, ERR_FORMAT,
                       "'%s' is a text; give it a \"unit\" to count with it",
                       name);
    if (r->column)
        dimension_of_unit(*r->column->unit ? r->column->unit : "1",
                          &ret->dimension, &si, NULL);
    else
        ret->dimension = r->dimension;
    ret->is_list = r->is_list;
    ret->len = r->numbers.len;
    ret->at = r->numbers.at;
    if (r->is_list)
        return 0;
    s->number = r->numbers.len ? r->numbers.at[0] * si : NAN;
    ret->at = &s->number;
    ret->len = 1;
    return 0;
}

static void axis_dimension(const struct axis *axis, struct dimension *ret)
{
    double factor;

    if (!axis->unit || dimension_of_unit(axis->unit, ret, &factor, NULL))
        *ret = (struct dimension){ 0 };
}

static int find_given(struct scene *s, const char *name, struct quantity *ret,
                      struct err *err)
{
    const char *text = s->names ? s->names->find(s->names->ctx, name) : NULL;
    const struct axis *axis;

    ret->dimension = (struct dimension){ 0 };
    ret->is_list = false;
    ret->len = 1;
    ret->at = &s->number;
    s->number = NAN;
    for (size_t i = 0; (axis = axis_fixed(i)); i++)
        if (!strcmp(axis->name, name))
            axis_dimension(axis, &ret->dimension);
    if (!strcmp(name, "ops_image"))
        ret->dimension = (struct dimension){ .known = true, .op = 1 };
    if (!strcmp(name, "params"))
        ret->dimension = (struct dimension){ .known = true };
    if (!text || !*text)
        return 0;
    if (!text_to_f64(text, &s->number))
        return err_set(err, ERR_FORMAT, "'%s' is '%.40s', no number", name,
                       text);
    return 0;
}

static bool is_axis(const char *name)
{
    const struct axis *axis;

    for (size_t i = 0; (axis = axis_fixed(i)); i++)
        if (!strcmp(axis->name, name))
            return axis->type != AXIS_TEXT;
    return false;
}

int scene_find(const void *ctx, const char *name, struct quantity *ret_value,
               struct err *err)
{
    struct scene *s = (struct scene *)(uintptr_t)ctx; /* s->number is ours */
    const struct collector *c = s->collector;

    for (size_t i = 0; i < c->rules_len[COLLECT_MEASURED]; i++) {
        const struct rule *r = &c->rules[COLLECT_MEASURED][i];
        const char *own = r->column ? r->column->name : r->entry->capture;

        if (!strcmp(own, name))
            return find_rule(s, r, name, ret_value, err);
    }
    if (given(name) || is_axis(name) ||
        (s->names && s->names->find(s->names->ctx, name)))
        return find_given(s, name, ret_value, err);
    return unknown_name(c, name, err);
}
