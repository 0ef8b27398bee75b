/* world_time.c - the simulated lab in simulated time, against the bound */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/units.h"
#include "tests/unit/sched/world_state.h"

/* What is to be reported when. */
struct due {
    int64_t at_ns;
    struct pending what;
};

struct timeline {
    VEC(struct due) due;
    int64_t *free_ns;      /* by board: when it has run all it was given */
    uint32_t *mode, *load; /* by board */
    double work_s[2];      /* by platform */
    double longest_s;
    struct world_time result;
};

/* Seconds until the board is as the cell needs it. */
static double switch_board(const struct world *w, struct timeline *t,
                           uint32_t board, uint64_t index)
{
    uint32_t load = w->setup.loads ? w->loads[index] : PLAN_NONE;
    bool mode, loads;
    struct plan_cell cell;

    plan_cell(w->plan, index, &cell);
    mode = t->mode[board] != cell.mode;
    loads = load != PLAN_NONE && (mode || t->load[board] != load);
    t->mode[board] = cell.mode;
    if (mode || loads)
        t->load[board] = load;
    t->result.mode_switches += mode;
    t->result.load_switches += loads;
    return (mode ? w->setup.mode_s : 0) + (loads ? w->setup.load_s : 0);
}

static double length_of(const struct world *w, uint64_t cell)
{
    return (double)w->expected_s[cell];
}

static void schedule(struct world *w, struct timeline *t)
{
    for (size_t i = 0; i < w->pending.len; i++) {
        struct due due = { w->now_ns, w->pending.at[i] };
        int64_t *free_ns = &t->free_ns[due.what.board];

        if (due.what.kind == ACTION_RUN) {
            if (*free_ns < w->now_ns)
                *free_ns = w->now_ns;
            *free_ns +=
                S_TO_NS(switch_board(w, t, due.what.board, due.what.cell) +
                        length_of(w, due.what.cell));
            due.at_ns = *free_ns;
        }
        assert_true(VEC_PUSH(&t->due, due));
    }
    w->pending.len = 0;
}

static void report_next(struct world *w, struct timeline *t)
{
    size_t first = 0;
    struct due due;

    for (size_t i = 1; i < t->due.len; i++)
        if (t->due.at[i].at_ns < t->due.at[first].at_ns)
            first = i;
    due = t->due.at[first];
    t->due.at[first] = t->due.at[--t->due.len];
    w->now_ns = due.at_ns;
    world_report(w, &due.what);
}

/* Cells of all lengths, the same in every order. */
static void make_lengths(struct world *w, struct timeline *t)
{
    size_t cells = plan_cells(w->plan);

    for (size_t i = 0; i < cells; i++) {
        double s = 0.1 + 0.1 * (double)(world_draw(w) % 10);

        if (world_draw(w) % 10 == 0)
            s *= 10;
        w->expected_s[i] = (float)s;
        t->work_s[i >= cells / 2] += s; /* platform is the first axis */
        t->longest_s = s > t->longest_s ? s : t->longest_s;
    }
}

struct world_time world_time(struct world *w)
{
    size_t boards = plan_boards(w->plan);
    struct timeline t = { .longest_s = 0 };
    struct sched_counts counts;
    double bound, most_s;

    t.free_ns = calloc(boards, sizeof(*t.free_ns));
    t.mode = malloc(boards * sizeof(*t.mode));
    t.load = malloc(boards * sizeof(*t.load));
    memset(t.mode, 0xff, boards * sizeof(*t.mode));
    memset(t.load, 0xff, boards * sizeof(*t.load));
    make_lengths(w, &t);
    sched_destroy(w->sched);
    world_make_sched(w);
    sched_counts(w->sched, &counts);
    w->gentle = true;
    world_begin(w);
    schedule(w, &t);
    while (!sched_done(w->sched)) {
        assert_true(t.due.len > 0);
        report_next(w, &t);
        schedule(w, &t);
    }
    free(t.free_ns);
    free(t.mode);
    free(t.load);
    VEC_FREE(&t.due);
    most_s = t.work_s[0] > t.work_s[1] ? t.work_s[0] : t.work_s[1];
    bound = most_s / (double)(boards / 2);
    if (bound < t.longest_s)
        bound = t.longest_s;
    t.result.end_s = NS_TO_S(w->now_ns);
    t.result.stretch = t.result.end_s / bound;
    t.result.forecast_s = counts.remaining_s;
    return t.result;
}
