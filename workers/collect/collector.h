/* collector.h - an adapter's rules, compiled; for this room only */
#ifndef WORKERS_COLLECT_COLLECTOR_H
#define WORKERS_COLLECT_COLLECTOR_H

#include "workers/collect/collect.h"
#include "workers/collect/expr.h"
#include "workers/collect/rule.h"

struct derived {
    const struct adapter_derive *entry;
    const struct column *column;
    struct expr *expr;
    double factor; /* SI -> column's unit */
};

struct valid_rule {
    const struct adapter_valid *entry;
    struct pattern *pattern;
};

struct sample_rule {
    const struct adapter_samples *entry;
    struct json_path *path;
    double factor;
};

struct collector {
    const struct adapter *adapter;
    struct rule *rules[2]; /* by enum collect_part */
    size_t rules_len[2];
    struct derived *derived;
    struct valid_rule *valid;
    struct sample_rule *samples;
};

/* What names mean while one part is read (or checked: row is NULL). */
struct scene {
    const struct collector *collector;
    const struct template_names *names;
    const struct attempt_row *row;
    double number; /* holds what 'find' returns last */
};

/* expr_names.find over a struct scene: rules already read, axes, parameters
 * and what labsweep gives.  Returns 0, ERR_FORMAT with a near miss. */
int scene_find(const void *ctx, const char *name, struct quantity *ret_value,
               struct err *err);

#endif
