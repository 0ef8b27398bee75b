/* idx.h - MNIST's IDX files: images of bytes, and their labels
 *
 * Format: big-endian u32 magic (0x803 images, 0x801 labels), one u32 a
 * dimension, then bytes.  Images here are 28 x 28.
 */
#ifndef RUNNER_IDX_H
#define RUNNER_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "runner/fail.h"

#define IDX_PIXELS 784
#define IDX_MAX    ((size_t)256 << 20) /* bytes of a file, at most */

/* Find the images in the bytes of a file; 'name' is for the sentence.
 *
 * Returns 0 with 'ret_pixels' pointing into 'data', ret_count images of
 * IDX_PIXELS bytes each, at least one; or -1: FAIL_FORMAT. */
int idx_images(const uint8_t *data, size_t len, const char *name,
               const uint8_t **ret_pixels, size_t *ret_count,
               struct fail *fail);

/* The same for labels, one byte each, all below 10. */
int idx_labels(const uint8_t *data, size_t len, const char *name,
               const uint8_t **ret_labels, size_t *ret_count,
               struct fail *fail);

#endif
