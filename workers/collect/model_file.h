/* model_file.h - how many parameters a vendor's model file holds
 *
 * Pure.  Weights are the tensors of two dimensions and more: biases, scales
 * and shapes are not counted, as in a topology.
 */
#ifndef WORKERS_COLLECT_MODEL_FILE_H
#define WORKERS_COLLECT_MODEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* Whether the name ends as one of the kinds that can be read: ".onnx" (the
 * initializers of its graph; onnx/onnx.proto of onnx/onnx) and ".xml"
 * (constants of OpenVINO's intermediate representation). */
bool model_file_known(const char *name);

/* Count the parameters of a known kind.  Returns 0; ERR_FORMAT if the bytes
 * are not of its form, or ERR_NOT_FOUND if it is another kind. */
int model_file_params(const char *name, const void *data, size_t len,
                      int64_t *ret_params, struct err *err);

#endif
