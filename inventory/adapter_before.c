/* adapter_before.c - what an adapter does before jobs: map, stage, build */
#include <string.h>

#include "core/text.h"
#include "inventory/adapter_parts.h"
#include "inventory/read.h"
#include "inventory/template.h"

static int any_name(void *ctx, const char *name, struct err *err)
{
    (void)ctx;
    (void)name;
    (void)err;
    return 0;
}

int adapter_read_template(const struct json *at, const char **value,
                          struct err *err)
{
    const char *text = NULL;
    struct err inner;
    int rc = json_opt_string(at, &text, err);

    if (rc || !text)
        return rc;
    if (template_walk(text, any_name, NULL, &inner))
        return json_fail(at, err, "%s", inner.text);
    *value = text;
    return 0;
}

int adapter_read_probe(const struct json *at, bool may_expect,
                       struct adapter_probe *probe, struct err *err)
{
    static const char *const keys[] = { "run", "pattern", "expect", NULL };
    static const char *const few[] = { "run", "pattern", NULL };
    struct json run = json_get(at, "run"), pattern = json_get(at, "pattern");
    struct json expect = json_get(at, "expect");
    int rc;

    if (!json_there(at))
        return 0;
    rc = json_check_keys(at, may_expect ? keys : few, err);
    if (!rc)
        rc = json_expect(&run, JSON_STRING, err);
    if (!rc)
        rc = adapter_read_template(&run, &probe->run, err);
    if (!rc)
        rc = json_string(&pattern, &probe->pattern, err);
    return rc ? rc : adapter_read_template(&expect, &probe->expect, err);
}

/* A name that templates can use: letters, digits and '_'. */
static int check_name(const struct json *at, const char *name, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    if (!*name || strlen(name) > 47 || name[strspn(name, letters)])
        return json_fail(at, err,
                         "name '%.40s': expected 1 to 47 letters, digits and "
                         "'_'",
                         name);
    return 0;
}

/* ---- value maps */

static int parse_value(const struct json *at, struct adapter *adapter,
                       struct adapter_value *value, struct err *err)
{
    struct adapter_name *names =
        read_alloc(at, adapter->pool, sizeof(*names), err);
    size_t i = 0;
    int rc = json_expect(at, JSON_OBJECT, err);

    if (!names)
        return ERR_NOMEM;
    if (!rc)
        rc = read_unique(at, err);
    for (struct json n = json_first(at); !rc && json_there(&n);
         n = json_next(at, &n, ++i)) {
        names[i].name = json_key(&n);
        rc = check_name(&n, names[i].name, err);
        if (!rc)
            rc = json_string(&n, &names[i].text, err);
    }
    value->value = json_key(at);
    value->names = names;
    value->names_len = i;
    return rc;
}

static int parse_map(const struct json *at, struct adapter *adapter,
                     struct adapter_value_map *map, struct err *err)
{
    struct adapter_value *values =
        read_alloc(at, adapter->pool, sizeof(*values), err);
    size_t i = 0;
    int rc = json_expect(at, JSON_OBJECT, err);

    if (!values)
        return ERR_NOMEM;
    if (!rc)
        rc = read_unique(at, err);
    for (struct json v = json_first(at); !rc && json_there(&v);
         v = json_next(at, &v, ++i))
        rc = parse_value(&v, adapter, &values[i], err);
    map->axis = json_key(at);
    map->values = values;
    map->values_len = i;
    return rc;
}

static int parse_maps(const struct json *at, struct adapter *adapter,
                      struct err *err)
{
    struct adapter_value_map *maps =
        read_alloc(at, adapter->pool, sizeof(*maps), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_OBJECT, err) : 0;

    if (!maps)
        return ERR_NOMEM;
    if (!rc)
        rc = read_unique(at, err);
    for (struct json m = json_first(at); !rc && json_there(&m);
         m = json_next(at, &m, ++i))
        rc = parse_map(&m, adapter, &maps[i], err);
    adapter->maps = maps;
    adapter->maps_len = i;
    return rc;
}

/* ---- stage and build */

static int parse_stage_entry(const struct json *at, struct adapter_stage *stage,
                             struct err *err)
{
    static const char *const keys[] = { "name", "file", "mode",
                                        "role", "if",   NULL };
    static const char *const roles[] = { "runner", "model", "dataset", "other",
                                         NULL };
    struct json name = json_get(at, "name"), file = json_get(at, "file");
    struct json mode = json_get(at, "mode"), role = json_get(at, "role");
    struct json only_if = json_get(at, "if");
    size_t word = ADAPTER_OTHER;
    int rc = json_check_keys(at, keys, err);

    stage->mode = "0644";
    if (!rc)
        rc = json_string(&name, &stage->name, err);
    if (!rc)
        rc = check_name(&name, stage->name, err);
    if (!rc)
        rc = json_expect(&file, JSON_STRING, err);
    if (!rc)
        rc = adapter_read_template(&file, &stage->file, err);
    if (!rc)
        rc = json_opt_string(&mode, &stage->mode, err);
    if (!rc && (strlen(stage->mode) != 4 || stage->mode[0] != '0' ||
                stage->mode[strspn(stage->mode, "01234567")]))
        rc = json_fail(&mode, err,
                       "found \"%.20s\", expected four octal digits such as "
                       "\"0755\"",
                       stage->mode);
    if (!rc)
        rc = json_opt_word(&role, roles, &word, err);
    if (!rc)
        rc = json_opt_string(&only_if, &stage->only_if, err);
    stage->role = (enum adapter_role)word;
    return rc;
}

static int parse_stage(const struct json *at, struct adapter *adapter,
                       struct err *err)
{
    struct adapter_stage *list =
        read_alloc(at, adapter->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!list)
        return ERR_NOMEM;
    for (struct json s = json_first(at); !rc && json_there(&s);
         s = json_next(at, &s, ++i)) {
        rc = parse_stage_entry(&s, &list[i], err);
        for (size_t k = 0; !rc && k < i; k++)
            if (!strcmp(list[k].name, list[i].name))
                rc = json_fail(&s, err, "'%s' is staged twice", list[k].name);
    }
    adapter->stage = list;
    adapter->stage_len = i;
    return rc;
}

static int parse_build(const struct json *at, struct adapter *adapter,
                       struct err *err)
{
    static const char *const keys[] = { "name", "run", "key", NULL };
    struct adapter_build *list =
        read_alloc(at, adapter->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!list)
        return ERR_NOMEM;
    for (struct json b = json_first(at); !rc && json_there(&b);
         b = json_next(at, &b, ++i)) {
        struct json name = json_get(&b, "name"), run = json_get(&b, "run");
        struct json key = json_get(&b, "key");

        rc = json_check_keys(&b, keys, err);
        if (!rc)
            rc = json_string(&name, &list[i].name, err);
        if (!rc)
            rc = check_name(&name, list[i].name, err);
        if (!rc)
            rc = json_expect(&run, JSON_STRING, err);
        if (!rc)
            rc = adapter_read_template(&run, &list[i].run, err);
        if (!rc)
            rc = read_texts(&key, adapter->pool, &list[i].key, &list[i].key_len,
                            err);
    }
    adapter->build = list;
    adapter->build_len = i;
    return rc;
}

static int parse_facts(const struct json *at, struct adapter *adapter,
                       struct err *err)
{
    static const char *const keys[] = { "name", "run", NULL };
    struct adapter_fact *list =
        read_alloc(at, adapter->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!list)
        return ERR_NOMEM;
    for (struct json f = json_first(at); !rc && json_there(&f);
         f = json_next(at, &f, ++i)) {
        struct json name = json_get(&f, "name"), run = json_get(&f, "run");

        rc = json_check_keys(&f, keys, err);
        if (!rc)
            rc = json_string(&name, &list[i].name, err);
        if (!rc)
            rc = check_name(&name, list[i].name, err);
        if (!rc)
            rc = json_expect(&run, JSON_STRING, err);
        if (!rc)
            rc = adapter_read_template(&run, &list[i].run, err);
    }
    adapter->facts = list;
    adapter->facts_len = i;
    return rc;
}

/* What a switch may take, and who is asked. */
static int parse_waits(const struct json *at, struct adapter_op_mode *mode,
                       struct err *err)
{
    struct json ask = json_get(at, "ask"), cost = json_get(at, "cost");
    struct json ask_limit = json_get(at, "ask_limit");
    struct json boot_limit = json_get(at, "boot_limit");
    int rc = adapter_read_template(&ask, &mode->ask, err);

    mode->ask_limit_s = 3600;
    mode->boot_limit_s = 600;
    mode->may_boot = json_there(&boot_limit);
    if (!rc)
        rc = json_opt_quantity(&ask_limit, "s", &mode->ask_limit_s, err);
    if (!rc)
        rc = json_opt_quantity(&boot_limit, "s", &mode->boot_limit_s, err);
    return rc ? rc : json_opt_quantity(&cost, "s", &mode->cost_s, err);
}

static int parse_program(const struct json *at, struct adapter *adapter,
                         struct err *err)
{
    static const char *const keys[] = { "run", "verify", "key", "cost", NULL };
    struct adapter_program *program = &adapter->program;
    struct json run = json_get(at, "run"), verify = json_get(at, "verify");
    struct json key = json_get(at, "key"), cost = json_get(at, "cost");
    int rc;

    if (!json_there(at))
        return 0;
    rc = json_check_keys(at, keys, err);
    if (!rc)
        rc = json_expect(&run, JSON_STRING, err);
    if (!rc)
        rc = adapter_read_template(&run, &program->run, err);
    if (!rc)
        rc = adapter_read_probe(&verify, true, &program->verify, err);
    if (!rc)
        rc = read_texts(&key, adapter->pool, &program->key, &program->key_len,
                        err);
    return rc ? rc : json_opt_quantity(&cost, "s", &program->cost_s, err);
}

static int parse_op_mode(const struct json *at, struct adapter *adapter,
                         struct err *err)
{
    static const char *const keys[] = { "read",       "set",  "verify",
                                        "restore",    "ask",  "ask_limit",
                                        "boot_limit", "cost", NULL };
    struct adapter_op_mode *mode = &adapter->op_mode;
    struct json read = json_get(at, "read"), set = json_get(at, "set");
    struct json verify = json_get(at, "verify");
    struct json restore = json_get(at, "restore");
    int rc;

    if (!json_there(at))
        return 0;
    rc = json_check_keys(at, keys, err);
    if (!rc)
        rc = adapter_read_probe(&read, false, &mode->read, err);
    if (!rc)
        rc = adapter_read_probe(&verify, true, &mode->verify, err);
    if (!rc)
        rc = adapter_read_template(&set, &mode->set, err);
    if (!rc)
        rc = adapter_read_template(&restore, &mode->restore, err);
    if (!rc)
        rc = parse_waits(at, mode, err);
    if (!rc && (mode->set || mode->ask) &&
        (!mode->verify.run || !mode->verify.expect))
        rc = json_fail(at, err,
                       "an op mode that is set must be read back: 'verify' "
                       "with 'run', 'pattern' and 'expect'");
    return rc;
}

int adapter_read_before(const struct json *root, struct adapter *adapter,
                        struct err *err)
{
    struct json values = json_get(root, "values");
    struct json stage = json_get(root, "stage");
    struct json build = json_get(root, "build");
    struct json facts = json_get(root, "facts");
    struct json op_mode = json_get(root, "op_mode");
    struct json program = json_get(root, "program");
    int rc = parse_maps(&values, adapter, err);

    if (!rc)
        rc = parse_stage(&stage, adapter, err);
    if (!rc)
        rc = parse_build(&build, adapter, err);
    if (!rc)
        rc = parse_facts(&facts, adapter, err);
    if (!rc)
        rc = parse_program(&program, adapter, err);
    return rc ? rc : parse_op_mode(&op_mode, adapter, err);
}
