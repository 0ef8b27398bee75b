/* expect.c - durations learnt from archives, per op point, then by a model */
#include "orchestrator/cmd/expect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate.h"
#include "core/vec.h"
#include "hdf5_schema/dataset.h"
#include "orchestrator/archive/h5_reader.h"

#define MODEL_CELLS_MIN 4 /* different op points, to fit a model to */

/* What the repeats of one op point took, on any board. */
struct kin {
    uint64_t id;
    double sum_s;
    size_t count;
};

struct expect {
    const struct plan *plan;
    const struct axis *axes;
    size_t axes_len, board, repeat, batch;
    VEC(struct kin) kin;
    float *expected_s;
};

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for expected durations");
}

/* The id of the cell's op point without board and repeat. */
static uint64_t kin_id(const struct expect *x, size_t cell)
{
    struct op_point point;

    plan_cell_point(x->plan, cell, &point);
    point.at[x->board].there = false;
    point.at[x->repeat].there = false;
    return op_point_id(x->axes, x->axes_len, &point);
}

static int learn(struct expect *x, const struct dataset *d, struct err *err)
{
    const struct table_column *cell = table_find(d->attempts, "cell");
    const struct table_column *status = table_find(d->attempts, "status");
    const struct table_column *duration = table_find(d->attempts, "duration_s");
    const struct table_column *id = table_find(d->cells, "cell_id");

    for (size_t i = 0; i < d->attempts->rows; i++) {
        int64_t row = table_i64(cell, i);
        struct kin kin = { .sum_s = table_f64(duration, i), .count = 1 };
        size_t found;

        if (strcmp(table_text(status, i), "ok") != 0 || !(kin.sum_s > 0) ||
            row < 0 || (size_t)row >= d->cells->rows ||
            !plan_find(x->plan, (uint64_t)table_i64(id, (size_t)row), &found))
            continue;
        kin.id = kin_id(x, found);
        if (!VEC_PUSH(&x->kin, kin))
            return no_memory(err);
    }
    return 0;
}

static int compare_kin(const void *a, const void *b)
{
    uint64_t x = ((const struct kin *)a)->id, y = ((const struct kin *)b)->id;

    return (x > y) - (x < y);
}

/* Sort, and join what is of one op point. */
static void join(struct expect *x)
{
    size_t kept = 0;

    if (!x->kin.len)
        return;
    qsort(x->kin.at, x->kin.len, sizeof(x->kin.at[0]), compare_kin);
    for (size_t i = 1; i < x->kin.len; i++) {
        struct kin *last = &x->kin.at[kept];

        if (x->kin.at[i].id != last->id) {
            x->kin.at[++kept] = x->kin.at[i];
            continue;
        }
        last->sum_s += x->kin.at[i].sum_s;
        last->count++;
    }
    x->kin.len = kept + 1;
}

static void expect_kin(struct expect *x)
{
    for (size_t i = 0; x->kin.len && i < plan_cells(x->plan); i++) {
        struct kin key = { .id = kin_id(x, i) };
        const struct kin *found = bsearch(&key, x->kin.at, x->kin.len,
                                          sizeof(x->kin.at[0]), compare_kin);

        if (found)
            x->expected_s[i] = (float)(found->sum_s / (double)found->count);
    }
}

/* ---- a model for a platform, op mode and precision */

struct model {
    uint32_t mode;
    int weight_bits, activation_bits;
    VEC(struct calibrate_cell) cells;
    double coefficients[CALIBRATE_TERMS];
    bool fitted;
};

typedef VEC(struct model) models_t;

static void terms_of(const struct expect *x, size_t cell,
                     const struct plan_cell *row, struct calibrate_cell *ret)
{
    struct op_point point;
    double batch;

    plan_cell_point(x->plan, cell, &point);
    batch = point.at[x->batch].there ? (double)point.at[x->batch].i64 : 1;
    ret->term[0] = 1;
    ret->term[1] = batch;
    ret->term[2] =
        row->params > 0 ? (double)row->params * row->weight_bits / 8 : 0;
    ret->term[3] = row->ops_image > 0 ? (double)row->ops_image * batch : 0;
}

static struct model *model_of(const struct plan_cell *row, struct model *at,
                              size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i].mode == row->mode && at[i].weight_bits == row->weight_bits &&
            at[i].activation_bits == row->activation_bits)
            return &at[i];
    return NULL;
}

/* Give every model the cells that were measured. */
static bool models_learn(const struct expect *x, models_t *models)
{
    for (size_t i = 0; i < plan_cells(x->plan); i++) {
        struct calibrate_cell known = { .seconds = (double)x->expected_s[i] };
        struct plan_cell row;
        struct model *model;

        plan_cell(x->plan, i, &row);
        if (row.na_reason || !(known.seconds > 0))
            continue;
        model = model_of(&row, models->at, models->len);
        if (!model) {
            struct model fresh = { .mode = row.mode,
                                   .weight_bits = row.weight_bits,
                                   .activation_bits = row.activation_bits };

            if (!VEC_PUSH(models, fresh))
                return false;
            model = &models->at[models->len - 1];
        }
        terms_of(x, i, &row, &known);
        if (!VEC_PUSH(&model->cells, known))
            return false;
    }
    return true;
}

static void models_use(const struct expect *x, const models_t *models)
{
    for (size_t i = 0; i < plan_cells(x->plan); i++) {
        struct calibrate_cell terms;
        struct plan_cell row;
        const struct model *model;

        if (x->expected_s[i] > 0)
            continue;
        plan_cell(x->plan, i, &row);
        model = model_of(&row, models->at, models->len);
        if (row.na_reason || !model || !model->fitted)
            continue;
        terms_of(x, i, &row, &terms);
        x->expected_s[i] =
            (float)calibrate_seconds(model->coefficients, terms.term);
    }
}

static int expect_model(const struct expect *x, struct err *err)
{
    models_t models = { 0 };
    bool ok = models_learn(x, &models);

    for (size_t i = 0; ok && i < models.len; i++) {
        struct model *m = &models.at[i];

        m->fitted =
            m->cells.len >= MODEL_CELLS_MIN &&
            !calibrate_fit(m->cells.at, m->cells.len, m->coefficients, NULL);
    }
    if (ok)
        models_use(x, &models);
    for (size_t i = 0; i < models.len; i++)
        VEC_FREE(&models.at[i].cells);
    VEC_FREE(&models);
    return ok ? 0 : no_memory(err);
}

int expect_durations(const struct plan *plan, const char *const *archives,
                     size_t n, float *expected_s, struct err *err)
{
    struct expect x = { .plan = plan, .expected_s = expected_s };
    int rc = 0;

    x.axes = plan_axes(plan, &x.axes_len);
    x.board = axes_index(x.axes, x.axes_len, "board");
    x.repeat = axes_index(x.axes, x.axes_len, "repeat");
    x.batch = axes_index(x.axes, x.axes_len, "batch");
    memset(expected_s, 0, plan_cells(plan) * sizeof(*expected_s));
    for (size_t i = 0; !rc && i < n; i++) {
        struct dataset *dataset;

        rc = archive_read(archives[i], ARCHIVE_LATER, &dataset, err);
        if (rc)
            break;
        rc = learn(&x, dataset, err);
        if (!rc)
            rc = dataset_check(dataset, err);
        dataset_destroy(dataset);
    }
    if (!rc) {
        join(&x);
        expect_kin(&x);
        rc = x.kin.len ? expect_model(&x, err) : 0;
    }
    VEC_FREE(&x.kin);
    return rc;
}
