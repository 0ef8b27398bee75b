/* board_calibration.c - what is known about a meter's error */
#include "inventory/board_parts.h"

#include <math.h>
#include <string.h>

#include "core/units.h"

/* "2026-01-31" as such: ISO dates compare as texts. */
static int parse_date(const struct json *at, const char **date, struct err *err)
{
    static const char form[] = "dddd-dd-dd";
    const char *text = NULL;
    int rc = json_opt_string(at, &text, err);
    size_t i = 0;

    while (!rc && text && i < sizeof(form) - 1 && text[i] &&
           (form[i] == 'd' ? text[i] >= '0' && text[i] <= '9'
                           : text[i] == form[i]))
        i++;
    if (!rc && text && (i < sizeof(form) - 1 || text[i]))
        return json_fail(at, err, "expected a date such as \"2026-01-31\"");
    if (!rc && text)
        *date = text;
    return rc;
}

static int parse_calibration(const struct json *at, struct board_meter *meter,
                             struct err *err)
{
    static const char *const keys[] = { "gain", "offset",      "date",
                                        "due",  "certificate", NULL };
    struct json gain = json_get(at, "gain"), offset = json_get(at, "offset");
    struct json date = json_get(at, "date"), due = json_get(at, "due");
    struct json certificate = json_get(at, "certificate");
    struct meter_calibration *c = &meter->calibration;
    int rc = json_check_keys(at, keys, err);

    c->there = true;
    if (!rc)
        rc = json_opt_f64(&gain, &c->gain, err);
    if (!rc && !(c->gain > 0.1 && c->gain < 10))
        rc = json_fail(&gain, err, "expected from 0.1 to 10");
    if (!rc)
        rc = json_opt_quantity(&offset, "W", &c->offset_w, err);
    if (!rc)
        rc = parse_date(&date, &c->date, err);
    if (!rc && !*c->date)
        rc = json_fail(&date, err, "expected the day it was calibrated");
    if (!rc)
        rc = parse_date(&due, &c->due, err);
    return rc ? rc : json_opt_string(&certificate, &c->certificate, err);
}

static int parse_accuracy(const struct json *at, struct board_meter *meter,
                          struct err *err)
{
    static const char *const keys[] = { "reading_pct", "offset", NULL };
    struct json reading = json_get(at, "reading_pct");
    struct json offset = json_get(at, "offset");
    double percent = 0;
    int rc = json_check_keys(at, keys, err);

    if (!rc)
        rc = json_opt_f64(&reading, &percent, err);
    if (!rc && !(percent >= 0 && percent <= 100))
        rc = json_fail(&reading, err, "expected from 0 to 100");
    meter->accuracy_rel = percent / 100;
    return rc ? rc : json_opt_quantity(&offset, "W", &meter->accuracy_w, err);
}

static int parse_range(const struct json *at, struct board_meter *meter,
                       struct err *err)
{
    struct json low = json_first(at), high = json_next(at, &low, 1);
    int rc = json_expect(at, JSON_ARRAY, err);

    if (!rc && json_len(at) != 2)
        rc = json_fail(at, err, "expected two powers, lowest and highest");
    if (!rc)
        rc = json_quantity(&low, "W", &meter->low_w, err);
    if (!rc)
        rc = json_quantity(&high, "W", &meter->high_w, err);
    if (!rc && !(meter->low_w >= 0 && meter->high_w > meter->low_w))
        rc = json_fail(at, err, "expected the lower power first");
    return rc;
}

/* What a board at work can draw, so that a unit off by 1000 is caught. */
static void default_range(struct board_meter *meter)
{
    meter->low_w = meter->scope == METER_RAIL ? 0 : 0.02;
    meter->high_w = meter->scope == METER_WALL ? 20e3 : 2e3;
}

int board_read_calibration(const struct json *at, struct board_meter *meter,
                           struct err *err)
{
    struct json calibration = json_get(at, "calibration");
    struct json accuracy = json_get(at, "accuracy");
    struct json range = json_get(at, "range");
    int rc = 0;

    meter->calibration = (struct meter_calibration){
        .gain = 1, .date = "", .due = "", .certificate = ""
    };
    default_range(meter);
    if (json_there(&calibration))
        rc = parse_calibration(&calibration, meter, err);
    if (!rc && json_there(&accuracy))
        rc = parse_accuracy(&accuracy, meter, err);
    if (!rc && json_there(&range))
        rc = parse_range(&range, meter, err);
    return rc;
}
