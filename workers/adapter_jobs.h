/* adapter_jobs.h - an adapter's jobs run one by one, and what they printed */
#ifndef WORKERS_ADAPTER_JOBS_H
#define WORKERS_ADAPTER_JOBS_H

#include <stdint.h>

#include "core/err.h"
#include "orchestrator/wire/result.h"
#include "workers/lane_board.h"
#include "workers/lane_run.h"

#define JOB_RAW_PART (256u << 10) /* bytes kept of each end of an output */

/* Outputs in the order of running; 'at' borrows from 'runs' and 'clean'. */
struct job_outputs {
    struct collect_output *at;
    struct lane_run *runs;
    struct buf *clean; /* two a run, by stream */
    size_t len, cap;
    int64_t marker_unix_ns[2];
};

/* Run all jobs of the board's adapter; stops at the first that fails, whose
 * output is there all the same.  The row's exit code and signal are set.
 * Returns as lane_run_command(); ERR_FORMAT (templates). */
int adapter_jobs(struct lane_board *board, struct scope *scope,
                 struct job_outputs *outputs, struct result *result,
                 struct err *err);

/* Run one job, for each of its values; the row's exit code and signal are set
 * ('row' may be NULL).  Returns as adapter_jobs(). */
int adapter_job_run(struct lane_board *board, struct scope *scope,
                    const struct adapter_job *job, struct job_outputs *outputs,
                    struct attempt_row *row, struct err *err);

/* Run the adapter's "load" job, after which the model waits in memory.
 * Returns as lane_run_command(). */
int adapter_load(struct lane_board *board, struct scope *scope,
                 struct err *err);

/* Keep what the jobs printed in the result, both ends of long outputs. */
void job_outputs_keep_raw(const struct job_outputs *outputs,
                          struct result *result);

/* Free what the jobs printed. */
void job_outputs_free(struct job_outputs *outputs);

#endif
