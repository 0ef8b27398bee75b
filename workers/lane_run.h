/* lane_run.h - one job to its end, while meters sample
 *
 * The lane's thread waits for the job, the samplers and a cancellation
 * together.
 */
#ifndef WORKERS_LANE_RUN_H
#define WORKERS_LANE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "workers/lane_board.h"

enum lane_run_end {
    LANE_RUN_EXITED, /* exit_status, or the served process answered (0) */
    LANE_RUN_SIGNALLED,
    LANE_RUN_TOTAL,  /* killed by us: took too long */
    LANE_RUN_SILENT, /* killed by us: said nothing for too long */
    LANE_RUN_FLOOD,  /* killed by us: printed more than LANE_STREAM_MAX */
    LANE_RUN_CANCELLED,
    LANE_RUN_LINK_LOST,
};

/* What a job did. */
struct lane_run {
    enum lane_run_end end;
    int exit_status, signal;
    struct buf text[2];                 /* as printed; by enum adapter_stream */
    uint64_t bytes[2];                  /* all that came */
    int64_t start_unix_ns, end_unix_ns; /* worker's clock */
    int64_t marker_unix_ns[2];          /* start, end; 0: not seen */
    int64_t left_group; /* still runs though it was killed; 0: none */
};

struct lane_run_limits {
    double total_s, silence_s; /* 0: none */
};

/* Run the shell line 'command' with 'input' (may be NULL) as standard input.
 * 'markers' (may be NULL) are patterns for lines of its stdout, start and
 * end, each may be NULL.
 *
 * ret_run is filled as far as things went; free it with lane_run_free() in
 * any case.  Returns 0 if the command ended by itself with status 0; else
 * ERR_IO (status, signal, flood; link: see link_lost), ERR_TIMEOUT,
 * ERR_REFUSED (cancelled), ERR_FORMAT (a marker is no pattern), ERR_NOMEM,
 * with a sentence that has the tool's last words. */
int lane_run_command(struct lane_board *board, const char *name,
                     const char *command, const char *input,
                     const struct lane_run_limits *limits,
                     const char *const *markers, struct lane_run *ret_run,
                     struct err *err);

/* Send one line to the adapter's served process (started by 'command' if it
 * does not run) and wait for its line.  An answer {"ok": false, "text": ...}
 * is a failure with that text; of {"ok": true, "result": {...}} the result
 * is kept.  Returns as lane_run_command(). */
int lane_run_request(struct lane_board *board, const char *name,
                     const char *command, const char *request,
                     const struct lane_run_limits *limits,
                     struct lane_run *ret_run, struct err *err);

/* Nothing of a job that was ended may run beside the next one: kill what is
 * left of its group until the board says that it is gone, by one command of
 * at most five seconds; then run->left_group is set.  Nothing where nobody
 * can be asked. */
void lane_run_verify_gone(struct lane_board *board, int64_t group,
                          struct lane_run *run);

/* Put into 'err' what is left, if something is. */
void lane_run_say_left(const struct lane_run *run, struct err *err);

/* Free what a run printed. */
void lane_run_free(struct lane_run *run);

/* Let meters sample for 'seconds', or until 'done' (may be NULL) says so.
 * Returns 0; ERR_REFUSED (cancelled), ERR_IO (link lost). */
int lane_idle(struct lane_board *board, double seconds,
              bool (*done)(const struct lane_board *board), struct err *err);

/* Wait for the next event that is no meter's, until 'deadline_ns'; events of
 * the served process are also kept in board->serve.  Returns 0; ERR_TIMEOUT;
 * ERR_REFUSED (cancelled, unless board->deaf); ERR_IO and link_lost. */
int lane_pump(struct lane_board *board, int64_t deadline_ns,
              struct proc_event *ret_event, struct err *err);

/* The tag of the served process. */
extern const struct lane_tag lane_serve_tag;

#endif
