/* engine.h - one batch through the network: buffers and threads
 *
 * A batch goes through in three steps that are timed apart: pixels to
 * activations, the four layers, and the classes.
 */
#ifndef RUNNER_ENGINE_H
#define RUNNER_ENGINE_H

#include "runner/model.h"

#define ENGINE_BATCH_MAX ((size_t)1 << 20) /* images */

struct engine; /* opaque */

/* Buffers for batches of up to 'batch' images on 'threads' threads.
 *
 * Borrows 'model' until engine_destroy().  Returns 0, or -1: FAIL_NOMEM. */
int engine_create(const struct model *model, size_t batch, unsigned threads,
                  struct engine **ret_engine, struct fail *fail);

/* Take 'rows' images of IDX_PIXELS bytes as the batch. */
void engine_input(struct engine *engine, const uint8_t *pixels, size_t rows);

/* Compute the four layers of the batch. */
void engine_compute(struct engine *engine);

/* The class of each image of the batch: the largest output, the lowest index
 * wins a tie. */
void engine_classes(struct engine *engine, uint8_t *ret_classes);

/* Free; NULL is fine. */
void engine_destroy(struct engine *engine);

#endif
