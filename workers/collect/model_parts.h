/* model_parts.h - what the readers of model files share
 *
 * For model_*.c of this room only.
 */
#ifndef WORKERS_COLLECT_MODEL_PARTS_H
#define WORKERS_COLLECT_MODEL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/collect/model_file.h"

#define MODEL_COUNT_MAX (INT64_C(1) << 48) /* counts stay at it */
#define MODEL_DIMS_MAX  16

/* Shape of one tensor; dimensions beyond MODEL_DIMS_MAX count in 'rank' only.
 */
struct model_shape {
    int64_t dims[MODEL_DIMS_MAX];
    size_t rank;
};

/* Add a dimension; what is too large to be one becomes MODEL_COUNT_MAX. */
void model_shape_add(struct model_shape *shape, uint64_t dim);

/* Elements of a tensor, 0 if a dimension is left open or there are too many.
 */
int64_t model_shape_elements(const struct model_shape *shape);

/* The same of what may be a weight; 0 for vectors and numbers, and for [1, n] and the
 * like, which are vectors that were given a shape. */
int64_t model_shape_weights(const struct model_shape *shape);

/* Add to a count, at most MODEL_COUNT_MAX; unknown stays unknown. */
void model_count_add(int64_t *count, int64_t more);

/* Operations an image of a layer, two a MAC: every value of its output (the
 * first dimension is the batch) sums 'weights' / 'channels' products.
 * MODEL_UNKNOWN if the output's shape does not tell. */
int64_t model_layer_ops(const struct model_shape *output, int64_t weights,
                        int64_t channels);

/* Count a whole file.  False if the bytes are not of its form. */
bool model_onnx_read(const void *data, size_t len, struct model_counts *counts);
bool model_xml_read(const void *data, size_t len, struct model_counts *counts);
bool model_tflite_read(const void *data, size_t len,
                       struct model_counts *counts);

#endif
