/* experiment_points.c - the points of an experiment file, checked */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "experiments/experiment_parts.h"

#define NAMES_MAX 256

/* A value of "topology" or "dataset" must be declared by its name. */
static int check_named(const struct experiment *e, const struct axis *axis,
                       const struct json *at, const struct op_value *value,
                       struct err *err)
{
    const char *names[NAMES_MAX + 1], *near;
    bool is_dataset = !strcmp(axis->name, "dataset");
    size_t len = 0;

    if (!is_dataset && strcmp(axis->name, "topology") != 0)
        return 0;
    for (size_t i = 0; is_dataset && i < e->datasets_len; i++) {
        if (!strcmp(e->datasets[i].name, value->text))
            return 0;
        if (len < NAMES_MAX)
            names[len++] = e->datasets[i].name;
    }
    for (size_t i = 0; !is_dataset && i < e->topologies_len; i++) {
        if (!strcmp(e->topologies[i].name, value->text))
            return 0;
        if (len < NAMES_MAX)
            names[len++] = e->topologies[i].name;
    }
    names[len] = NULL;
    near = text_nearest(value->text, names);
    return json_fail(at, err, "'%s' is not among the %s%s%s%s", value->text,
                     is_dataset ? "datasets" : "topologies",
                     near ? ", did you mean '" : "", near ? near : "",
                     near ? "'?" : "");
}

static int check_value(const struct experiment *e, const struct axis *axis,
                       const struct json *at, struct err *err)
{
    struct op_value value;
    int rc = axis_read_value(axis, at, &value, err);

    return rc || axis->declared ? rc : check_named(e, axis, at, &value, err);
}

/* Check one point: its keys are axes, its values or lists are values. */
static int check_point(const struct experiment *e, const struct json *at,
                       bool is_rule, struct err *err)
{
    const char *keys[AXES_MAX + 1];
    size_t len = 0;
    int rc;

    for (size_t i = 0; i < e->axes_len; i++) {
        bool last =
            !e->axes[i].declared && (!strcmp(e->axes[i].name, "board") ||
                                     !strcmp(e->axes[i].name, "repeat"));

        if (last && !is_rule)
            continue;
        if (last && !strcmp(e->axes[i].name, "board") &&
            e->boards != EXPERIMENT_BOARDS_EACH)
            continue;
        keys[len++] = e->axes[i].name;
    }
    keys[len] = NULL;
    rc = json_check_keys(at, keys, err);
    for (size_t i = 0; !rc && i < e->axes_len; i++) {
        struct json member = json_get(at, e->axes[i].name);
        size_t k = 0;

        if (!json_there(&member))
            continue;
        if (json_kind(&member) != JSON_ARRAY)
            rc = check_value(e, &e->axes[i], &member, err);
        for (struct json v = json_first(&member); !rc && json_there(&v);
             v = json_next(&member, &v, ++k))
            rc = check_value(e, &e->axes[i], &v, err);
    }
    return rc;
}

static int check_na(const struct experiment *e, const struct json *at,
                    struct err *err)
{
    static const char *const keys[] = { "where", "reason", NULL };
    struct json where = json_get(at, "where"), reason = json_get(at, "reason");
    const char *text = "";
    int rc = json_check_keys(at, keys, err);

    if (!rc)
        rc = json_string(&reason, &text, err);
    if (!rc && !*text)
        rc = json_fail(&reason, err, "expected a reason");
    if (!rc)
        rc = check_point(e, &where, true, err);
    if (!rc && !json_len(&where))
        rc = json_fail(&where, err, "expected at least one axis");
    return rc;
}

int experiment_check_points(const struct experiment *e, struct err *err)
{
    const struct json *lists[] = { &e->matrix, &e->include, &e->exclude,
                                   &e->na };
    int rc = 0;

    for (size_t k = 0; !rc && k < ARRAY_LEN(lists); k++) {
        size_t i = 0;

        if (!json_there(lists[k]))
            continue;
        rc = json_expect(lists[k], JSON_ARRAY, err);
        for (struct json at = json_first(lists[k]); !rc && json_there(&at);
             at = json_next(lists[k], &at, ++i))
            rc = lists[k] == &e->na
                     ? check_na(e, &at, err)
                     : check_point(e, &at, lists[k] == &e->exclude, err);
    }
    return rc;
}

static int read_occasions(const struct json *at,
                          struct experiment_sentinels *sentinels,
                          struct err *err)
{
    static const char *const words[] = { "mode", "reboot", NULL };
    bool *const flags[] = { &sentinels->mode, &sentinels->reboot };
    size_t i = 0, k = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    sentinels->mode = sentinels->reboot = !json_there(at);
    for (struct json word = json_first(at); !rc && json_there(&word);
         word = json_next(at, &word, ++i)) {
        rc = json_opt_word(&word, words, &k, err);
        if (!rc)
            *flags[k] = true;
    }
    return rc;
}

int experiment_read_sentinels(const struct json *at, struct experiment *e,
                              struct err *err)
{
    static const char *const keys[] = { "where", "every", "after", NULL };
    struct experiment_sentinels *s = &e->sentinels;
    struct json every = json_get(at, "every"), after = json_get(at, "after");
    int rc;

    if (!json_there(at))
        return 0;
    s->where = json_get(at, "where");
    rc = json_check_keys(at, keys, err);
    if (!rc && !json_there(&s->where))
        rc = json_fail(at, err, "expected \"where\", the op point to run");
    if (!rc)
        rc = check_point(e, &s->where, true, err);
    if (!rc && !json_len(&s->where))
        rc = json_fail(&s->where, err, "expected at least one axis");
    if (!rc)
        rc = json_opt_quantity(&every, "s", &s->every_s, err);
    if (!rc && json_there(&every) && !(s->every_s >= 1 && s->every_s <= 1e7))
        rc = json_fail(&every, err, "found %g s, expected from 1 s to 1e7 s",
                       s->every_s);
    return rc ? rc : read_occasions(&after, s, err);
}
