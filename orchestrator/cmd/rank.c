/* rank.c - a worker's rank */
#include "orchestrator/cmd/rank.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/log.h"
#include "orchestrator/cmd/project.h"
#include "orchestrator/signals.h"
#include "workers/worker.h"

static bool ended(void)
{
    return signals_wish() == SIGNALS_END;
}

int rank_serve(struct link *link, int rank, const char *site)
{
    char host[64] = "?", name[64], bin_dir[FS_PATH_MAX], log[FS_PATH_MAX];
    const char *log_dir = getenv("LABSWEEP_WORKER_LOG");
    struct worker_setup setup = { .link = link,
                                  .name = name,
                                  .site = site ? site : host,
                                  .bin_dir = bin_dir,
                                  .project_dir = project_dir(),
                                  .ended = ended };
    struct err err;

    gethostname(host, sizeof(host) - 1);
    snprintf(name, sizeof(name), "%.40s/%d", host, rank);
    if (log_dir) {
        snprintf(log, sizeof(log), "%s/worker-%d-%ld", log_dir, rank,
                 (long)getpid());
        setup.log_path = log;
    }
    if (!fs_program_dir(bin_dir, sizeof(bin_dir), &err) &&
        !worker_run(&setup, &err))
        return 0;
    log_line(LOG_ERROR, "worker", "%s: %s", name, err.text);
    return 1;
}
