/* estimate.c - corners found, models fitted, every point predicted */
#include "analysis/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate.h"
#include "analysis/ceiling.h"
#include "analysis/classes.h"
#include "analysis/predict.h"

#define CORNERS 4

/* What models need of a point; 'known' is false where a number lacks. */
struct subject {
    struct platform_facts platform;
    struct network network;
    struct number_format format;
    double seconds; /* of a batch */
    double seed_bw_byte_s;
    bool known;
};

void estimate_roof(const struct point *point, const struct facts *facts,
                   double *ret_peak_op_s, double *ret_bw_byte_s)
{
    *ret_peak_op_s = *ret_bw_byte_s = (double)NAN;
    if (!point_emulated(point))
        facts_roof(facts, point->platform, point->op_mode, point->precision,
                   ret_peak_op_s, ret_bw_byte_s);
}

double estimate_seed_fps(const struct facts *facts, double peak_op_s,
                         double bw_byte_s, double ops_image, double params,
                         double weight_bits)
{
    return (facts && facts->rounded_ops ? predict_seed_published
                                        : predict_seed)(
        peak_op_s, bw_byte_s, ops_image, params, weight_bits);
}

static void subject_make(const struct point *point, const struct facts *facts,
                         enum scope_kind scope, struct subject *subject)
{
    const struct platform_facts *row =
        facts_find(facts, point->platform, point->op_mode, point->precision);

    memset(subject, 0, sizeof(*subject));
    subject->seconds = point->batch / point->scope[scope].fps;
    if (row)
        subject->platform = *row;
    else
        subject->platform.on_chip_bytes = subject->platform.on_chip_bw_byte_s =
            (double)NAN;
    estimate_roof(point, facts, &subject->platform.peak_op_s,
                  &subject->platform.bw_byte_s);
    subject->seed_bw_byte_s = subject->platform.bw_byte_s;
    subject->format.bits = point->weight_bits;
    subject->format.storage_bits =
        row && row->storage_bits ? row->storage_bits : point->weight_bits;
    subject->format.is_float = strstr(point->precision, "FP") != NULL ||
                               strstr(point->precision, "BF") != NULL;
    subject->known = !point_emulated(point) &&
                     facts_network(facts, point->topology, point->pruning_pct,
                                   &subject->network);
    subject->network.ops_image = point->ops_image;
    subject->network.params = point->params;
    if (!row || isnan(row->bw_byte_s)) /* measured: from where they lie */
        subject->platform.bw_byte_s = facts_machine_read(
            facts, point->platform,
            point->params * subject->format.storage_bits / 8);
}

static double ceiling_fps(const struct subject *subject, double batch)
{
    if (!subject->known)
        return (double)NAN;
    return batch / ceiling_seconds(&subject->platform, &subject->network,
                                   &subject->format, batch);
}

double estimate_ceiling_fps(const struct point *point,
                            const struct facts *facts)
{
    struct subject subject;

    subject_make(point, facts, SCOPE_KIND_COMP, &subject);
    return ceiling_fps(&subject, point->batch);
}

static bool measured(const struct subject *subject)
{
    return subject->known && subject->seconds > 0;
}

/* The four corners among the points of one model; false if one of them was
 * not measured. */
static bool corners_find(const struct points *points,
                         const struct subject *subjects,
                         const struct classes *models, size_t model,
                         size_t ret_corners[CORNERS])
{
    double prune[2] = { (double)INFINITY, 0 };
    double batch[2] = { (double)INFINITY, 0 };
    size_t found = 0;

    for (size_t m = models->start[model]; m < models->start[model + 1]; m++) {
        const struct point *p = &points->at[models->member[m]];

        if (!measured(&subjects[models->member[m]]))
            continue;
        prune[0] = fmin(prune[0], p->pruning_pct);
        prune[1] = fmax(prune[1], p->pruning_pct);
        batch[0] = fmin(batch[0], p->batch);
        batch[1] = fmax(batch[1], p->batch);
    }
    if (!(prune[0] < prune[1]) || !(batch[0] < batch[1]))
        return false;
    for (size_t m = models->start[model]; m < models->start[model + 1]; m++) {
        const struct point *p = &points->at[models->member[m]];

        if (measured(&subjects[models->member[m]]) && found < CORNERS &&
            (p->pruning_pct == prune[0] || p->pruning_pct == prune[1]) &&
            (p->batch == batch[0] || p->batch == batch[1]))
            ret_corners[found++] = models->member[m];
    }
    return found == CORNERS;
}

static void calibrate(const struct points *points,
                      const struct subject *subjects,
                      const struct classes *models, size_t model,
                      struct estimate *estimates)
{
    struct calibrate_cell cells[CORNERS];
    double x[CALIBRATE_TERMS], terms[CALIBRATE_TERMS];
    size_t corners[CORNERS];
    bool fits = corners_find(points, subjects, models, model, corners);

    for (size_t i = 0; fits && i < CORNERS; i++) {
        const struct subject *s = &subjects[corners[i]];

        cells[i].seconds = s->seconds;
        fits = ceiling_terms(&s->platform, &s->network, &s->format,
                             points->at[corners[i]].batch, cells[i].term);
    }
    if (!fits || calibrate_fit(cells, CORNERS, x, NULL))
        return;
    for (size_t m = models->start[model]; m < models->start[model + 1]; m++) {
        size_t i = models->member[m];
        const struct subject *s = &subjects[i];
        double batch = points->at[i].batch;

        if (s->known &&
            ceiling_terms(&s->platform, &s->network, &s->format, batch, terms))
            estimates[i].calibrated_fps = batch / calibrate_seconds(x, terms);
        estimates[i].overhead_s = x[0];
    }
    for (size_t i = 0; i < CORNERS; i++)
        estimates[corners[i]].corner = true;
}

const char *estimate_model_word(enum estimate_model model)
{
    static const char *const words[ESTIMATE_MODELS] = {
        [ESTIMATE_SEED] = "seed",
        [ESTIMATE_CEILING] = "ceiling",
        [ESTIMATE_CALIBRATED] = "calibrated",
    };

    return words[model];
}

double estimate_fps(const struct estimate *estimate, enum estimate_model model)
{
    const double fps[ESTIMATE_MODELS] = {
        [ESTIMATE_SEED] = estimate->seed_fps,
        [ESTIMATE_CEILING] = estimate->ceiling_fps,
        [ESTIMATE_CALIBRATED] = estimate->calibrated_fps,
    };

    return fps[model];
}

int estimate_points(const struct points *points, const struct facts *facts,
                    enum scope_kind scope, struct estimate *ret_estimates,
                    struct err *err)
{
    struct subject *subjects = calloc(points->len + 1, sizeof(*subjects));
    struct classes models = { 0 };
    int rc = 0;

    if (!subjects)
        rc = err_set(err, ERR_NOMEM, "no memory to predict %zu points",
                     points->len);
    else
        rc = classes_create(points, CLASSES_BY_MODEL, &models, err);
    if (rc)
        goto out;
    for (size_t i = 0; i < points->len; i++) {
        const struct point *point = &points->at[i];
        struct subject *s = &subjects[i];

        subject_make(point, facts, scope, s);
        ret_estimates[i] = (struct estimate){
            .seed_fps = estimate_seed_fps(facts, s->platform.peak_op_s,
                                          s->seed_bw_byte_s, point->ops_image,
                                          point->params, point->weight_bits),
            .ceiling_fps = ceiling_fps(s, point->batch),
            .calibrated_fps = (double)NAN,
            .overhead_s = (double)NAN,
        };
    }
    for (size_t m = 0; m < models.count; m++)
        calibrate(points, subjects, &models, m, ret_estimates);
out:
    free(subjects);
    classes_free(&models);
    return rc;
}
