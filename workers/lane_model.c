/* lane_model.c - counts of a model file against counts of a topology */
#include "workers/lane_model.h"

#include <inttypes.h>
#include <math.h>

#include "core/fs.h"
#include "experiments/topology.h"
#include "workers/collect/model_file.h"

#define MODEL_BYTES (UINT32_C(1) << 30)

static bool planned_params(const struct experiment *e,
                           const struct op_point *point, int64_t *ret_params)
{
    const struct topology *topology = experiment_topology(
        e, op_point_text(e->axes, e->axes_len, point, "topology"));
    const struct op_value *pruning =
        op_point_find(e->axes, e->axes_len, point, "pruning_factor_pct");
    struct topology_counts counts;

    if (!topology ||
        topology_count(topology, pruning && pruning->there ? pruning->f64 : 100,
                       &counts, NULL))
        return false;
    *ret_params = counts.params;
    return counts.params > 0;
}

int lane_model_check(const struct experiment *experiment,
                     const struct op_point *point, const char *local,
                     struct err *err)
{
    int64_t planned, params = 0;
    struct buf data = { 0 };
    int rc;

    if (!model_file_known(local) ||
        !planned_params(experiment, point, &planned))
        return 0;
    rc = fs_read_file(local, MODEL_BYTES, &data, err);
    if (!rc)
        rc = model_file_params(local, data.data, data.len, &params, err);
    buf_free(&data);
    if (rc || fabs((double)params / (double)planned - 1) <= LANE_MODEL_SLACK)
        return rc;
    return err_set(err, ERR_REFUSED,
                   "%s holds another network than planned: %" PRId64
                   " parameters, expected %" PRId64,
                   local, params, planned);
}
