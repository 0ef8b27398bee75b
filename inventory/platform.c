/* platform.c - facts read with their source */
#include "inventory/platform.h"

#include <string.h>

#include "core/vec.h"
#include "experiments/precision.h"
#include "inventory/read.h"

static const char *const type_words[] = { "CPU", "GPU",  "FPGA",
                                          "TPU", "VLIW", NULL };
static const char *const engine_words[] = { "batched", "per_image", "dataflow",
                                            NULL };
static const char *const place_words[] = { "dram", "on_chip", NULL };
static const char *const kind_words[] = { "data sheet", "published",
                                          "corrected",  "derived",
                                          "copied",     "measured",
                                          NULL };

const char *platform_type_word(enum platform_type type)
{
    return type_words[type];
}

const char *platform_engine_word(enum platform_engine engine)
{
    return engine_words[engine];
}

const char *platform_place_word(enum platform_place place)
{
    return place_words[place];
}

const char *fact_kind_word(enum fact_kind kind)
{
    return kind_words[kind];
}

static int parse_fact(const struct json *at, const char *unit,
                      struct fact *ret_fact, struct err *err)
{
    static const char *const keys[] = { "value", "source", "kind", NULL };
    struct json value = json_get(at, "value"), source = json_get(at, "source");
    struct json kind = json_get(at, "kind");
    struct fact fact = { 0 };
    size_t kind_at = 0;
    int rc = json_check_keys(at, keys, err);

    if (!rc)
        rc = json_quantity(&value, unit, &fact.value, err);
    if (!rc && !(fact.value > 0))
        rc = json_fail(&value, err, "expected a number above 0");
    if (!rc)
        rc = json_string(&source, &fact.source, err);
    if (!rc && !*fact.source)
        rc = json_fail(&source, err, "expected where the number is from");
    if (!rc)
        rc = json_expect(&kind, JSON_STRING, err);
    if (!rc)
        rc = json_opt_word(&kind, kind_words, &kind_at, err);
    fact.kind = (enum fact_kind)kind_at;
    if (!rc)
        *ret_fact = fact;
    return rc;
}

/* A fact, or a list of them; NULL where nothing is there. */
static int parse_facts(const struct json *at, const char *unit,
                       struct pool *pool, const struct fact **ret_fact,
                       struct err *err)
{
    bool list = json_kind(at) == JSON_ARRAY;
    size_t len = list ? json_len(at) : 1, i = 0;
    struct fact *facts;
    int rc = 0;

    if (!json_there(at))
        return 0;
    if (!len)
        return json_fail(at, err, "expected at least one value");
    facts = pool_alloc(pool, len, sizeof(*facts));
    if (!facts)
        return err_set(err, ERR_NOMEM, "no memory for facts");
    if (!list)
        rc = parse_fact(at, unit, facts, err);
    for (struct json e = json_first(at); list && !rc && json_there(&e);
         e = json_next(at, &e, ++i)) {
        rc = parse_fact(&e, unit, &facts[i], err);
        if (i + 1 < len)
            facts[i].next = &facts[i + 1];
    }
    if (!rc)
        *ret_fact = facts;
    return rc;
}

static int check_precision(const struct json *at, struct err *err)
{
    struct precision precision;
    struct err inner;

    if (precision_parse(json_key(at), &precision, &inner))
        return json_fail(at, err, "%s", inner.text);
    return 0;
}

static int parse_mode(const struct json *at, struct pool *pool,
                      struct platform_mode *mode, struct err *err)
{
    static const char *const keys[] = { "bandwidth", "clock", "peak", "help",
                                        NULL };
    struct json bandwidth = json_get(at, "bandwidth");
    struct json clock = json_get(at, "clock"), peak = json_get(at, "peak");
    struct json help = json_get(at, "help");
    struct platform_peak *peaks;
    size_t i = 0;
    int rc = json_check_keys(at, keys, err);

    mode->name = json_key(at);
    mode->help = "";
    if (!rc)
        rc = json_opt_string(&help, &mode->help, err);
    if (!rc)
        rc = parse_facts(&bandwidth, "byte/s", pool, &mode->bandwidth_byte_s,
                         err);
    if (!rc)
        rc = parse_facts(&clock, "Hz", pool, &mode->clock_hz, err);
    if (!rc && json_there(&peak))
        rc = json_expect(&peak, JSON_OBJECT, err);
    if (!rc)
        rc = read_unique(&peak, err);
    peaks = read_alloc(&peak, pool, sizeof(*peaks), err);
    if (!peaks)
        return ERR_NOMEM;
    for (struct json p = json_first(&peak); !rc && json_there(&p);
         p = json_next(&peak, &p, ++i)) {
        peaks[i].precision = json_key(&p);
        rc = check_precision(&p, err);
        if (!rc)
            rc = parse_facts(&p, "op/s", pool, &peaks[i].op_s, err);
    }
    mode->peaks = peaks;
    mode->peaks_len = i;
    return rc;
}

static int parse_modes(const struct json *at, struct pool *pool,
                       struct platform *platform, struct err *err)
{
    struct platform_mode *modes = read_alloc(at, pool, sizeof(*modes), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_OBJECT, err) : 0;

    if (!modes)
        return ERR_NOMEM;
    if (!rc)
        rc = read_unique(at, err);
    for (struct json m = json_first(at); !rc && json_there(&m);
         m = json_next(at, &m, ++i))
        rc = parse_mode(&m, pool, &modes[i], err);
    platform->modes = modes;
    platform->modes_len = i;
    return rc;
}

static int parse_storage(const struct json *at, struct pool *pool,
                         struct platform *platform, struct err *err)
{
    struct platform_storage *list = read_alloc(at, pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_OBJECT, err) : 0;

    if (!list)
        return ERR_NOMEM;
    if (!rc)
        rc = read_unique(at, err);
    for (struct json s = json_first(at); !rc && json_there(&s);
         s = json_next(at, &s, ++i)) {
        int64_t bits = 0;

        rc = check_precision(&s, err);
        if (!rc)
            rc = json_i64(&s, 1, 64, &bits, err);
        list[i].precision = json_key(&s);
        list[i].bits = (int)bits;
    }
    platform->storage = list;
    platform->storage_len = i;
    return rc;
}

static int parse_words(const struct json *at, struct platform *platform,
                       struct err *err)
{
    struct json type = json_get(at, "type"), engine = json_get(at, "engine");
    struct json weights = json_get(at, "weights");
    struct json activations = json_get(at, "activations");
    struct json state = json_get(at, "state"), help = json_get(at, "help");
    size_t found[5] = { 0 };
    int rc = json_expect(&type, JSON_STRING, err);

    if (!rc)
        rc = json_opt_word(&type, type_words, &found[0], err);
    if (!rc)
        rc = json_opt_word(&engine, engine_words, &found[1], err);
    if (!rc)
        rc = json_opt_word(&weights, place_words, &found[2], err);
    if (!rc)
        rc = json_opt_word(&activations, place_words, &found[3], err);
    if (!rc)
        rc = json_opt_word(&state, place_words, &found[4], err);
    if (!rc)
        rc = json_opt_string(&help, &platform->help, err);
    platform->type = (enum platform_type)found[0];
    platform->engine = (enum platform_engine)found[1];
    platform->weights = (enum platform_place)found[2];
    platform->activations = (enum platform_place)found[3];
    platform->state = (enum platform_place)found[4];
    return rc;
}

int platform_parse(const struct json *at, struct pool *pool,
                   struct platform *ret_platform, struct err *err)
{
    static const char *const keys[] = { "type",           "engine",
                                        "weights",        "activations",
                                        "state",          "storage_bits",
                                        "on_chip_memory", "on_chip_bandwidth",
                                        "memory",         "tdp",
                                        "op_modes",       "aliases",
                                        "help",           NULL };
    struct platform p = { .name = json_key(at), .help = "" };
    const struct {
        const char *key, *unit;
        const struct fact **fact;
    } facts[] = {
        { "on_chip_memory", "byte", &p.on_chip_memory_bytes },
        { "on_chip_bandwidth", "byte/s", &p.on_chip_bandwidth_byte_s },
        { "memory", "byte", &p.memory_bytes },
        { "tdp", "W", &p.tdp_w },
    };
    struct json storage = json_get(at, "storage_bits");
    struct json modes = json_get(at, "op_modes");
    struct json aliases = json_get(at, "aliases");
    int rc = json_check_keys(at, keys, err);

    if (!rc)
        rc = parse_words(at, &p, err);
    for (size_t i = 0; !rc && i < ARRAY_LEN(facts); i++) {
        struct json member = json_get(at, facts[i].key);

        rc = parse_facts(&member, facts[i].unit, pool, facts[i].fact, err);
    }
    if (!rc)
        rc = parse_storage(&storage, pool, &p, err);
    if (!rc)
        rc = parse_modes(&modes, pool, &p, err);
    if (!rc)
        rc = read_texts(&aliases, pool, &p.aliases, &p.aliases_len, err);
    if (!rc)
        *ret_platform = p;
    return rc;
}

const struct platform_mode *platform_mode(const struct platform *platform,
                                          const char *name)
{
    for (size_t i = 0; i < platform->modes_len; i++)
        if (!strcmp(platform->modes[i].name, name))
            return &platform->modes[i];
    return NULL;
}

const struct fact *platform_peak(const struct platform_mode *mode,
                                 const char *precision)
{
    for (size_t i = 0; i < mode->peaks_len; i++)
        if (!strcmp(mode->peaks[i].precision, precision))
            return mode->peaks[i].op_s;
    return NULL;
}

int platform_storage_bits(const struct platform *platform,
                          const char *precision, int weight_bits)
{
    for (size_t i = 0; i < platform->storage_len; i++)
        if (!strcmp(platform->storage[i].precision, precision))
            return platform->storage[i].bits;
    return weight_bits;
}
