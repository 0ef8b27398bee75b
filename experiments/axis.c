/* axis.c - the table of fixed axes; values read and written */
#include "experiments/axis.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "experiments/precision.h"

#define WHOLE_MAX INT64_C(9007199254740992) /* 2^53: exact in JSON */

#define DFLT_TEXT(value)                                                       \
    {                                                                          \
        .there = sizeof(value) > 1, .text = value                              \
    }
#define DFLT_I64(value)                                                        \
    {                                                                          \
        .there = true, .i64 = value                                            \
    }
#define DFLT_F64(value)                                                        \
    {                                                                          \
        .there = true, .f64 = value                                            \
    }

static const struct axis fixed[] = {
#define AXIS(atype, aname, aunit, adflt, ahelp)                                \
    { .name = #aname,                                                          \
      .unit = aunit,                                                           \
      .help = ahelp,                                                           \
      .type = AXIS_##atype,                                                    \
      .dflt = DFLT_##atype(adflt) },
#define LAST_AXIS(atype, aname, aunit, adflt, ahelp)                           \
    AXIS(atype, aname, aunit, adflt, ahelp)
#include "experiments/axes.def"
#undef AXIS
#undef LAST_AXIS
};

static const char *const type_words[] = { "text", "integer", "number", NULL };

const struct axis *axis_fixed(size_t i)
{
    return i < ARRAY_LEN(fixed) ? &fixed[i] : NULL;
}

const char *axis_type_word(enum axis_type type)
{
    return type_words[type];
}

bool axis_type_parse(const char *word, enum axis_type *ret_type)
{
    for (size_t i = 0; type_words[i]; i++) {
        if (!strcmp(type_words[i], word)) {
            *ret_type = (enum axis_type)i;
            return true;
        }
    }
    return false;
}

size_t axes_index(const struct axis *axes, size_t len, const char *name)
{
    size_t i = 0;

    while (i < len && strcmp(axes[i].name, name) != 0)
        i++;
    return i;
}

static bool is_fixed(const struct axis *axis, enum axis_id id)
{
    return !axis->declared && !strcmp(axis->name, fixed[id].name);
}

static int check_text(const struct axis *axis, const char *text,
                      struct err *err)
{
    struct precision precision;
    size_t len = strlen(text);

    if (!len || len >= AXIS_TEXT_MAX)
        return err_set(err, ERR_FORMAT,
                       "found a text of %zu bytes, expected 1 to %d", len,
                       AXIS_TEXT_MAX - 1);
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return err_set(err, ERR_FORMAT,
                           "found a control character in a name");
    if (is_fixed(axis, AXIS_ID_precision))
        return precision_parse(text, &precision, err);
    return 0;
}

static int check_f64(const struct axis *axis, double value, struct err *err)
{
    if (!isfinite(value))
        return err_set(err, ERR_FORMAT, "number is too large");
    if (is_fixed(axis, AXIS_ID_pruning_factor_pct) &&
        !(value > 0 && value <= 100))
        return err_set(err, ERR_FORMAT,
                       "found %g, expected a share of channels above 0 and at "
                       "most 100 %%",
                       value);
    return 0;
}

int axis_read_value(const struct axis *axis, const struct json *at,
                    struct op_value *ret_value, struct err *err)
{
    struct op_value value = { .there = true };
    const char *text = "";
    struct err inner = { 0 };
    int rc = 0;

    switch (axis->type) {
    case AXIS_TEXT:
        rc = json_string(at, &text, err);
        if (!rc && check_text(axis, text, &inner))
            rc = json_fail(at, err, "%s", inner.text);
        if (!rc)
            memcpy(value.text, text, strlen(text) + 1);
        break;
    case AXIS_I64:
        rc = json_i64(at, axis->declared ? -WHOLE_MAX : 1, WHOLE_MAX,
                      &value.i64, err);
        break;
    case AXIS_F64:
        rc = json_f64(at, &value.f64, err);
        if (!rc && check_f64(axis, value.f64, &inner))
            rc = json_fail(at, err, "%s", inner.text);
        value.f64 += 0.0; /* no negative zero: it would be another id */
        break;
    }
    if (!rc)
        *ret_value = value;
    return rc;
}

int axis_parse_value(const struct axis *axis, const char *text,
                     struct op_value *ret_value, struct err *err)
{
    struct op_value value = { .there = true };
    int rc = 0;

    switch (axis->type) {
    case AXIS_TEXT:
        rc = check_text(axis, text, err);
        if (!rc)
            memcpy(value.text, text, strlen(text) + 1);
        break;
    case AXIS_I64:
        if (!text_to_i64(text, &value.i64) || value.i64 > WHOLE_MAX ||
            value.i64 < (axis->declared ? -WHOLE_MAX : 1))
            rc = err_set(err, ERR_FORMAT,
                         "%s: found '%.40s', expected a whole number",
                         axis->name, text);
        break;
    case AXIS_F64:
        if (!text_to_f64(text, &value.f64))
            rc =
                err_set(err, ERR_FORMAT, "%s: found '%.40s', expected a number",
                        axis->name, text);
        else
            rc = check_f64(axis, value.f64, err);
        value.f64 += 0.0;
        break;
    }
    if (!rc)
        *ret_value = value;
    return rc;
}

/* The fewest digits that read back as the same number. */
static void put_shortest(double value, struct buf *out)
{
    bool whole = fabs(value) < 1e15 && value == floor(value), same = whole;
    char text[32];

    if (whole)
        snprintf(text, sizeof(text), "%.0f", value);
    for (int digits = 1; !same && digits <= 17; digits++) {
        double back;

        snprintf(text, sizeof(text), "%.*g", digits, value);
        same = text_to_f64(text, &back) && back == value;
    }
    buf_put(out, text, strlen(text));
}

void axis_put_value(const struct axis *axis, const struct op_value *value,
                    struct buf *out)
{
    if (!value->there)
        return;
    switch (axis->type) {
    case AXIS_TEXT:
        buf_put(out, value->text, strlen(value->text));
        break;
    case AXIS_I64:
        buf_printf(out, "%" PRId64, value->i64);
        break;
    case AXIS_F64:
        put_shortest(value->f64, out);
        break;
    }
}

bool axis_same_value(const struct axis *axis, const struct op_value *a,
                     const struct op_value *b)
{
    if (a->there != b->there)
        return false;
    if (!a->there)
        return true;
    switch (axis->type) {
    case AXIS_TEXT:
        return !strcmp(a->text, b->text);
    case AXIS_I64:
        return a->i64 == b->i64;
    case AXIS_F64:
        return a->f64 == b->f64;
    }
    return false;
}
