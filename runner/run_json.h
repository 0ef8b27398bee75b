/* run_json.h - a measured op point as one JSON object */
#ifndef RUNNER_RUN_JSON_H
#define RUNNER_RUN_JSON_H

#include "runner/run.h"

#define RUN_JSON_SAMPLES 16384 /* latencies in the object, at most */

/* Append the object to 'j'; with 'samples' also the batch latencies: every
 * lat_samples_stride-th batch, RUN_JSON_SAMPLES at most.  docs/runner.md
 * lists the fields.  Returns 0, or -1: FAIL_NOMEM. */
int run_json(const struct run_loaded *loaded, const struct measure_plan *plan,
             const struct measure_result *result, bool samples, struct jout *j,
             struct fail *fail);

/* SHA-256 of the running program itself; empty if it cannot be read. */
void run_json_own_sha256(char hex[SHA256_HEX]);

#endif
