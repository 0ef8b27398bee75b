/* dataset.c - the end of an archive in memory */
#include "hdf5_schema/dataset.h"

#include <stdlib.h>
#include <string.h>

static void samples_free(struct samples *samples)
{
    free(samples->value);
    free(samples->t_s);
}

const struct predictions *dataset_predictions(const struct dataset *dataset,
                                              const char *hash)
{
    for (size_t i = 0; i < dataset->n_predictions; i++)
        if (!strcmp(dataset->predictions[i].hash, hash))
            return &dataset->predictions[i];
    return NULL;
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
    for (size_t i = 0; i < dataset->n_predictions; i++) {
        free(dataset->predictions[i].hash);
        free(dataset->predictions[i].classes);
    }
    free(dataset->predictions);
    free(dataset->path);
    free(dataset->title);
    free(dataset->lab);
    free(dataset->campaign);
    free(dataset->documents_json);
    free(dataset->boards_json);
    free(dataset);
}
