/* peers.h - whoever computes the network, behind one door
 *
 * A peer is opened for one point, and then computes the four layers of one
 * batch a pass.  What goes in and out lies in memory before and after;
 * turning pixels into activations is nobody's part of the time.
 */
#ifndef BENCH_RUNNER_PEERS_H
#define BENCH_RUNNER_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/net.h"

struct point {
    size_t width, batch;
    unsigned threads;
    enum precision precision;
};

struct peer {
    const char *name;
    unsigned precisions; /* bits 1 << enum precision */
    /* Make ready for a point; NULL and a sentence on stderr if it cannot. */
    void *(*open)(const struct point *point);
    void (*pass)(void *ctx);
};

extern const struct peer peer_own, peer_onednn, peer_openblas, peer_ort;

/* Inputs of layer 'at', and neurons of it, of a network of this width. */
size_t peers_inputs(size_t width, unsigned at);
size_t peers_neurons(size_t width, unsigned at);

/* Zeroed memory, aligned to 64 bytes; ends the program if there is none. */
void *peers_alloc(size_t bytes);

/* The same with 'count' small made-up floats in it. */
float *peers_floats(size_t count);

/* End the program with a sentence. */
_Noreturn void peers_die(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

#endif
