/* lane_model.c - counts of a model file against counts of a topology */
#include "workers/lane_model.h"

#include <inttypes.h>
#include <math.h>

#include "core/fs.h"
#include "experiments/topology.h"
#include "workers/collect/model_file.h"

#define MODEL_BYTES (UINT32_C(1) << 30)

/* Counts of the point's topology, unknown where it has none. */
static struct model_counts planned_counts(const struct experiment *e,
                                          const struct op_point *point)
{
    const struct topology *topology = experiment_topology(
        e, op_point_text(e->axes, e->axes_len, point, "topology"));
    const struct op_value *pruning =
        op_point_find(e->axes, e->axes_len, point, "pruning_factor_pct");
    struct topology_counts counts;

    if (!topology ||
        topology_count(topology, pruning && pruning->there ? pruning->f64 : 100,
                       &counts, NULL))
        return (struct model_counts){ MODEL_UNKNOWN, MODEL_UNKNOWN };
    return (struct model_counts){ counts.params ? counts.params : MODEL_UNKNOWN,
                                  counts.ops_image ? counts.ops_image
                                                   : MODEL_UNKNOWN };
}

static int compare(const char *local, const char *what, int64_t found,
                   int64_t planned, double slack, struct err *err)
{
    if (found == MODEL_UNKNOWN || planned == MODEL_UNKNOWN ||
        fabs((double)found / (double)planned - 1) <= slack)
        return 0;
    return err_set(err, ERR_REFUSED,
                   "%s holds another network than planned: %" PRId64
                   " %s, expected %" PRId64,
                   local, found, what, planned);
}

int lane_model_check(const struct experiment *experiment,
                     const struct op_point *point, const char *local,
                     struct attempt_row *row, struct err *err)
{
    struct model_counts planned = planned_counts(experiment, point), counts;
    struct buf data = { 0 };
    int rc;

    if (!model_file_known(local))
        return 0;
    rc = fs_read_file(local, MODEL_BYTES, &data, err);
    if (!rc)
        rc = model_file_counts(local, data.data, data.len, &counts, err);
    buf_free(&data);
    if (rc)
        return rc;
    if (counts.params != MODEL_UNKNOWN)
        row->model_params = counts.params;
    if (counts.ops_image != MODEL_UNKNOWN)
        row->model_ops_image = counts.ops_image;
    rc = compare(local, "parameters", counts.params, planned.params,
                 LANE_MODEL_SLACK, err);
    return rc ? rc
              : compare(local, "operations an image", counts.ops_image,
                        planned.ops_image, LANE_MODEL_OPS_SLACK, err);
}
