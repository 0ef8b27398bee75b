/* latencies.h - single latencies that an adapter reads, into a result */
#ifndef WORKERS_LATENCIES_H
#define WORKERS_LATENCIES_H

#include "core/err.h"
#include "orchestrator/wire/result.h"
#include "workers/collect/collect.h"

/* Append the samples "lat_sys" and "lat_comp" of the outputs, where the
 * adapter has such.  Returns 0; as collector_samples() and samples_pack(). */
int latencies_add(struct collector *collector,
                  const struct collect_output *outputs, size_t len,
                  struct result *result, struct err *err);

#endif
