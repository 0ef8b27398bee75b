/* fuzz_experiment.c - an experiment file, whatever it is, and its matrix */
#include "core/json.h"
#include "experiments/experiment.h"
#include "experiments/matrix.h"
#include "tests/fuzz/fuzz.h"

#define REPEATS_MOST 4 /* a few rows show as much as a million */

static void expand(const struct experiment *e)
{
    struct matrix *matrix = NULL;
    struct op_point point;
    struct buf out = { 0 };

    if (matrix_create(e, NULL, &matrix, NULL))
        return;
    for (size_t i = 0; i < matrix_rows(matrix) && i < 100; i++) {
        matrix_point(matrix, i, &point);
        op_point_label(e->axes, e->axes_len, &point, &out);
        if (op_point_id(e->axes, e->axes_len, &point) != matrix_id(matrix, i))
            __builtin_trap();
    }
    buf_free(&out);
    matrix_destroy(matrix);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct json_doc *doc = NULL;
    struct texts *texts = NULL; /* reads no file */
    struct experiment *e = NULL;
    struct json root;

    if (json_doc_parse("[]", 2, "none", &doc, NULL))
        return;
    root = json_root(doc);
    if (!texts_from_json(&root, &texts, NULL) &&
        !texts_add(texts, "experiment", "e", "/", (const char *)data, size,
                   NULL) &&
        !experiment_load(texts, NULL, &e, NULL)) {
        if (e->repeats > REPEATS_MOST)
            e->repeats = REPEATS_MOST;
        expand(e);
    }
    experiment_destroy(e);
    texts_destroy(texts);
    json_doc_destroy(doc);
}
