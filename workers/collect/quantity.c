/* quantity.c - units as exponents of six bases */
#include "workers/collect/quantity.h"

#include <stdio.h>
#include <string.h>

#include "core/units.h"
#include "core/vec.h"

/* A base unit of core/units.h; 'si' turns it into the bases above. */
static const struct base {
    const char *unit;
    double si;
    struct dimension dimension;
} bases[] = {
    /* clang-format off */
    { "s",       1, { .known = true, .s = 1 } },
    { "Hz",      1, { .known = true, .s = -1 } },
    { "1/s",     1, { .known = true, .s = -1 } },
    { "J",       1, { .known = true, .j = 1 } },
    { "W",       1, { .known = true, .j = 1, .s = -1 } },
    { "A",       1, { .known = true, .a = 1 } },
    { "V",       1, { .known = true, .j = 1, .s = -1, .a = -1 } },
    { "byte",    1, { .known = true, .byte = 1 } },
    { "byte/s",  1, { .known = true, .byte = 1, .s = -1 } },
    { "op",      1, { .known = true, .op = 1 } },
    { "op/s",    1, { .known = true, .op = 1, .s = -1 } },
    { "op/byte", 1, { .known = true, .op = 1, .byte = -1 } },
    { "degC",    1, { .known = true, .degc = 1 } },
    { "percent", 1, { .known = true } },
    { "1",       1, { .known = true } },
    /* clang-format on */
};

int dimension_of_unit(const char *unit, struct dimension *ret_dimension,
                      double *ret_factor, struct err *err)
{
    double factor;

    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        if (units_factor(unit, bases[i].unit, &factor, NULL))
            continue;
        *ret_dimension = bases[i].dimension;
        *ret_factor = factor * bases[i].si;
        return 0;
    }
    return err_set(err, ERR_FORMAT, "unknown unit '%s'", unit);
}

bool dimension_fits(const struct dimension *a, const struct dimension *b)
{
    if (!a->known || !b->known)
        return true;
    return a->s == b->s && a->j == b->j && a->a == b->a && a->byte == b->byte &&
           a->op == b->op && a->degc == b->degc;
}

static signed char add(signed char a, signed char b, int sign)
{
    int sum = a + b * sign;

    if (sum > 100)
        return 100;
    return sum < -100 ? -100 : (signed char)sum;
}

struct dimension dimension_times(const struct dimension *a,
                                 const struct dimension *b, int sign)
{
    return (struct dimension){
        .known = a->known && b->known,
        .s = add(a->s, b->s, sign),
        .j = add(a->j, b->j, sign),
        .a = add(a->a, b->a, sign),
        .byte = add(a->byte, b->byte, sign),
        .op = add(a->op, b->op, sign),
        .degc = add(a->degc, b->degc, sign),
    };
}

char *dimension_format(const struct dimension *d, char *text)
{
    static const char *const symbols[] = {
        "op", "byte", "J", "A", "degC", "s"
    };
    const signed char powers[] = { d->op, d->byte, d->j, d->a, d->degc, d->s };
    size_t n = 0;

    if (!d->known)
        return strcpy(text, "something undeclared");
    text[0] = 0;
    for (size_t i = 0; i < ARRAY_LEN(powers); i++) {
        if (!powers[i])
            continue;
        n += (size_t)snprintf(text + n, 64 - n,
                              powers[i] == 1 ? "%s%s" : "%s%s%d", n ? " " : "",
                              symbols[i], powers[i]);
    }
    return n ? text : strcpy(text, "a pure number");
}
