/* fuzz_plan.c - a plan's bytes, whatever they are */
#include "orchestrator/sched/plan.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    struct plan *plan = NULL, *outline = NULL;
    struct plan_cell cell;
    struct plan_board board;
    struct op_point point;

    if (!plan_decode_outline(data, size, &outline, NULL))
        for (size_t i = 0; i < plan_cells(outline); i++)
            plan_cell_na(outline, i);
    if (plan_decode(data, size, &plan, NULL)) {
        plan_destroy(outline);
        return;
    }
    if (!outline || plan_cells(outline) != plan_cells(plan))
        __builtin_trap();
    plan_destroy(outline);
    for (size_t i = 0; i < plan_cells(plan); i++) {
        plan_cell(plan, i, &cell);
        plan_cell_point(plan, i, &point);
        for (size_t k = 0; k < cell.boards_len; k++)
            plan_board_at(plan, cell.boards[k], &board);
    }
    plan_destroy(plan);
}
