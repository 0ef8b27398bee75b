/* topology.h - a network as its layers; exact operations and parameters
 *
 * One multiply-accumulate is two operations; biases, thresholds and pooling
 * are not counted, as in the published figures (QuTiBench).
 */
#ifndef EXPERIMENTS_TOPOLOGY_H
#define EXPERIMENTS_TOPOLOGY_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct topology;

/* Parse the text of a topology file; 'file' names it in errors.
 * Returns 0 and a topology for topology_destroy(); ERR_FORMAT; ERR_NOMEM. */
int topology_parse(const char *text, size_t len, const char *file,
                   struct topology **ret_topology, struct err *err);
void topology_destroy(struct topology *topology); /* NULL is fine */

struct topology_counts {
    int64_t ops_image; /* operations per image */
    int64_t params;    /* weights */
};

/* Count at a pruning factor in percent: every layer marked as pruned keeps
 * that share of its outputs (channels), and the next one of its inputs.  A file may
 * list "counts" by pruning factor instead of layers.
 * Returns 0; ERR_FORMAT if a layer would not keep a whole number of
 * channels; ERR_NOT_FOUND if nothing is declared for this factor. */
int topology_count(const struct topology *topology, double pruning_factor_pct,
                   struct topology_counts *ret_counts, struct err *err);

/* One layer at a pruning factor, for byte and time models: dense layers have
 * kernel, out_width and out_height 1. */
struct topology_layer {
    const char *kind; /* "dense", "conv", "pool" */
    int64_t in_channels, out_channels;
    int64_t in_width, in_height, out_width, out_height;
    int64_t kernel, stride, groups;
    int64_t macs, params;
};

/* The i-th layer.  Returns 0; ERR_NOT_FOUND beyond the last; ERR_FORMAT as
 * topology_count(). */
int topology_layer_at(const struct topology *topology, size_t i,
                      double pruning_factor_pct,
                      struct topology_layer *ret_layer, struct err *err);

#endif
