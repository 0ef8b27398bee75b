/* project.c - where shipped files lie */
#include "orchestrator/cmd/project.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/fs.h"
#include "core/log.h"

const char *project_dir(void)
{
    const char *dir = getenv("LABSWEEP_PROJECT");

    return dir && *dir ? dir : LABSWEEP_PROJECT_DIR;
}

void project_results_dir(const char *experiment, char *dir, size_t size)
{
    const char *name = fs_basename(experiment);
    size_t len = strlen(name);

    if (len > 5 && !strcmp(name + len - 5, ".json"))
        len -= 5;
    snprintf(dir, size, "results/%.*s", (int)len, name);
}

void project_check_folder(const char *dir)
{
    struct stat st;

    if (!stat(dir, &st) && (st.st_mode & S_IWOTH))
        log_line(LOG_WARN, "campaign",
                 "anybody may write into '%s' (mode %04o): chmod o-w it", dir,
                 (unsigned)st.st_mode & 07777);
}
