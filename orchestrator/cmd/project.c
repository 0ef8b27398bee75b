/* project.c - where shipped files lie */
#include "orchestrator/cmd/project.h"

#include <stdlib.h>

const char *project_dir(void)
{
    const char *dir = getenv("LABSWEEP_PROJECT");

    return dir && *dir ? dir : LABSWEEP_PROJECT_DIR;
}
