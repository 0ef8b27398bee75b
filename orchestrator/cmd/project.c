/* project.c - where shipped files lie */
#include "orchestrator/cmd/project.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"

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
