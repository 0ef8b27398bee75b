/* import_experiment.c - an experiment whose cells are published rows */
#include <stdlib.h>
#include <string.h>

#include "orchestrator/archive/import_parts.h"

/* Every topology that a row names; the one with a file knows its layers. */
static int topologies_put(const struct import *in, struct json_value *all,
                          struct err *err)
{
    struct json_value *names = json_new_object();
    struct json_doc *doc = NULL;
    const char *named = "", *last = "";
    struct json root, at;
    size_t column;
    int rc = 0;

    if (in->settings->topology)
        rc = json_doc_read(in->settings->topology, &doc, err);
    if (!rc && doc) {
        root = json_root(doc);
        at = json_get(&root, "topology");
        rc = json_string(&at, &named, err);
    }
    for (size_t row = 0; !rc && row < csv_rows(in->csv); row++) {
        const char *name = import_axis_field(in, row, "topology", &column);

        if (!*name || !strcmp(name, last))
            continue;
        last = name;
        if (doc && !strcmp(name, named))
            json_set(names, name, json_copy(&root));
        else
            json_set_null(names, name); /* no layers known: no counts */
    }
    json_set(all, "topologies", names);
    json_doc_destroy(doc);
    return rc;
}

void import_said_put(struct json_value *object, const char *key,
                     const char *text)
{
    if (text)
        json_set_string(object, key, text);
}

static bool again_in(const struct import *in)
{
    size_t row = 0;

    while (row < csv_rows(in->csv) && in->repeats[row] == 1)
        row++;
    return row < csv_rows(in->csv);
}

static struct json_value *again_axis(void)
{
    struct json_value *axes = json_new_array(), *axis = json_new_object();

    json_set_string(axis, "name", IMPORT_AGAIN);
    json_set_string(axis, "type", "integer");
    json_set_string(axis, "help", "2 for a row whose op point stood before");
    json_push(axes, axis);
    return axes;
}

int import_experiment_make(struct import *in, struct err *err)
{
    struct json_value *all = json_new_object(), *points = json_new_array();
    struct json_value *datasets = json_new_object(), *point;
    struct buf text = { 0 };
    int rc = 0;

    json_set_string(all, "experiment", "published");
    import_said_put(all, "title", in->settings->title);
    import_said_put(all, "licence", in->settings->licence);
    import_said_put(all, "help", in->settings->source);
    json_set(datasets, in->settings->dataset, json_new_object());
    json_set(all, "datasets", datasets);
    rc = topologies_put(in, all, err);
    for (size_t row = 0; !rc && row < csv_rows(in->csv); row++) {
        rc = import_point_make(in, row, &point, err);
        if (!rc)
            json_push(points, point);
    }
    if (!rc && again_in(in))
        json_set(all, "axes", again_axis());
    json_set(all, "include", points);
    if (!rc)
        rc = json_print(all, false, &text, err);
    if (!rc)
        rc = texts_add(in->texts, "experiment", "published.json", "/",
                       buf_text(&text), text.len, err);
    json_value_destroy(all);
    buf_free(&text);
    return rc ? rc : experiment_load(in->texts, NULL, &in->experiment, err);
}

/* The row's cell: the plan keeps the order, but says it by itself. */
static int cell_find(const struct import *in, size_t row, size_t *ret_cell,
                     struct err *err)
{
    struct op_point point = { 0 };
    const struct axis *axes = in->experiment->axes;
    struct json_value *made;
    struct json_doc *doc;
    struct buf text = { 0 };
    struct json root;
    uint64_t id;
    int rc = import_point_make(in, row, &made, err);

    if (rc)
        return rc;
    rc = json_print(made, false, &text, err);
    json_value_destroy(made);
    if (!rc)
        rc = json_doc_parse(buf_text(&text), text.len, "row", &doc, err);
    buf_free(&text);
    if (rc)
        return rc;
    root = json_root(doc);
    for (size_t i = 0; !rc && i < in->experiment->axes_len; i++) {
        struct json at = json_get(&root, axes[i].name);

        point.at[i] = axes[i].dflt;
        if (json_there(&at))
            rc = axis_read_value(&axes[i], &at, &point.at[i], err);
    }
    json_doc_destroy(doc);
    if (rc)
        return rc;
    id = op_point_id(axes, in->experiment->axes_len, &point);
    if (!plan_find(in->plan, id, ret_cell))
        return csv_fail(in->csv, row, 0, err, "its op point is not planned");
    return 0;
}

int import_cells_find(struct import *in, struct err *err)
{
    size_t rows = csv_rows(in->csv);
    int rc = 0;

    in->cells = calloc(rows + 1, sizeof(*in->cells));
    if (!in->cells)
        rc = err_set(err, ERR_NOMEM, "no memory for %zu rows", rows);
    for (size_t row = 0; !rc && row < rows; row++)
        rc = cell_find(in, row, &in->cells[row], err);
    return rc;
}
