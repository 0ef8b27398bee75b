/* model_file.h - how large the network in a vendor's model file is
 *
 * Pure.  Weights are the tensors of two dimensions and more: biases, scales
 * and shapes are not counted, as in a topology; operations are two a MAC of
 * convolutions and products by weights.
 */
#ifndef WORKERS_COLLECT_MODEL_FILE_H
#define WORKERS_COLLECT_MODEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define MODEL_UNKNOWN INT64_C(-1)

struct model_counts {
    int64_t params;    /* weights; MODEL_UNKNOWN */
    int64_t ops_image; /* operations an image; MODEL_UNKNOWN */
};

/* Whether the name ends as one of the kinds that can be read: ".onnx"
 * (onnx/onnx.proto of onnx/onnx), ".xml" (OpenVINO's intermediate
 * representation), ".tflite" (schema.fbs of TensorFlow Lite). */
bool model_file_known(const char *name);

/* Count a file.  Another kind, and layers whose work or weights the file does
 * not tell (compiled ones, recurrent ones, shapes that are left open), leave
 * a count unknown.  Returns 0; ERR_FORMAT if the bytes are not of the kind
 * that the name says. */
int model_file_counts(const char *name, const void *data, size_t len,
                      struct model_counts *ret_counts, struct err *err);

#endif
