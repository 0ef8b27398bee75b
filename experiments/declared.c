/* declared.c - accuracies that somebody vouches for, read and checked */
#include "experiments/declared.h"

#include <math.h>
#include <stddef.h>

static int read_pct(const struct json *at, double *value, struct err *err)
{
    int rc = json_opt_f64(at, value, err);

    if (!rc && json_there(at) && !(*value >= 0 && *value <= 100))
        rc = json_fail(at, err, "found %g, expected a percentage", *value);
    return rc;
}

int declared_read(const struct json *at, struct declared_accuracy *ret_declared,
                  struct err *err)
{
    static const char *const keys[] = { "where", "top1_pct", "top5_pct",
                                        "source", NULL };
    struct declared_accuracy d = { NAN, NAN, "" };
    struct json top1 = json_get(at, "top1_pct"),
                top5 = json_get(at, "top5_pct");
    struct json source = json_get(at, "source");
    int rc = json_check_keys(at, keys, err);

    if (!rc)
        rc = read_pct(&top1, &d.top1_pct, err);
    if (!rc)
        rc = read_pct(&top5, &d.top5_pct, err);
    if (!rc && isnan(d.top1_pct) && isnan(d.top5_pct))
        rc = json_fail(at, err, "expected \"top1_pct\" or \"top5_pct\"");
    if (!rc && d.top5_pct < d.top1_pct)
        rc = json_fail(&top5, err, "found %g, expected at least top1_pct, %g",
                       d.top5_pct, d.top1_pct);
    if (!rc)
        rc = json_string(&source, &d.source, err);
    if (!rc && !*d.source)
        rc = json_fail(&source, err, "expected who or what says so");
    if (!rc)
        *ret_declared = d;
    return rc;
}

static int check_values(const struct json *at, const struct axis *axis,
                        struct err *err)
{
    struct op_value value;
    size_t i = 0;
    int rc = 0;

    if (json_kind(at) != JSON_ARRAY)
        return json_there(at) ? axis_read_value(axis, at, &value, err) : 0;
    for (struct json v = json_first(at); !rc && json_there(&v);
         v = json_next(at, &v, ++i))
        rc = axis_read_value(axis, &v, &value, err);
    return rc;
}

static int check_where(const struct json *at, const struct axis *axes,
                       size_t len, struct err *err)
{
    const char *keys[AXES_MAX + 1];
    int rc;

    if (!json_there(at))
        return 0;
    for (size_t i = 0; i < len; i++)
        keys[i] = axes[i].name;
    keys[len] = NULL;
    rc = json_check_keys(at, keys, err);
    for (size_t i = 0; !rc && i < len; i++) {
        struct json member = json_get(at, axes[i].name);

        rc = check_values(&member, &axes[i], err);
    }
    return rc;
}

int declared_check(const struct json *list, const struct axis *axes, size_t len,
                   struct err *err)
{
    struct declared_accuracy unused;
    size_t i = 0;
    int rc = json_there(list) ? json_expect(list, JSON_ARRAY, err) : 0;

    for (struct json at = json_first(list); !rc && json_there(&at);
         at = json_next(list, &at, ++i)) {
        struct json where = json_get(&at, "where");

        rc = declared_read(&at, &unused, err);
        if (!rc)
            rc = check_where(&where, axes, len, err);
    }
    return rc;
}
