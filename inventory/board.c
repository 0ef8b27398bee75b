/* board.c - one entry of "boards" for one name of its fold */
#include "inventory/board.h"

#include <math.h>
#include <string.h>

#include "core/fs.h"
#include "core/vec.h"
#include "experiments/declared.h"
#include "inventory/board_parts.h"
#include "inventory/read.h"

static const char *const scope_words[] = { "module", "rail",    "board", "wall",
                                           "usb",    "package", NULL };

const char *meter_scope_word(enum meter_scope scope)
{
    return scope_words[scope];
}

/* Append 'text' with {name} and {n} filled in. */
static void unfold(const struct board_fold *fold, const char *text,
                   struct buf *out)
{
    while (*text) {
        if (!strncmp(text, "{n}", 3)) {
            buf_put(out, fold->number, strlen(fold->number));
            text += 3;
        } else if (!strncmp(text, "{name}", 6)) {
            buf_put(out, fold->name, strlen(fold->name));
            text += 6;
        } else {
            buf_put_u8(out, (uint8_t)*text++);
        }
    }
}

int board_text(const struct board_fold *fold, const struct json *at,
               const char **value, struct err *err)
{
    struct buf out = { 0 };
    const char *text = NULL;

    if (!json_there(at))
        return 0;
    if (json_string(at, &text, err))
        return ERR_FORMAT;
    unfold(fold, text, &out);
    text = buf_failed(&out) ? NULL : pool_text(fold->pool, buf_text(&out));
    buf_free(&out);
    if (!text)
        return err_set(err, ERR_NOMEM, "no memory for a board");
    *value = text;
    return 0;
}

static void destroy_doc(void *doc)
{
    json_doc_destroy(doc);
}

int board_unfold(const struct board_fold *fold, const struct json *at,
                 struct json *value, struct err *err)
{
    struct buf folded = { 0 }, out = { 0 };
    struct json_doc *doc = NULL;
    int rc = 0;

    *value = *at;
    if (!json_there(at))
        return 0;
    rc = json_print_at(at, &folded, err);
    if (!rc)
        unfold(fold, buf_text(&folded), &out);
    if (!rc &&
        (out.len != folded.len || strcmp(buf_text(&out), buf_text(&folded)))) {
        rc = json_doc_parse(out.data, out.len, json_file(at), &doc, err);
        if (!rc && !pool_keep(fold->pool, doc, destroy_doc)) {
            json_doc_destroy(doc);
            rc = err_set(err, ERR_NOMEM, "no memory for a board");
        }
        if (!rc) {
            *value = json_root(doc);
            memcpy(value->path, at->path, sizeof(value->path));
        }
    }
    buf_free(&folded);
    buf_free(&out);
    return rc;
}

int board_path(const struct board_fold *fold, const struct json *at,
               const char **value, struct err *err)
{
    char path[FS_PATH_MAX];
    const char *text = NULL;
    int rc = board_text(fold, at, &text, err);

    if (rc || !text)
        return rc;
    if (text[0] == '~' || text[0] == '/') {
        *value = text;
        return 0;
    }
    if (!fs_join(path, sizeof(path), fold->base_dir, text))
        return json_fail(at, err, "path is too long");
    text = pool_text(fold->pool, path);
    if (!text)
        return err_set(err, ERR_NOMEM, "no memory for a board");
    *value = text;
    return 0;
}

/* A string, number or boolean as text. */
static int parse_parameter(const struct board_fold *fold, const struct json *at,
                           struct board_parameter *parameter, struct err *err)
{
    enum json_kind kind = json_kind(at);
    struct buf out = { 0 };
    int rc;

    parameter->name = json_key(at);
    if (kind == JSON_STRING)
        return board_text(fold, at, &parameter->value, err);
    if (kind != JSON_NUMBER && kind != JSON_BOOL)
        return json_fail(at, err, "expected a string, number or boolean");
    parameter->is_number = kind == JSON_NUMBER;
    rc = json_print_at(at, &out, err);
    if (!rc)
        parameter->value = pool_text(fold->pool, buf_text(&out));
    if (!rc && !parameter->value)
        rc = err_set(err, ERR_NOMEM, "no memory for a board");
    buf_free(&out);
    return rc;
}

static int parse_parameters(const struct board_fold *fold,
                            const struct json *at,
                            const struct board_parameter **ret_list,
                            size_t *ret_len, struct err *err)
{
    struct board_parameter *list =
        read_alloc(at, fold->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_OBJECT, err) : 0;

    if (!list)
        return ERR_NOMEM;
    if (!rc)
        rc = read_unique(at, err);
    for (struct json p = json_first(at); !rc && json_there(&p);
         p = json_next(at, &p, ++i))
        rc = parse_parameter(fold, &p, &list[i], err);
    *ret_list = list;
    *ret_len = i;
    return rc;
}

static int parse_modes(const struct board_fold *fold, const struct json *at,
                       struct board *board, struct err *err)
{
    struct board_mode *modes = read_alloc(at, fold->pool, sizeof(*modes), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_OBJECT, err) : 0;

    if (!modes)
        return ERR_NOMEM;
    if (!rc)
        rc = read_unique(at, err);
    for (struct json m = json_first(at); !rc && json_there(&m);
         m = json_next(at, &m, ++i)) {
        modes[i].name = json_key(&m);
        rc = parse_parameters(fold, &m, &modes[i].parameters,
                              &modes[i].parameters_len, err);
    }
    board->modes = modes;
    board->modes_len = i;
    return rc;
}

static int parse_identity(const struct board_fold *fold, const struct json *at,
                          struct board_identity *identity, struct err *err)
{
    static const char *const keys[] = { "serial", "device_tree", "mac",
                                        "machine_id", NULL };
    const char **const texts[] = { &identity->serial, &identity->device_tree,
                                   &identity->mac, &identity->machine_id };
    int rc = json_there(at) ? json_check_keys(at, keys, err) : 0;

    for (size_t i = 0; !rc && i < ARRAY_LEN(texts); i++) {
        struct json member = json_get(at, keys[i]);

        rc = board_text(fold, &member, texts[i], err);
    }
    return rc;
}

static int parse_limits(const struct json *at, struct board *board,
                        struct err *err)
{
    static const char *const keys[] = { "total", "temperature", NULL };
    struct json total = json_get(at, "total");
    struct json temperature = json_get(at, "temperature");
    int rc = json_there(at) ? json_check_keys(at, keys, err) : 0;

    board->total_limit_s = NAN;
    board->temperature_limit_degc = NAN;
    if (!rc)
        rc = json_opt_quantity(&total, "s", &board->total_limit_s, err);
    if (!rc && board->total_limit_s <= 0)
        rc = json_fail(&total, err, "expected a duration above 0");
    if (!rc)
        rc = json_opt_quantity(&temperature, "degC",
                               &board->temperature_limit_degc, err);
    return rc;
}

static int parse_door(const struct board_fold *fold, const struct json *at,
                      struct board *board, struct err *err)
{
    static const char *const words[] = { "ssh", "local", "script", "none",
                                         NULL };
    struct json transport = json_get(at, "transport");
    struct json port = json_get(at, "port"), host = json_get(at, "host");
    struct json script = json_get(at, "script");
    size_t word = 0;
    int64_t number = 0;
    int rc = json_opt_word(&transport, words, &word, err);

    board->transport = words[word];
    if (!rc)
        rc = json_opt_i64(&port, 1, 65535, &number, err);
    board->port = (int)number;
    if (!rc)
        rc = board_text(fold, &host, &board->host, err);
    if (!rc && word == 0 && (!board->host || !*board->host))
        rc = json_fail(&host, err, "a board with transport 'ssh' needs a host");
    if (!rc && board->host && *board->host == '-')
        rc = json_fail(&host, err, "a host cannot start with '-'");
    if (!rc)
        rc = board_path(fold, &script, &board->script, err);
    if (!rc && word == 2 && !board->script)
        rc = json_fail(&script, err,
                       "a board with transport 'script' needs a script");
    return rc;
}

static int parse_texts(const struct board_fold *fold, const struct json *at,
                       struct board *board, struct err *err)
{
    const struct {
        const char *key;
        const char **value;
    } texts[] = {
        { "user", &board->user },
        { "jump", &board->jump },
        { "site", &board->site },
        { "sisters", &board->sisters },
        { "pre", &board->pre },
        { "post", &board->post },
        { "stage_dir", &board->stage_dir },
        { "lease_dir", &board->lease_dir },
        { "sysfs", &board->sysfs },
    };
    struct json key = json_get(at, "key"), emulated = json_get(at, "emulated");
    int rc = 0;

    board->stage_dir = "~/.cache/labsweep";
    board->lease_dir = "/tmp/labsweep-lease";
    board->sysfs = "/sys";
    for (size_t i = 0; !rc && i < ARRAY_LEN(texts); i++) {
        struct json member = json_get(at, texts[i].key);

        rc = board_text(fold, &member, texts[i].value, err);
    }
    if (!rc)
        rc = board_path(fold, &key, &board->key, err);
    if (!rc)
        rc = json_opt_bool(&emulated, &board->emulated, err);
    if (!rc && !strcmp(board->transport, "script"))
        board->emulated = true; /* canned replies measure nothing */
    return rc;
}

static int parse_hours(const struct board_fold *fold, const struct json *at,
                       struct board *board, struct err *err)
{
    struct hours *hours = read_alloc(at, fold->pool, sizeof(*hours), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!hours)
        return ERR_NOMEM;
    for (struct json h = json_first(at); !rc && json_there(&h);
         h = json_next(at, &h, ++i)) {
        const char *text = NULL;
        struct err why;

        rc = json_string(&h, &text, err);
        if (!rc && hours_parse(text, &hours[i], &why))
            rc = json_fail(&h, err, "%s", why.text);
    }
    board->hours = hours;
    board->hours_len = i;
    return rc;
}

int board_parse_lease_host(const struct json *at, const char *base_dir,
                           struct pool *pool, struct board *ret_board,
                           struct err *err)
{
    static const char *const keys[] = { "transport", "host", "port",
                                        "user",      "key",  "jump",
                                        "lease_dir", "help", NULL };
    static const char name[] = "lease host";
    const struct board_fold fold = { name, "", base_dir, pool };
    struct board b = { .name = name, .number = "" };
    struct json transport = json_get(at, "transport");
    int rc = json_check_keys(at, keys, err);

    if (!rc)
        rc = parse_door(&fold, at, &b, err);
    if (!rc && strcmp(b.transport, "ssh") != 0 &&
        strcmp(b.transport, "local") != 0)
        rc = json_fail(&transport, err, "expected 'ssh' or 'local'");
    if (!rc)
        rc = parse_texts(&fold, at, &b, err);
    if (!rc)
        *ret_board = b;
    return rc;
}

int board_parse(const struct json *at, const char *name, const char *number,
                const char *base_dir, struct pool *pool,
                struct board *ret_board, struct err *err)
{
    static const char *const keys[] = {
        "name",        "platform",  "transport",  "host",
        "port",        "user",      "key",        "jump",
        "script",      "adapter",   "identity",   "site",
        "sisters",     "exclusive", "parameters", "meters",
        "op_modes",    "limits",    "pre",        "post",
        "power_cycle", "emulated",  "stage_dir",  "lease_dir",
        "help",        "hours",     "sysfs",      "declared_accuracy",
        NULL
    };
    const struct board_fold fold = { name, number, base_dir, pool };
    struct board b = { .name = name, .number = number };
    struct json identity = json_get(at, "identity");
    struct json exclusive = json_get(at, "exclusive");
    struct json parameters = json_get(at, "parameters");
    struct json meters = json_get(at, "meters");
    struct json cycle = json_get(at, "power_cycle");
    struct json modes = json_get(at, "op_modes");
    struct json limits = json_get(at, "limits");
    struct json hours = json_get(at, "hours");
    int rc = json_check_keys(at, keys, err);

    if (!rc)
        rc = parse_door(&fold, at, &b, err);
    if (!rc)
        rc = parse_texts(&fold, at, &b, err);
    if (!rc)
        rc = parse_identity(&fold, &identity, &b.identity, err);
    if (!rc)
        rc = board_read_list(&fold, &exclusive, &b.exclusive, &b.exclusive_len,
                             err);
    if (!rc)
        rc = parse_parameters(&fold, &parameters, &b.parameters,
                              &b.parameters_len, err);
    if (!rc)
        rc = board_read_meters(&fold, &meters, &b, err);
    if (!rc)
        rc = board_read_power_cycle(&fold, &cycle, &b, err);
    if (!rc)
        rc = parse_modes(&fold, &modes, &b, err);
    if (!rc)
        rc = parse_limits(&limits, &b, err);
    if (!rc)
        rc = parse_hours(&fold, &hours, &b, err);
    b.accuracy = json_get(at, "declared_accuracy");
    if (!rc)
        rc = declared_check(&b.accuracy, axis_fixed(0), AXIS_FIXED, err);
    if (!rc)
        *ret_board = b;
    return rc;
}

const struct board_mode *board_mode(const struct board *board, const char *name)
{
    for (size_t i = 0; i < board->modes_len; i++)
        if (!strcmp(board->modes[i].name, name))
            return &board->modes[i];
    return NULL;
}

const struct board_parameter *board_parameter(const struct board *board,
                                              const char *name)
{
    for (size_t i = 0; i < board->parameters_len; i++)
        if (!strcmp(board->parameters[i].name, name))
            return &board->parameters[i];
    return NULL;
}

const struct board_meter *board_primary_meter(const struct board *board)
{
    for (size_t i = 0; i < board->meters_len; i++)
        if (board->meters[i].primary)
            return &board->meters[i];
    return NULL;
}
