/* model.h - weights packed for one kernel, and the images they meet
 *
 * Both are only read after loading, so forked children share them.
 */
#ifndef RUNNER_MODEL_H
#define RUNNER_MODEL_H

#include "runner/kernels/kernel.h"
#include "runner/net.h"
#include "runner/sha256.h"

struct dataset {
    uint8_t *image_file, *label_file; /* as read; label_file may be NULL */
    const uint8_t *pixels, *labels;   /* inside them */
    size_t count;                     /* images */
    char images_sha256[SHA256_HEX], labels_sha256[SHA256_HEX];
    double load_s;
};

struct model {
    enum precision precision;
    const struct kernel *kernel;
    struct kernel_layer layer[NET_LAYERS];
    size_t width, params;
    char weights_sha256[SHA256_HEX];
    char trainer[NET_TRAINER_SIZE]; /* who trained the weights */
    double load_s;
};

/* Read images, and labels unless 'labels' is NULL.
 *
 * Returns 0 and fills 'ret_set' (yours to dataset_clear()), or -1: FAIL_IO,
 * FAIL_FORMAT (also: not as many labels as images), FAIL_NOMEM. */
int dataset_load(const char *images, const char *labels,
                 struct dataset *ret_set, struct fail *fail);

/* Free; a zeroed one is fine. */
void dataset_clear(struct dataset *set);

/* Read weights, derive INT8 if asked for (calibrated on the first images of
 * 'set', without labels), pack them for 'kernel'.  'expect' is the SHA-256
 * the file must have, or NULL.
 *
 * Returns 0 and fills 'ret_model' (yours to model_clear()), or -1: FAIL_IO,
 * FAIL_FORMAT, FAIL_NOMEM. */
int model_load(const char *weights, const char *expect,
               const struct kernel *kernel, const struct dataset *set,
               struct model *ret_model, struct fail *fail);

/* Pack an already parsed network of the right bits; as model_load(). */
int model_pack(const struct net *net, const struct kernel *kernel,
               const struct dataset *set, struct model *ret_model,
               struct fail *fail);

/* Free; a zeroed one is fine. */
void model_clear(struct model *model);

#endif
