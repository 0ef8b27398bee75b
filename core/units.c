/* units.c - factors to SI, and numbers with a unit */
#include "core/units.h"

#include <string.h>

#include "core/text.h"
#include "core/vec.h"

static const struct unit {
    const char *symbol, *base;
    double factor;
} units[] = {
    { "s", "s", 1 },
    { "ms", "s", 1e-3 },
    { "us", "s", 1e-6 },
    { "ns", "s", 1e-9 },
    { "min", "s", 60 },
    { "h", "s", 3600 },
    { "d", "s", 86400 },
    { "W", "W", 1 },
    { "mW", "W", 1e-3 },
    { "uW", "W", 1e-6 },
    { "kW", "W", 1e3 },
    { "J", "J", 1 },
    { "mJ", "J", 1e-3 },
    { "uJ", "J", 1e-6 },
    { "Wh", "J", 3600 },
    { "mWh", "J", 3.6 },
    { "V", "V", 1 },
    { "mV", "V", 1e-3 },
    { "A", "A", 1 },
    { "mA", "A", 1e-3 },
    { "Hz", "Hz", 1 },
    { "kHz", "Hz", 1e3 },
    { "MHz", "Hz", 1e6 },
    { "GHz", "Hz", 1e9 },
    { "degC", "degC", 1 },
    { "mdegC", "degC", 1e-3 },
    { "byte", "byte", 1 },
    { "B", "byte", 1 },
    { "KB", "byte", 1e3 },
    { "MB", "byte", 1e6 },
    { "GB", "byte", 1e9 },
    { "KiB", "byte", 1024 },
    { "MiB", "byte", 1048576 },
    { "GiB", "byte", 1073741824.0 },
    { "byte/s", "byte/s", 1 },
    { "MB/s", "byte/s", 1e6 },
    { "GB/s", "byte/s", 1e9 },
    { "op/s", "op/s", 1 },
    { "MOP/s", "op/s", 1e6 },
    { "GOP/s", "op/s", 1e9 },
    { "TOP/s", "op/s", 1e12 },
    { "op", "op", 1 },
    { "MOP", "op", 1e6 },
    { "GOP", "op", 1e9 },
    { "1/s", "1/s", 1 },
    { "1/J", "1/J", 1 },
    { "image/s", "1/s", 1 },
    { "FPS", "1/s", 1 },
    { "percent", "percent", 1 },
    { "%", "percent", 1 },
    { "1", "1", 1 },
    { "", "1", 1 },
    { "op/byte", "op/byte", 1 },
};

static const struct unit *find(const char *symbol)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (!strcmp(units[i].symbol, symbol))
            return &units[i];
    return NULL;
}

int units_factor(const char *unit, const char *base, double *ret_factor,
                 struct err *err)
{
    const struct unit *from = find(unit), *to = find(base);

    if (!from || !to)
        return err_set(err, ERR_FORMAT, "unknown unit '%s'",
                       from ? base : unit);
    if (strcmp(from->base, to->base) != 0)
        return err_set(err, ERR_FORMAT, "unit '%s' is no measure of '%s'", unit,
                       base);
    *ret_factor = from->factor / to->factor;
    return 0;
}

int units_parse(const char *text, const char *base, double *ret_value,
                struct err *err)
{
    char number[64];
    size_t len = strspn(text, "0123456789+-.eE");
    double factor, value;
    int rc;

    if (len > 0 && len < sizeof(number))
        memcpy(number, text, len);
    else
        len = 0;
    number[len] = 0;
    if (!text_to_f64(number, &value))
        return err_set(err, ERR_FORMAT, "'%s' is not a number with a unit",
                       text);
    text += len;
    while (*text == ' ')
        text++;
    if (!*text)
        return err_set(err, ERR_FORMAT, "'%s' has no unit, such as '%s'",
                       number, base);
    rc = units_factor(text, base, &factor, err);
    if (!rc)
        *ret_value = value * factor;
    return rc;
}
