/* import_columns.c - published names and units, and ours */
#include "orchestrator/archive/import_columns.h"

#include <strings.h>

#include "core/vec.h"

/* clang-format off */
const struct import_column import_columns[] = {
    /* published             target          ours                 divide  qutibench */
    { "topology",            IMPORT_AXIS,    "topology",           1,     NULL },
    { "platform",            IMPORT_AXIS,    "platform",           1,     NULL },
    { "mode",                IMPORT_AXIS,    "op_mode",            1,     NULL },
    { "precision",           IMPORT_AXIS,    "precision",          1,     NULL },
    { "pruning_percent",     IMPORT_AXIS,    "pruning_factor_pct", 1,     NULL },
    { "batch",               IMPORT_AXIS,    "batch",              1,     NULL },
    { "lat_sys_ms",          IMPORT_ATTEMPT, "lat_sys_s",          1e3,   NULL },
    { "lat_comp_ms",         IMPORT_ATTEMPT, "lat_comp_s",         1e3,   NULL },
    { "fps_system",          IMPORT_ATTEMPT, "fps_sys",            1,     NULL },
    { "fps_comp",            IMPORT_ATTEMPT, "fps_comp",           1,     NULL },
    { "top1_percent",        IMPORT_ATTEMPT, "top1_pct",           1,     NULL },
    { "base_w",              IMPORT_POWER,   "power_base_w",       1,     NULL },
    { "idle_w",              IMPORT_POWER,   "power_idle_w",       1,     NULL },
    { "full_w",              IMPORT_POWER,   "power_full_w",       1,     NULL },
    { "level",               IMPORT_ATTEMPT, "level",              1,     "level" },
    { "NN_Topology",         IMPORT_AXIS,    "topology",           1,     "NN_Topology" },
    { "HWType",              IMPORT_AXIS,    "platform",           1,     "HWType" },
    { "Op mode",             IMPORT_AXIS,    "op_mode",            1,     "Op mode" },
    { "Datatype",            IMPORT_AXIS,    "precision",          1,     "Datatype" },
    { "PruningFactor",       IMPORT_AXIS,    "pruning_factor_pct", 1,     "PruningFactor" },
    { "batch/thread/stream", IMPORT_AXIS,    "batch",              1,     "batch/thread/stream" },
    { "lat-sys",             IMPORT_ATTEMPT, "lat_sys_s",          1e3,   "lat-sys" },
    { "lat-comp",            IMPORT_ATTEMPT, "lat_comp_s",         1e3,   "lat-comp" },
    { "fps-system",          IMPORT_ATTEMPT, "fps_sys",            1,     "fps-system" },
    { "fps-comp",            IMPORT_ATTEMPT, "fps_comp",           1,     "fps-comp" },
    { "tp-system",           IMPORT_ATTEMPT, "op_rate_sys_op_s",   1e-9,  "tp-system" },
    { "tp-comp",             IMPORT_ATTEMPT, "op_rate_comp_op_s",  1e-9,  "tp-comp" },
    { "top1",                IMPORT_ATTEMPT, "top1_pct",           1,     "top1" },
    { "top1 [%]",            IMPORT_ATTEMPT, "top1_pct",           1,     NULL },
    { "top5",                IMPORT_ATTEMPT, "top5_pct",           1,     "top5" },
    { "top5 [%]",            IMPORT_ATTEMPT, "top5_pct",           1,     NULL },
    { "Base_Pwr_W",          IMPORT_POWER,   "power_base_w",       1,     "Base_Pwr_W" },
    { "Idle_Pwr_W",          IMPORT_POWER,   "power_idle_w",       1,     "Idle_Pwr_W" },
    { "Full_Pwr_W",          IMPORT_POWER,   "power_full_w",       1,     "Full_Pwr_W" },
    { "lat-sys [ms]",        IMPORT_ATTEMPT, "lat_sys_s",          1e3,   NULL },
    { "lat-comp [ms]",       IMPORT_ATTEMPT, "lat_comp_s",         1e3,   NULL },
    { "BasePWR [W]",         IMPORT_POWER,   "power_base_w",       1,     NULL },
    { "IdlePWR [W]",         IMPORT_POWER,   "power_idle_w",       1,     NULL },
    { "FullPwr [W]",         IMPORT_POWER,   "power_full_w",       1,     NULL },
    { "hw_peak_perf [TOP/s]", IMPORT_IGNORED, "",                  1,     NULL },
    { "hw_bandwidth [GB/s]", IMPORT_IGNORED, "",                   1,     NULL },
    { "nn_total_operations [GOP]", IMPORT_IGNORED, "",             1,     NULL },
    { "GOPS",                IMPORT_IGNORED, "",                   1,     NULL },
    { "hw_peak_perf",        IMPORT_IGNORED, "",                   1,     NULL },
    { "hw_bandwidth",        IMPORT_IGNORED, "",                   1,     NULL },
    { "nn_total_operations", IMPORT_IGNORED, "",                   1,     NULL },
    { "norm-lat-comp",       IMPORT_IGNORED, "",                   1,     NULL },
    { "hw_datatype_prun_net", IMPORT_IGNORED, "",                  1,     NULL },
    { "datatype_model",      IMPORT_IGNORED, "",                   1,     NULL },
    { "tag",                 IMPORT_IGNORED, "",                   1,     NULL },
    { "Hardware",            IMPORT_IGNORED, "",                   1,     NULL },
    { "color",               IMPORT_IGNORED, "",                   1,     NULL },
};
/* clang-format on */
const size_t import_columns_len = ARRAY_LEN(import_columns);

const struct import_column *import_column_find(const char *published)
{
    for (size_t i = 0; i < import_columns_len; i++)
        if (!strcasecmp(import_columns[i].published, published))
            return &import_columns[i];
    return NULL;
}
