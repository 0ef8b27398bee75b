/* dataset.c - the end of an archive in memory */
#include "hdf5_schema/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "core/vec.h"

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

int dataset_check(const struct dataset *dataset, struct err *err)
{
    const struct table *tables[] = { dataset->cells, dataset->attempts,
                                     dataset->power_runs };
    int rc = 0;

    for (size_t i = 0; !rc && i < ARRAY_LEN(tables); i++)
        rc = tables[i] ? table_check(tables[i], err) : 0;
    return rc;
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
