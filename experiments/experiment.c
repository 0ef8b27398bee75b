/* experiment.c - an experiment file opened, checked and closed */
#include "experiments/experiment.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "experiments/declared.h"
#include "experiments/experiment_parts.h"
#include "experiments/pool.h"

static int parse_authors(const struct json *at, struct experiment *e,
                         struct err *err)
{
    const char **authors = experiment_alloc_for(e, at, sizeof(*authors));
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!rc && !authors)
        rc = err_set(err, ERR_NOMEM, "no memory for authors");
    for (struct json a = json_first(at); !rc && json_there(&a);
         a = json_next(at, &a, ++i))
        rc = json_string(&a, &authors[i], err);
    e->authors = authors;
    e->authors_len = i;
    return rc;
}

static int parse_head(const struct json *root, struct experiment *e,
                      struct err *err)
{
    static const char *const keys[] = { "experiment",
                                        "title",
                                        "authors",
                                        "lab",
                                        "licence",
                                        "help",
                                        "axes",
                                        "matrix",
                                        "include",
                                        "exclude",
                                        "na",
                                        "repeats",
                                        "boards",
                                        "measure",
                                        "order",
                                        "seed",
                                        "capture",
                                        "$schema",
                                        "topologies",
                                        "datasets",
                                        "thermal_limit",
                                        "sentinels",
                                        "declared_accuracy",
                                        NULL };
    const char **const texts[] = { &e->title, &e->lab, &e->licence, &e->help };
    static const char *const words[] = { "title", "lab", "licence", "help" };
    struct json name = json_get(root, "experiment");
    struct json authors = json_get(root, "authors");
    int rc = json_check_keys(root, keys, err);

    if (!rc)
        rc = json_string(&name, &e->name, err);
    if (!rc && !*e->name)
        rc = json_fail(&name, err, "expected a name");
    for (size_t i = 0; !rc && i < ARRAY_LEN(texts); i++) {
        struct json member = json_get(root, words[i]);

        *texts[i] = "";
        rc = json_opt_string(&member, texts[i], err);
    }
    return rc ? rc : parse_authors(&authors, e, err);
}

static int parse_root(const struct json *root, struct texts *texts,
                      struct experiment *e, struct err *err)
{
    struct json axes = json_get(root, "axes");
    struct json datasets = json_get(root, "datasets");
    struct json topologies = json_get(root, "topologies");
    struct json sentinels = json_get(root, "sentinels");
    int rc = parse_head(root, e, err);

    if (!rc)
        rc = experiment_read_rules(root, e, err);
    if (!rc)
        rc = experiment_read_axes(&axes, e, err);
    if (!rc)
        rc = experiment_read_datasets(&datasets, e, err);
    if (!rc)
        rc = experiment_read_topologies(&topologies, texts, e, err);
    e->matrix = json_get(root, "matrix");
    e->include = json_get(root, "include");
    e->exclude = json_get(root, "exclude");
    e->na = json_get(root, "na");
    e->accuracy = json_get(root, "declared_accuracy");
    if (!rc)
        rc = experiment_check_points(e, err);
    if (!rc)
        rc = declared_check(&e->accuracy, e->axes, e->axes_len, err);
    return rc ? rc : experiment_read_sentinels(&sentinels, e, err);
}

int experiment_load(struct texts *texts, const char *path,
                    struct experiment **ret_experiment, struct err *err)
{
    struct experiment *e = calloc(1, sizeof(*e));
    const struct text *text = NULL;
    int rc = 0;

    if (e)
        e->pool = pool_create();
    if (!e || !e->pool) {
        experiment_destroy(e);
        return err_set(err, ERR_NOMEM, "no memory for an experiment");
    }
    if (path)
        rc = texts_open(texts, "experiment", path, path, &text, err);
    else if (!(text = texts_find(texts, "experiment", NULL)))
        rc = err_set(err, ERR_NOT_FOUND, "no experiment was kept");
    if (!rc) {
        e->file = pool_text(e->pool, text->name);
        e->base_dir = pool_text(e->pool, text->base_dir);
        if (!e->file || !e->base_dir)
            rc = err_set(err, ERR_NOMEM, "no memory for an experiment");
    }
    if (!rc)
        rc = json_doc_parse(text->text, text->len, e->file, &e->doc, err);
    if (!rc) {
        struct json root = json_root(e->doc);

        rc = parse_root(&root, texts, e, err);
    }
    if (rc)
        experiment_destroy(e);
    else
        *ret_experiment = e;
    return rc;
}

void experiment_destroy(struct experiment *experiment)
{
    if (!experiment)
        return;
    for (size_t i = 0; i < experiment->topologies_len; i++)
        topology_destroy((struct topology *)experiment->topologies[i].topology);
    json_doc_destroy(experiment->doc);
    pool_destroy(experiment->pool);
    free(experiment);
}

const struct topology *experiment_topology(const struct experiment *experiment,
                                           const char *name)
{
    for (size_t i = 0; i < experiment->topologies_len; i++)
        if (!strcmp(experiment->topologies[i].name, name))
            return experiment->topologies[i].topology;
    return NULL;
}

const struct data_set *experiment_dataset(const struct experiment *experiment,
                                          const char *name)
{
    for (size_t i = 0; i < experiment->datasets_len; i++)
        if (!strcmp(experiment->datasets[i].name, name))
            return &experiment->datasets[i];
    return NULL;
}

const struct dataset_file *dataset_file(const struct data_set *dataset,
                                        const char *name)
{
    for (size_t i = 0; i < dataset->files_len; i++)
        if (!strcmp(dataset->files[i].name, name))
            return &dataset->files[i];
    return NULL;
}
