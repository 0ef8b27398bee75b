/* project.h - where shipped files lie: models, adapters, published data */
#ifndef ORCHESTRATOR_CMD_PROJECT_H
#define ORCHESTRATOR_CMD_PROJECT_H

/* The folder in LABSWEEP_PROJECT, or the source tree that the program was
 * built from; constant. */
const char *project_dir(void);

#endif
