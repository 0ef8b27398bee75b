/* cmd_adapter.c - what an adapter reads from saved logs of its tool */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/text.h"
#include "core/vec.h"
#include "experiments/axis.h"
#include "inventory/scope.h"
#include "orchestrator/cmd/command.h"
#include "workers/collect/clean.h"
#include "workers/collect/collect.h"

#define LOGS_MAX  64
#define LOG_BYTES (256u << 20)

struct logs {
    struct buf clean[LOGS_MAX][2];
    struct collect_output at[LOGS_MAX];
    size_t len;
};

/* Where what was found goes: lines, or rows of JSON. */
struct listing {
    struct json_value *rows; /* NULL: print */
    size_t wrong;
};

/* ---- the adapter, by name or by file */

static int load_adapter(const struct invocation *inv,
                        struct adapter **ret_adapter, struct err *err)
{
    const char *word = options_arg(inv->options, 1);
    char path[FS_PATH_MAX], dir[FS_PATH_MAX];
    struct buf text = { 0 };
    int rc;

    if (strchr(word, '/') || strstr(word, ".json"))
        snprintf(path, sizeof(path), "%s", word);
    else
        snprintf(path, sizeof(path), "%s/inventory/adapters/%s.json",
                 inv->project_dir, word);
    fs_dirname(path, dir, sizeof(dir));
    rc = fs_read_file(path, 16u << 20, &text, err);
    if (rc == ERR_NOT_FOUND)
        rc = err_set(err, ERR_USAGE, "there is no adapter '%s': no file '%s'",
                     word, path);
    if (!rc)
        rc = adapter_parse(buf_text(&text), text.len, path, dir, ret_adapter,
                           err);
    buf_free(&text);
    return rc;
}

/* ---- logs */

static const char *known_job(const struct adapter *a, enum collect_part part,
                             const char *name, size_t len)
{
    const struct adapter_job *accuracy = &a->accuracy.job;

    if (part == COLLECT_ACCURACY)
        return strlen(accuracy->name) == len &&
                       !memcmp(accuracy->name, name, len)
                   ? accuracy->name
                   : NULL;
    for (size_t i = 0; i < a->jobs_len; i++)
        if (strlen(a->jobs[i].name) == len &&
            !memcmp(a->jobs[i].name, name, len))
            return a->jobs[i].name;
    return NULL;
}

/* "JOB=FILE", or a file of the job that --job names, or of the only one. */
static int job_of(const struct invocation *inv, const struct adapter *a,
                  enum collect_part part, const char **word,
                  const char **ret_job, struct err *err)
{
    const char *said = options_text(inv->options, "job", NULL);
    const char *equals = strchr(*word, '=');

    *ret_job = NULL;
    if (equals)
        *ret_job = known_job(a, part, *word, (size_t)(equals - *word));
    if (*ret_job) {
        *word = equals + 1;
        return 0;
    }
    if (said)
        *ret_job = known_job(a, part, said, strlen(said));
    else if (part == COLLECT_ACCURACY)
        *ret_job = a->accuracy.job.name;
    else if (a->jobs_len == 1)
        *ret_job = a->jobs[0].name;
    if (equals && strcspn(*word, "/") > (size_t)(equals - *word))
        return err_set(err, ERR_USAGE, "adapter '%s' has no job '%.*s'",
                       a->name, (int)(equals - *word), *word);
    if (*ret_job)
        return 0;
    if (said)
        return err_set(err, ERR_USAGE, "adapter '%s' has no job '%s'", a->name,
                       said);
    return err_set(err, ERR_USAGE,
                   "adapter '%s' has several jobs: write JOB=%s, or --job JOB",
                   a->name, *word);
}

static int read_clean(const char *path, struct buf *clean, struct err *err)
{
    struct buf raw = { 0 };
    int rc = path ? fs_read_file(path, LOG_BYTES, &raw, err) : 0;

    if (!rc)
        collect_clean(clean, raw.data, raw.len);
    if (!rc && (buf_failed(clean) || buf_failed(&raw)))
        rc = err_set(err, ERR_NOMEM, "no memory for '%s'", path);
    buf_free(&raw);
    return rc;
}

static int read_logs(const struct invocation *inv, const struct adapter *a,
                     enum collect_part part, struct logs *logs, struct err *err)
{
    int rc = 0;

    for (size_t i = 2; !rc && i < options_count(inv->options); i++) {
        struct collect_output *out = &logs->at[logs->len];
        struct buf *clean = logs->clean[logs->len];
        const char *word = options_arg(inv->options, i);

        if (logs->len == LOGS_MAX)
            return err_set(err, ERR_USAGE, "more than %d logs", LOGS_MAX);
        rc = job_of(inv, a, part, &word, &out->job, err);
        logs->len++;
        if (!rc)
            rc = read_clean(word, &clean[0], err);
        if (!rc)
            rc = read_clean(options_each(inv->options, "stderr", i - 2),
                            &clean[1], err);
        for (int s = 0; s < 2; s++) {
            out->text[s] = buf_text(&clean[s]);
            out->len[s] = clean[s].len;
        }
    }
    return rc;
}

static void free_logs(struct logs *logs)
{
    for (size_t i = 0; i < logs->len; i++)
        for (int s = 0; s < 2; s++)
            buf_free(&logs->clean[i][s]);
}

/* ---- names that expressions need */

static int set_names(const struct invocation *inv, struct scope *scope,
                     struct err *err)
{
    const struct axis *axis;
    const char *pair;
    int rc = 0;

    for (size_t i = 0; !rc && (axis = axis_fixed(i)); i++)
        if (axis->dflt.there && axis->type != AXIS_TEXT)
            rc =
                scope_set_number(scope, axis->name,
                                 axis->type == AXIS_I64 ? (double)axis->dflt.i64
                                                        : axis->dflt.f64,
                                 err);
    for (size_t i = 0; !rc && (pair = options_each(inv->options, "set", i));
         i++) {
        const char *equals = strchr(pair, '=');
        char name[64];

        if (!equals || equals == pair ||
            (size_t)(equals - pair) >= sizeof(name))
            return err_set(err, ERR_USAGE,
                           "--set: found '%s', expected NAME=VALUE", pair);
        memcpy(name, pair, (size_t)(equals - pair));
        name[equals - pair] = 0;
        rc = scope_set(scope, name, equals + 1, err);
    }
    return rc;
}

/* ---- what was found */

static void list_line(const struct collect_found *f)
{
    printf("%-9s %-24s ", f->is_capture ? "capture" : "column", f->name);
    if (f->why)
        printf("REFUSED: %s\n", f->why->text);
    else if (f->text)
        printf("%s\n", f->text);
    else if (!f->count)
        printf("missing\n");
    else if (f->count == 1)
        printf("%.9g%s%s\n", f->value, *f->unit ? " " : "", f->unit);
    else
        printf("%zu numbers, the first %.9g%s%s\n", f->count, f->value,
               *f->unit ? " " : "", f->unit);
}

static void list_found(void *ctx, const struct collect_found *f)
{
    struct listing *list = ctx;
    struct json_value *row;

    list->wrong += f->why != NULL;
    if (!list->rows) {
        list_line(f);
        return;
    }
    row = json_new_object();
    json_set_string(row, f->is_capture ? "capture" : "column", f->name);
    json_set_string(row, "unit", f->unit);
    json_set_i64(row, "count", f->text ? 1 : (int64_t)f->count);
    if (f->text)
        json_set_string(row, "value", f->text);
    else
        json_set_f64(row, "value", f->count ? f->value : (double)NAN);
    if (f->why)
        json_set_string(row, "refused", f->why->text);
    json_push(list->rows, row);
}

static void list_samples(struct collector *collector, const struct adapter *a,
                         const struct logs *logs, struct listing *list)
{
    for (size_t i = 0; i < a->samples_len; i++) {
        struct collect_found found = { .name = a->samples[i].name,
                                       .is_capture = true,
                                       .unit = "s" };
        struct err why = { 0 };
        double *values = NULL;

        if (collector_samples(collector, a->samples[i].name, logs->at,
                              logs->len, &values, &found.count, &why)) {
            found.count = 0;
            found.why = &why;
        }
        found.value = found.count ? values[0] : (double)NAN;
        list_found(list, &found);
        free(values);
    }
}

static int list_all(const struct invocation *inv, const struct adapter *a,
                    enum collect_part part, const struct logs *logs,
                    struct scope *scope, struct err *err)
{
    struct listing list = { 0 };
    struct template_names names = scope_names(scope);
    struct collector *collector = NULL;
    struct attempt_row row;
    struct err why = { 0 };
    int rc = collector_create(a, &collector, err), valid = 0;

    if (rc)
        return rc;
    if (options_has(inv->options, "json"))
        list.rows = json_new_array();
    columns_clear(&columns_attempts, &row);
    if (part == COLLECT_MEASURED)
        valid = collector_valid(collector, logs->at, logs->len, &why);
    if (valid && !list.rows)
        printf("INVALID: %s\n", why.text);
    collector_read_telling(collector, part, logs->at, logs->len, &names, &row,
                           list_found, &list, NULL);
    if (part == COLLECT_MEASURED)
        list_samples(collector, a, logs, &list);
    collector_destroy(collector);
    if (list.rows) {
        struct json_value *all = json_new_object();

        json_set_string(all, "adapter", a->name);
        json_set_bool(all, "valid", !valid);
        if (valid)
            json_set_string(all, "reason", why.text);
        json_set(all, "found", list.rows);
        rc = command_print_json(inv, all, err);
    }
    if (rc)
        return rc;
    return valid || list.wrong ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static int adapter_exec(const struct invocation *inv, struct err *err)
{
    enum collect_part part = options_has(inv->options, "accuracy")
                                 ? COLLECT_ACCURACY
                                 : COLLECT_MEASURED;
    struct adapter *adapter = NULL;
    struct scope *scope = scope_create();
    struct logs *logs = calloc(1, sizeof(*logs));
    int rc = scope && logs ? 0 : err_set(err, ERR_NOMEM, "no memory for logs");

    if (!rc && strcmp(options_arg(inv->options, 0), "test") != 0)
        rc = err_set(err, ERR_USAGE, "unknown word '%s', expected 'test'",
                     options_arg(inv->options, 0));
    if (!rc)
        rc = load_adapter(inv, &adapter, err);
    if (!rc && part == COLLECT_ACCURACY && !adapter->accuracy.there)
        rc = err_set(err, ERR_USAGE, "adapter '%s' has no \"accuracy\"",
                     adapter->name);
    if (!rc)
        rc = read_logs(inv, adapter, part, logs, err);
    if (!rc)
        rc = set_names(inv, scope, err);
    if (!rc)
        rc = list_all(inv, adapter, part, logs, scope, err);
    if (logs)
        free_logs(logs);
    free(logs);
    scope_destroy(scope);
    adapter_destroy(adapter);
    return rc;
}

static const struct option_row options[] = {
    { "job", 0, "JOB", "the job that printed the logs, if there are more" },
    { "stderr", 'e', "FILE", "what the job printed on stderr; one a log" },
    { "set", 's', "NAME=VALUE", "an axis or parameter, such as batch=4" },
    { "accuracy", 'a', NULL, "the logs are of the adapter's accuracy job" },
    { 0 },
};

const struct command cmd_adapter = {
    .name = "adapter",
    .args = "test ADAPTER LOG...",
    .help = "show what an adapter reads from saved logs of its tool",
    .doc = "ADAPTER is the name of a shipped adapter or a file. A LOG is what\n"
           "a job printed on stdout, JOB=FILE where the adapter has several;\n"
           "several logs of one job are its runs in order. Axes stand at\n"
           "their defaults unless --set says more.",
    .args_min = 3,
    .args_max = SIZE_MAX,
    .options = options,
    .exec = adapter_exec,
};
