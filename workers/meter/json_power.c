/* json_power.c - one number of a JSON answer */
#include "workers/meter/json_power.h"

#include "workers/collect/json_find.h"

static int take(void *ctx, const struct json *at, struct err *err)
{
    return json_f64(at, ctx, err);
}

int json_power_read(const char *text, size_t len, const char *path,
                    double *ret_value, struct err *err)
{
    struct json_path *steps = NULL;
    struct json_doc *doc = NULL;
    struct json root;
    double value = 0;
    int rc = json_path_parse(path, &steps, err);

    if (!rc)
        rc = json_doc_parse(text, len, "the answer", &doc, err);
    if (!rc) {
        root = json_root(doc);
        rc = json_path_walk(steps, &root, take, &value, err);
    }
    if (!rc)
        *ret_value = value;
    json_doc_destroy(doc);
    json_path_destroy(steps);
    return rc;
}
