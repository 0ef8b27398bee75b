/* board_meters.c - the meters of a board, as its entry lists them */
#include "inventory/board_parts.h"

#include <math.h>
#include <string.h>

#include "core/units.h"
#include "core/vec.h"
#include "inventory/read.h"

static const char *const scope_words[] = { "module", "rail",    "board", "wall",
                                           "usb",    "package", NULL };
static const struct {
    const char *quantity, *unit;
} quantities[] = {
    { "power", "W" },  { "voltage", "V" },        { "current", "A" },
    { "energy", "J" }, { "temperature", "degC" }, { "clock", "Hz" },
};

int board_read_list(const struct board_fold *fold, const struct json *at,
                    const char *const **ret_list, size_t *ret_len,
                    struct err *err)
{
    const char **list = read_alloc(at, fold->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!list)
        return ERR_NOMEM;
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i))
        rc = board_text(fold, &e, &list[i], err);
    *ret_list = list;
    *ret_len = i;
    return rc;
}

static int check_unit(const struct json *at, struct board_meter_source *source,
                      size_t quantity, struct err *err)
{
    struct err inner;

    if (!source->unit)
        source->unit = quantities[quantity].unit;
    if (units_factor(source->unit, quantities[quantity].unit, &source->factor,
                     &inner))
        return json_fail(at, err, "%s", inner.text);
    source->factor *= source->scale;
    return 0;
}

static int parse_source(const struct board_fold *fold, const struct json *at,
                        struct board_meter_source *source, struct err *err)
{
    static const char *const keys[] = { "path",  "unit",  "quantity",
                                        "label", "scale", NULL };
    const char *words[ARRAY_LEN(quantities) + 1] = { 0 };
    struct json path = json_get(at, "path"), unit = json_get(at, "unit");
    struct json label = json_get(at, "label"), scale = json_get(at, "scale");
    struct json quantity = json_get(at, "quantity");
    size_t word = 0;
    int rc = json_check_keys(at, keys, err);

    for (size_t i = 0; i < ARRAY_LEN(quantities); i++)
        words[i] = quantities[i].quantity;
    source->label = "";
    source->scale = 1;
    if (!rc)
        rc = json_expect(&path, JSON_STRING, err);
    if (!rc)
        rc = board_text(fold, &path, &source->path, err);
    if (!rc)
        rc = board_text(fold, &unit, &source->unit, err);
    if (!rc)
        rc = board_text(fold, &label, &source->label, err);
    if (!rc)
        rc = json_opt_f64(&scale, &source->scale, err);
    if (!rc && source->scale == 0)
        rc = json_fail(&scale, err, "expected a factor other than 0");
    if (!rc)
        rc = json_opt_word(&quantity, words, &word, err);
    source->quantity = words[word];
    return rc ? rc
              : check_unit(json_there(&unit) ? &unit : at, source, word, err);
}

static int parse_sources(const struct board_fold *fold, const struct json *at,
                         struct board_meter *meter, struct err *err)
{
    struct board_meter_source *list =
        read_alloc(at, fold->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!list)
        return ERR_NOMEM;
    for (struct json s = json_first(at); !rc && json_there(&s);
         s = json_next(at, &s, ++i))
        rc = parse_source(fold, &s, &list[i], err);
    meter->sources = list;
    meter->sources_len = i;
    return rc;
}

static int parse_times(const struct json *at, struct board_meter *meter,
                       struct err *err)
{
    struct json period = json_get(at, "period"), idle = json_get(at, "idle");
    int rc;

    meter->period_s = NAN; /* the driver's own */
    meter->idle_s = 2;
    rc = json_opt_quantity(&period, "s", &meter->period_s, err);
    if (!rc && json_there(&period) &&
        !(meter->period_s >= 1e-4 && meter->period_s <= 3600))
        rc = json_fail(&period, err, "expected from 0.1 ms to 1 h");
    if (!rc)
        rc = json_opt_quantity(&idle, "s", &meter->idle_s, err);
    if (!rc && !(meter->idle_s >= 0 && meter->idle_s <= 3600))
        rc = json_fail(&idle, err, "expected from 0 s to 1 h");
    return rc;
}

/* "scheme://user:password@host".  A password may hold a '/', so an '@' is
 * taken for its end wherever it stands. */
static bool says_password(const char *text)
{
    const char *host = strstr(text, "://");

    return host && strchr(host, '@');
}

/* An inventory goes into every journal, so nothing secret may stand in it;
 * the text itself is not said, either. */
static int check_no_secret(const struct json *options, struct err *err)
{
    const char *text = NULL;
    size_t i = 0;

    if (json_kind(options) != JSON_OBJECT)
        return 0;
    for (struct json o = json_first(options); json_there(&o);
         o = json_next(options, &o, ++i))
        if (!strcmp(json_key(&o), "password") ||
            (json_kind(&o) == JSON_STRING && !json_string(&o, &text, NULL) &&
             says_password(text)))
            return json_fail(&o, err,
                             "a password does not belong into an inventory: "
                             "say 'user' and 'password_file' (and %%40 for an "
                             "'@' in a path)");
    return 0;
}

static int parse_meter(const struct board_fold *fold, const struct json *at,
                       struct board_meter *meter, struct err *err)
{
    static const char *const keys[] = { "name",        "driver",   "scope",
                                        "primary",     "optional", "on_board",
                                        "period",      "idle",     "sources",
                                        "exclusive",   "options",  "help",
                                        "calibration", "accuracy", "range",
                                        NULL };
    struct json name = json_get(at, "name"), driver = json_get(at, "driver");
    struct json scope = json_get(at, "scope"), flag;
    struct json sources = json_get(at, "sources");
    struct json groups = json_get(at, "exclusive");
    struct json options = json_get(at, "options");
    size_t word = METER_BOARD;
    int rc = json_check_keys(at, keys, err);

    meter->entry = *at;
    meter->on_board = true;
    meter->dir = pool_text(fold->pool, fold->base_dir);
    if (!rc && !meter->dir)
        rc = err_set(err, ERR_NOMEM, "no memory for a meter");
    if (!rc)
        rc = check_no_secret(&options, err);
    if (!rc)
        rc = board_unfold(fold, &options, &meter->options, err);
    if (!rc)
        rc = json_expect(&name, JSON_STRING, err);
    if (!rc)
        rc = board_text(fold, &name, &meter->name, err);
    if (!rc)
        rc = json_string(&driver, &meter->driver, err);
    if (!rc)
        rc = json_opt_word(&scope, scope_words, &word, err);
    meter->scope = (enum meter_scope)word;
    flag = json_get(at, "primary");
    if (!rc)
        rc = json_opt_bool(&flag, &meter->primary, err);
    flag = json_get(at, "optional");
    if (!rc)
        rc = json_opt_bool(&flag, &meter->optional, err);
    flag = json_get(at, "on_board");
    if (!rc)
        rc = json_opt_bool(&flag, &meter->on_board, err);
    if (!rc)
        rc = parse_times(at, meter, err);
    if (!rc)
        rc = parse_sources(fold, &sources, meter, err);
    if (!rc)
        rc = board_read_calibration(at, meter, err);
    return rc ? rc
              : board_read_list(fold, &groups, &meter->groups,
                                &meter->groups_len, err);
}

int board_read_meters(const struct board_fold *fold, const struct json *at,
                      struct board *board, struct err *err)
{
    struct board_meter *meters =
        read_alloc(at, fold->pool, sizeof(*meters), err);
    size_t i = 0, primaries = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!meters)
        return ERR_NOMEM;
    for (struct json m = json_first(at); !rc && json_there(&m);
         m = json_next(at, &m, ++i)) {
        rc = parse_meter(fold, &m, &meters[i], err);
        for (size_t k = 0; !rc && k < i; k++)
            if (!strcmp(meters[k].name, meters[i].name))
                rc = json_fail(&m, err, "a meter '%s' is there already",
                               meters[k].name);
        primaries += meters[i].primary;
    }
    if (!rc && i == 1 && !primaries)
        meters[0].primary = true;
    else if (!rc && i && primaries != 1)
        rc = json_fail(at, err, "found %zu primary meters, expected one",
                       primaries);
    board->meters = meters;
    board->meters_len = i;
    return rc;
}
