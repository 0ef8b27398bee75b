/* dataset.c - the end of an archive in memory */
#include "hdf5_schema/dataset.h"

#include <stdlib.h>

static void samples_free(struct samples *samples)
{
    free(samples->value);
    free(samples->t_s);
}

void dataset_destroy(struct dataset *dataset)
{
    if (!dataset)
        return;
    for (size_t i = 0; i < dataset->n_axes; i++)
        free(dataset->axes[i]);
    free(dataset->axes);
    table_destroy(dataset->cells);
    table_destroy(dataset->attempts);
    table_destroy(dataset->power_runs);
    samples_free(&dataset->lat_sys);
    samples_free(&dataset->lat_comp);
    samples_free(&dataset->power);
    free(dataset->path);
    free(dataset->title);
    free(dataset->lab);
    free(dataset->campaign);
    free(dataset->documents_json);
    free(dataset->boards_json);
    free(dataset);
}
