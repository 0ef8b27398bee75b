/* loads.c - cells for which the same is loaded get the same number */
#include "orchestrator/cmd/loads.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for what is loaded");
}

/* The adapter of each board of the plan, NULL where it has none; NULL if
 * there is no memory. */
static const struct adapter **find_adapters(const struct plan *plan,
                                            const struct inventory *inventory)
{
    size_t boards = plan_boards(plan);
    const struct adapter **adapters = calloc(boards + 1, sizeof(*adapters));

    for (size_t i = 0; adapters && i < boards; i++) {
        const struct board *board;
        struct plan_board named;

        plan_board_at(plan, i, &named);
        board = inventory_board(inventory, named.name);
        adapters[i] = board ? board->adapter : NULL;
    }
    return adapters;
}

int loads_costs(const struct plan *plan, const struct inventory *inventory,
                struct sched_switch **ret_costs, struct err *err)
{
    const struct adapter **adapters = find_adapters(plan, inventory);
    struct sched_switch *costs = calloc(plan_boards(plan) + 1, sizeof(*costs));

    if (!adapters || !costs) {
        free(adapters);
        free(costs);
        return no_memory(err);
    }
    for (size_t i = 0; i < plan_boards(plan); i++)
        if (adapters[i])
            costs[i] = (struct sched_switch){
                .mode_s = adapters[i]->op_mode.cost_s,
                .load_s = adapters[i]->program.cost_s,
            };
    free(adapters);
    *ret_costs = costs;
    return 0;
}

/* The id of the cell's point with nothing in it but its platform, its op
 * mode and what the program depends on. */
static uint64_t load_id(const struct plan *plan,
                        const struct adapter_program *program, size_t cell)
{
    size_t len;
    const struct axis *axes = plan_axes(plan, &len);
    struct op_point point;

    plan_cell_point(plan, cell, &point);
    for (size_t i = 0; i < len; i++) {
        const char *name = axes[i].name;
        bool counts = !strcmp(name, "platform") || !strcmp(name, "op_mode");

        for (size_t k = 0; !counts && k < program->key_len; k++)
            counts = !strcmp(name, program->key[k]);
        point.at[i].there = point.at[i].there && counts;
    }
    return op_point_id(axes, len, &point);
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Sort, and keep each once; returns how many there are. */
static size_t sort_ids(uint64_t *ids, size_t len)
{
    size_t kept = 0;

    qsort(ids, len, sizeof(*ids), compare_ids);
    for (size_t i = 0; i < len; i++)
        if (!kept || ids[kept - 1] != ids[i])
            ids[kept++] = ids[i];
    return kept;
}

/* Of the boards that can run the cell the first stands for all. */
static const struct adapter_program *program_of(const struct plan *plan,
                                                const struct adapter **adapters,
                                                size_t cell)
{
    const struct adapter *adapter;
    struct plan_cell row;

    plan_cell(plan, cell, &row);
    adapter = row.boards_len ? adapters[row.boards[0]] : NULL;
    return adapter && adapter->program.run ? &adapter->program : NULL;
}

int loads_number(const struct plan *plan, const struct inventory *inventory,
                 uint32_t **ret_loads, struct err *err)
{
    size_t cells = plan_cells(plan), len = 0;
    const struct adapter **adapters = find_adapters(plan, inventory);
    uint64_t *id = malloc((cells + 1) * sizeof(*id));
    uint64_t *ids = malloc((cells + 1) * sizeof(*ids));
    uint32_t *loads = malloc((cells + 1) * sizeof(*loads));
    int rc = adapters && id && ids && loads ? 0 : no_memory(err);

    for (size_t i = 0; !rc && i < cells; i++) {
        const struct adapter_program *program = program_of(plan, adapters, i);

        loads[i] = PLAN_NONE;
        if (program) {
            loads[i] = 0;
            id[i] = ids[len++] = load_id(plan, program, i);
        }
    }
    if (!rc && len)
        len = sort_ids(ids, len);
    for (size_t i = 0; !rc && i < cells; i++)
        if (loads[i] != PLAN_NONE)
            loads[i] =
                (uint32_t)((const uint64_t *)bsearch(
                               &id[i], ids, len, sizeof(*ids), compare_ids) -
                           ids);
    if (rc || !len) {
        free(loads);
        loads = NULL;
    }
    free(adapters);
    free(id);
    free(ids);
    if (!rc)
        *ret_loads = loads;
    return rc;
}
