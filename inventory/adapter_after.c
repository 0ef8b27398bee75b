/* adapter_after.c - jobs, and what is read of their output */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "experiments/declared.h"
#include "inventory/adapter_parts.h"
#include "inventory/read.h"
#include "inventory/template.h"

#define JOBS_MAX 64

/* {"layer": ["784 2048", ...]} */
static int parse_each(const struct json *at, struct adapter *adapter,
                      struct adapter_job *job, struct err *err)
{
    struct json list = json_first(at);

    if (!json_there(at))
        return 0;
    if (json_kind(at) != JSON_OBJECT || json_len(at) != 1)
        return json_fail(at, err,
                         "expected an object of one name and its values");
    job->each = json_key(&list);
    return read_texts(&list, adapter->pool, &job->each_values, &job->each_len,
                      err);
}

static int any_name(void *ctx, const char *name, struct err *err)
{
    (void)ctx;
    (void)name;
    (void)err;
    return 0;
}

/* Every string in a request is a template without lone braces. */
static int check_request(const struct json *at, struct err *err)
{
    const char *text = "";
    struct err inner;
    size_t i = 0;
    int rc = 0;

    if (json_kind(at) == JSON_STRING) {
        rc = json_string(at, &text, err);
        if (!rc && template_walk(text, any_name, NULL, &inner))
            rc = json_fail(at, err, "%s", inner.text);
    }
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i))
        rc = check_request(&e, err);
    return rc;
}

static int parse_what(const struct json *at, const struct adapter *adapter,
                      struct adapter_job *job, struct err *err)
{
    struct json run = json_get(at, "run");
    int rc = adapter_read_template(&run, &job->run, err);

    job->request = json_get(at, "request");
    if (!rc && json_there(&job->request))
        rc = json_expect(&job->request, JSON_OBJECT, err);
    if (!rc && json_there(&job->request) && !adapter->serve)
        rc = json_fail(&job->request, err,
                       "a request needs 'serve', the process that answers it");
    if (!rc)
        rc = check_request(&job->request, err);
    if (!rc && (job->run != NULL) == json_there(&job->request))
        rc = json_fail(at, err, "expected either 'run' or 'request'");
    return rc;
}

int adapter_read_job(const struct json *at, const char *name,
                     struct adapter *adapter, struct adapter_job *ret_job,
                     struct err *err)
{
    static const char *const keys[] = { "name",         "run",
                                        "request",      "for_each",
                                        "start_marker", "end_marker",
                                        "input",        NULL };
    struct json named = json_get(at, "name"), each = json_get(at, "for_each");
    struct json start = json_get(at, "start_marker");
    struct json end = json_get(at, "end_marker");
    struct json input = json_get(at, "input");
    struct adapter_job job = { .name = name };
    int rc = json_check_keys(at, keys, err);

    if (!rc && !name)
        rc = json_expect(&named, JSON_STRING, err);
    if (!rc)
        rc = json_opt_string(&named, &job.name, err);
    if (!rc)
        rc = parse_what(at, adapter, &job, err);
    if (!rc)
        rc = parse_each(&each, adapter, &job, err);
    if (!rc)
        rc = json_opt_string(&start, &job.start_marker, err);
    if (!rc)
        rc = json_opt_string(&end, &job.end_marker, err);
    if (!rc)
        rc = adapter_read_template(&input, &job.input, err);
    if (!rc)
        *ret_job = job;
    return rc;
}

/* The job that an entry names; without a name the only one, or 'only'. */
static int parse_job_name(const struct json *entry,
                          const struct adapter *adapter,
                          const struct adapter_job *only, const char **ret_job,
                          struct err *err)
{
    const char *names[JOBS_MAX + 1] = { 0 }, *name = NULL, *near;
    struct json at = json_get(entry, "job");

    if (only)
        names[0] = only->name;
    for (size_t i = 0; !only && i < adapter->jobs_len; i++)
        names[i] = adapter->jobs[i].name;
    if (!json_there(&at) && names[0] && !names[1]) {
        *ret_job = names[0];
        return 0;
    }
    if (json_string(&at, &name, err))
        return ERR_FORMAT;
    for (size_t i = 0; names[i]; i++) {
        if (!strcmp(names[i], name)) {
            *ret_job = names[i];
            return 0;
        }
    }
    near = text_nearest(name, names);
    return json_fail(&at, err, "there is no job '%.40s'%s%s%s", name,
                     near ? ", did you mean '" : "", near ? near : "",
                     near ? "'?" : "");
}

static int parse_form(const struct json *entry, const char *path,
                      enum adapter_form *ret_form, struct err *err)
{
    static const char *const forms[] = { "json", "lines", "python", "table",
                                         NULL };
    struct json form = json_get(entry, "form");
    size_t word = ADAPTER_FORM_JSON;
    int rc = json_opt_word(&form, forms, &word, err);

    if (!rc && json_there(&form) && !path)
        rc = json_fail(&form, err, "a form is of what a 'path' leads into");
    *ret_form = (enum adapter_form)word;
    return rc;
}

static int parse_collect_entry(const struct json *at,
                               const struct adapter *adapter,
                               const struct adapter_job *only,
                               struct adapter_collect *entry, struct err *err)
{
    static const char *const keys[] = { "column",   "capture", "unit",   "job",
                                        "path",     "pattern", "stream", "take",
                                        "optional", "help",    "form",   NULL };
    static const char *const streams[] = { "stdout", "stderr", NULL };
    static const char *const takes[] = { "only", "first", "last", "list",
                                         NULL };
    const char **const texts[] = { &entry->column, &entry->capture,
                                   &entry->unit, &entry->path,
                                   &entry->pattern };
    static const char *const words[] = { "column", "capture", "unit", "path",
                                         "pattern" };
    struct json stream = json_get(at, "stream"), take = json_get(at, "take");
    struct json optional = json_get(at, "optional");
    size_t stream_at = ADAPTER_STDOUT, take_at = ADAPTER_ONLY;
    int rc = json_check_keys(at, keys, err);

    for (size_t i = 0; !rc && i < ARRAY_LEN(texts); i++) {
        struct json member = json_get(at, words[i]);

        rc = json_opt_string(&member, texts[i], err);
    }
    if (!rc && !entry->column == !entry->capture)
        rc = json_fail(at, err, "expected either 'column' or 'capture'");
    if (!rc && !entry->path == !entry->pattern)
        rc = json_fail(at, err, "expected either 'path' or 'pattern'");
    if (!rc)
        rc = parse_job_name(at, adapter, only, &entry->job, err);
    if (!rc)
        rc = json_opt_word(&stream, streams, &stream_at, err);
    if (!rc)
        rc = json_opt_word(&take, takes, &take_at, err);
    if (!rc)
        rc = json_opt_bool(&optional, &entry->optional, err);
    if (!rc)
        rc = parse_form(at, entry->path, &entry->form, err);
    entry->stream = (enum adapter_stream)stream_at;
    entry->take = (enum adapter_take)take_at;
    return rc;
}

static int parse_collect(const struct json *at, struct adapter *adapter,
                         const struct adapter_job *only,
                         const struct adapter_collect **ret_list,
                         size_t *ret_len, struct err *err)
{
    struct adapter_collect *list =
        read_alloc(at, adapter->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!list)
        return ERR_NOMEM;
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i))
        rc = parse_collect_entry(&e, adapter, only, &list[i], err);
    *ret_list = list;
    *ret_len = i;
    return rc;
}

static int parse_derive(const struct json *at, struct adapter *adapter,
                        struct err *err)
{
    static const char *const keys[] = { "column", "unit", "value", "help",
                                        NULL };
    struct adapter_derive *list =
        read_alloc(at, adapter->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!list)
        return ERR_NOMEM;
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i)) {
        struct json column = json_get(&e, "column");
        struct json unit = json_get(&e, "unit"), value = json_get(&e, "value");

        rc = json_check_keys(&e, keys, err);
        if (!rc)
            rc = json_string(&column, &list[i].column, err);
        if (!rc)
            rc = json_string(&unit, &list[i].unit, err);
        if (!rc)
            rc = json_string(&value, &list[i].value, err);
    }
    adapter->derive = list;
    adapter->derive_len = i;
    return rc;
}

static int parse_valid(const struct json *at, struct adapter *adapter,
                       struct err *err)
{
    static const char *const keys[] = { "job",  "pattern", "stream",
                                        "must", "reason",  NULL };
    static const char *const streams[] = { "stdout", "stderr", NULL };
    struct adapter_valid *list =
        read_alloc(at, adapter->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!list)
        return ERR_NOMEM;
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i)) {
        struct json pattern = json_get(&e, "pattern");
        struct json stream = json_get(&e, "stream");
        struct json must = json_get(&e, "must");
        struct json reason = json_get(&e, "reason");
        size_t word = ADAPTER_STDOUT;

        list[i].must = true;
        rc = json_check_keys(&e, keys, err);
        if (!rc)
            rc = parse_job_name(&e, adapter, NULL, &list[i].job, err);
        if (!rc)
            rc = json_string(&pattern, &list[i].pattern, err);
        if (!rc)
            rc = json_opt_word(&stream, streams, &word, err);
        if (!rc)
            rc = json_opt_bool(&must, &list[i].must, err);
        if (!rc)
            rc = json_string(&reason, &list[i].reason, err);
        list[i].stream = (enum adapter_stream)word;
    }
    adapter->valid = list;
    adapter->valid_len = i;
    return rc;
}

static int parse_samples(const struct json *at, struct adapter *adapter,
                         struct err *err)
{
    static const char *const keys[] = { "job", "path", "unit", "form", NULL };
    struct adapter_samples *list =
        read_alloc(at, adapter->pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_OBJECT, err) : 0;

    if (!list)
        return ERR_NOMEM;
    if (!rc)
        rc = read_unique(at, err);
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i)) {
        struct json path = json_get(&e, "path"), unit = json_get(&e, "unit");

        list[i].name = json_key(&e);
        rc = json_check_keys(&e, keys, err);
        if (!rc)
            rc = parse_job_name(&e, adapter, NULL, &list[i].job, err);
        if (!rc)
            rc = json_string(&path, &list[i].path, err);
        if (!rc)
            rc = json_string(&unit, &list[i].unit, err);
        if (!rc)
            rc = parse_form(&e, list[i].path, &list[i].form, err);
    }
    adapter->samples = list;
    adapter->samples_len = i;
    return rc;
}

static int parse_accuracy(const struct json *at, struct adapter *adapter,
                          struct err *err)
{
    static const char *const keys[] = { "job",         "key",       "collect",
                                        "source",      "reference", "if",
                                        "predictions", NULL };
    static const char *const sources[] = { "on_board", "host_bit_exact",
                                           "declared", NULL };
    struct adapter_accuracy *accuracy = &adapter->accuracy;
    struct json job = json_get(at, "job"), key = json_get(at, "key");
    struct json collect = json_get(at, "collect");
    struct json source = json_get(at, "source");
    struct json predictions = json_get(at, "predictions");
    struct json only_if = json_get(at, "if");
    struct json reference = json_get(at, "reference");
    size_t word = 0;
    int rc;

    if (!json_there(at))
        return 0;
    rc = json_check_keys(at, keys, err);
    if (!rc)
        rc = adapter_read_job(&job, "accuracy", adapter, &accuracy->job, err);
    if (!rc)
        rc = read_texts(&key, adapter->pool, &accuracy->key, &accuracy->key_len,
                        err);
    if (!rc)
        rc = parse_collect(&collect, adapter, &accuracy->job,
                           &accuracy->collect, &accuracy->collect_len, err);
    if (!rc)
        rc = json_opt_word(&source, sources, &word, err);
    if (!rc)
        rc = json_opt_string(&only_if, &accuracy->only_if, err);
    if (!rc)
        rc = json_opt_string(&reference, &accuracy->reference, err);
    if (!rc && json_there(&predictions))
        rc = json_string(&predictions, &accuracy->predictions, err);
    accuracy->source = sources[word];
    accuracy->entry = *at;
    accuracy->there = !rc;
    return rc;
}

static int parse_load(const struct json *at, struct adapter *adapter,
                      struct err *err)
{
    int rc;

    if (!json_there(at))
        return 0;
    rc = adapter_read_job(at, "load", adapter, &adapter->load.job, err);
    if (!rc && !adapter->load.job.request.doc)
        rc = json_fail(at, err,
                       "expected a request to the served process: a command "
                       "that exits leaves nothing loaded");
    adapter->load.there = !rc;
    return rc;
}

int adapter_read_after(const struct json *root, struct adapter *adapter,
                       struct err *err)
{
    struct json collect = json_get(root, "collect");
    struct json derive = json_get(root, "derive");
    struct json valid = json_get(root, "valid");
    struct json samples = json_get(root, "samples");
    struct json accuracy = json_get(root, "accuracy");
    struct json load = json_get(root, "load");
    int rc;

    adapter->declared = json_get(root, "declared_accuracy");
    rc = parse_collect(&collect, adapter, NULL, &adapter->collect,
                       &adapter->collect_len, err);

    if (!rc)
        rc = parse_derive(&derive, adapter, err);
    if (!rc)
        rc = parse_valid(&valid, adapter, err);
    if (!rc)
        rc = parse_samples(&samples, adapter, err);
    if (!rc)
        rc = parse_load(&load, adapter, err);
    if (!rc)
        rc = declared_check(&adapter->declared, axis_fixed(0), AXIS_FIXED, err);
    return rc ? rc : parse_accuracy(&accuracy, adapter, err);
}
