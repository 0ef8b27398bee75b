/* transport_exec.h - one command to its end, and a file onto the board
 *
 * Made of transport.h's processes; other processes on the same transport may
 * run meanwhile, their events wait.
 */
#ifndef WORKERS_TRANSPORT_TRANSPORT_EXEC_H
#define WORKERS_TRANSPORT_TRANSPORT_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "workers/transport/transport.h"

/* What a command may take; 0 is no time limit, and a default cap. */
struct exec_limits {
    double total_s;    /* from start to exit */
    double silence_s;  /* between outputs (either stream) */
    size_t max_stdout; /* bytes kept; the rest is read and counted */
    size_t max_stderr;
};

#define EXEC_MAX_OUTPUT ((size_t)1 << 20)

enum exec_end {
    EXEC_NOT_STARTED, /* no process came to be */
    EXEC_EXITED,      /* exit_status */
    EXEC_SIGNALLED,   /* signal */
    EXEC_TOTAL_LIMIT, /* killed by us: took longer than total_s */
    EXEC_SILENT,      /* killed by us: said nothing for silence_s */
    EXEC_CANCELLED,   /* killed by us: cancel_fd became readable */
    EXEC_LINK_LOST,   /* nobody knows whether it still runs */
};

struct exec_result {
    enum exec_end end;
    int exit_status;                  /* 0 to 255, -1 if not EXEC_EXITED */
    int signal;                       /* 0 if none or unknown */
    struct buf out;                   /* stdout, the first max_stdout bytes */
    struct buf errout;                /* stderr, the first max_stderr bytes */
    uint64_t out_bytes, errout_bytes; /* all that came */
    double wall_s;                    /* from before start to the exit */
};

/* Run 'command' to its end, with 'input' (may be NULL) as standard input.
 *
 * At a limit, or when 'cancel_fd' (-1: none) becomes readable, the process
 * group gets SIGTERM and, if the command has not ended two seconds later,
 * SIGKILL.  ret_result is always filled as far as things went, so that the
 * tool's last words are there; free it with exec_result_free() in any case.
 * Blocks until the end.  Returns 0 if the command ended by itself, whatever
 * its status; ERR_TIMEOUT (a limit, or cancelled: ret_result->end says
 * which), ERR_IO (link lost), and what transport_start() returns.
 */
int transport_exec(struct transport *transport, const char *command,
                   const void *input, size_t input_len,
                   const struct exec_limits *limits, int cancel_fd,
                   struct exec_result *ret_result, struct err *err);

/* Free the output; NULL is fine. */
void exec_result_free(struct exec_result *result);

/* 0 if 'result' is an exit with status 0; else ERR_IO and a sentence made of
 * 'what', how it ended and its last words (stderr, else stdout; one line,
 * cleaned). */
int exec_result_check(const struct exec_result *result, const char *what,
                      struct err *err);

/* Put the file 'local' onto the board as 'remote' (folder must exist) with
 * permission bits 'mode': cat over standard input to REMOTE.part.PID, chmod,
 * rename.  The content is not verified: compare hashes afterwards.
 * Blocks until done; gives up after 'silence_s' (0: never) without progress.
 * Returns 0, ERR_NOT_FOUND (local), ERR_IO (link, or the board's words),
 * ERR_TIMEOUT, ERR_NOMEM. */
int transport_upload(struct transport *transport, const char *local,
                     const char *remote, unsigned mode, double silence_s,
                     struct err *err);

#endif
