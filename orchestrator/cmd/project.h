/* project.h - where shipped files lie: models, adapters, published data */
#ifndef ORCHESTRATOR_CMD_PROJECT_H
#define ORCHESTRATOR_CMD_PROJECT_H

#include <stddef.h>

/* The folder in LABSWEEP_PROJECT, or the source tree that the program was
 * built from; constant. */
const char *project_dir(void);

/* The campaign folder of an experiment that names none: results/NAME of
 * .../NAME.json; cut at 'size' bytes. */
void project_results_dir(const char *experiment, char *dir, size_t size);

/* Warn (log) if anybody may write into the campaign folder 'dir': then
 * nothing in it can be relied on. */
void project_check_folder(const char *dir);

#endif
