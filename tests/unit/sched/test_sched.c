/* test_sched.c - what the scheduler promises, in labs that a seed makes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/vec.h"
#include "hdf5_schema/columns.h"
#include "tests/unit/sched/world_state.h"

static void run_worlds(struct world_setup setup, unsigned seeds, bool resume)
{
    for (unsigned seed = 1; seed <= seeds; seed++) {
        struct world *world;

        setup.seed = seed;
        world = world_create(&setup);
        world_run(world);
        world_check_final(world);
        world_check_replay(world);
        if (resume)
            world_resume_and_finish(world);
        world_destroy(world);
    }
}

static void a_quiet_lab_runs_every_cell_once(void **state)
{
    struct world_setup setup = { .cells = 50, .boards = 3, .workers = 2 };

    (void)state;
    run_worlds(setup, 20, false);
}

static void every_cell_ends_in_a_failing_lab(void **state)
{
    struct world_setup setup = { .cells = 60,
                                 .boards = 4,
                                 .workers = 3,
                                 .fail_pct = 10,
                                 .transport_pct = 10,
                                 .down_pct = 20,
                                 .refuse_pct = 30,
                                 .worker_pct = 5 };

    (void)state;
    run_worlds(setup, 300, true);
}

static void an_exclusive_group_serves_one_board_at_a_time(void **state)
{
    struct world_setup setup = { .cells = 40,
                                 .boards = 3,
                                 .workers = 2,
                                 .fail_pct = 5,
                                 .transport_pct = 5,
                                 .exclusive = true };

    (void)state;
    run_worlds(setup, 100, true);
}

static void every_board_runs_its_own_cells(void **state)
{
    struct world_setup setup = { .cells = 10,
                                 .boards = 5,
                                 .workers = 2,
                                 .transport_pct = 10,
                                 .down_pct = 10,
                                 .each = true };

    (void)state;
    run_worlds(setup, 100, true);
}

static void a_stop_leaves_what_resume_finishes(void **state)
{
    struct world_setup setup = { .cells = 80,
                                 .boards = 4,
                                 .workers = 2,
                                 .fail_pct = 10,
                                 .transport_pct = 10,
                                 .stop_after = 100 };

    (void)state;
    run_worlds(setup, 200, true);
}

static void a_lab_without_a_board_gives_every_cell_up(void **state)
{
    struct world_setup setup = { .cells = 30,
                                 .boards = 2,
                                 .workers = 1,
                                 .down_pct = 100,
                                 .refuse_pct = 50 };

    (void)state;
    run_worlds(setup, 20, false);
}

/* Without it the next probe would wait a second. */
static void a_release_ends_quarantine(void **state)
{
    struct world_setup setup = {
        .seed = 1, .cells = 2, .boards = 1, .workers = 1
    };
    struct world *world = world_create(&setup);
    struct event down = { .kind = EVENT_BOARD_DOWN };
    struct event release = { .kind = EVENT_RELEASE, .hold = HOLD_DRAINED };
    struct action_list actions = { 0 };
    struct sched_board board;

    (void)state;
    world_begin(world);
    assert_int_equal(sched_step(world->sched, &down, &actions, NULL), 0);
    sched_board(world->sched, 0, &board);
    assert_int_equal(board.state, BOARD_QUARANTINE);
    assert_int_equal(actions.list.len, 0);
    assert_int_equal(sched_step(world->sched, &release, &actions, NULL), 0);
    assert_int_equal(actions.list.len, 1);
    assert_int_equal(actions.list.at[0].kind, ACTION_OPEN);
    assert_int_equal(actions.list.at[0].board, 0);
    VEC_FREE(&actions.list);
    world_destroy(world);
}

static void people_may_meddle(void **state)
{
    struct world_setup setup = { .cells = 40,
                                 .boards = 3,
                                 .workers = 2,
                                 .fail_pct = 5,
                                 .transport_pct = 5,
                                 .hold_pct = 30 };

    (void)state;
    run_worlds(setup, 100, true);
}

static void sentinels_come_between(void **state)
{
    struct world_setup setup = { .cells = 30,
                                 .boards = 3,
                                 .workers = 2,
                                 .transport_pct = 5,
                                 .down_pct = 5,
                                 .sentinels = true };

    (void)state;
    run_worlds(setup, 100, true);
    setup.exclusive = true;
    run_worlds(setup, 50, true);
}

static void limits_end_a_sweep(void **state)
{
    struct world_setup setup = {
        .cells = 60, .boards = 3, .workers = 2, .fail_pct = 30, .max_fail = 5
    };

    (void)state;
    run_worlds(setup, 50, true);
    setup.max_fail = 0;
    setup.budget_s = 1;
    run_worlds(setup, 50, true);
}

static void nobody_starves_in_a_group(void **state)
{
    struct world_setup setup = { .cells = 1500,
                                 .turn_s = 0.5,
                                 .boards = 4,
                                 .workers = 2,
                                 .exclusive = true,
                                 .each = true };

    (void)state;
    run_worlds(setup, 5, false);
}

static void boards_end_together(void **state)
{
    struct world_setup setup = {
        .cells = 500, .boards = 16, .workers = 2, .longest = true
    };

    (void)state;
    for (unsigned seed = 1; seed <= 11; seed += 2) { /* "planned" experiments */
        struct world *world;
        double stretch;

        setup.seed = seed;
        world = world_create(&setup);
        stretch = world_time(world).stretch;
        world_destroy(world);
        if (stretch > 1.05)
            fail_msg("seed %u: %.3f of the bound", seed, stretch);
    }
}

static struct world_time timed(struct world_setup setup)
{
    struct world *world = world_create(&setup);
    struct world_time time = world_time(world);

    world_destroy(world);
    return time;
}

/* Two op modes, three things to load in each; what a switch takes is time
 * that nobody measures. */
static void grouping_saves_switches(void **state)
{
    struct world_setup setup = { .seed = 2, /* "shuffled" experiments */
                                 .cells = 240,
                                 .boards = 4,
                                 .workers = 2,
                                 .loads = true,
                                 .mode_s = 4,
                                 .load_s = 2 };
    const size_t boards = 2 * setup.boards;
    struct world_time shuffled = timed(setup), grouped;

    (void)state;
    setup.grouped = true;
    grouped = timed(setup);
    /* nobody enters a mode twice, and few load the same twice */
    assert_true(grouped.mode_switches <= 2 * boards);
    assert_true(grouped.load_switches <= 6 * boards);
    assert_true(shuffled.mode_switches > 10 * grouped.mode_switches);
    assert_true(shuffled.load_switches > 10 * grouped.load_switches);
    assert_true(grouped.end_s < shuffled.end_s / 2);
    /* and the forecast knows of both */
    assert_true(shuffled.forecast_s > 0.8 * shuffled.end_s &&
                shuffled.forecast_s < 1.2 * shuffled.end_s);
    assert_true(grouped.forecast_s > 0.8 * grouped.end_s &&
                grouped.forecast_s < 1.2 * grouped.end_s);
}

/* A switch that takes longer than the work that is left is not made. */
static void declared_costs_spare_switches(void **state)
{
    struct world_setup setup = { .cells = 40,
                                 .boards = 4,
                                 .workers = 2,
                                 .grouped = true,
                                 .loads = true,
                                 .mode_s = 60,
                                 .load_s = 30 };
    size_t blind = 0, told = 0;
    double blind_s = 0, told_s = 0;

    (void)state;
    for (setup.seed = 1; setup.seed <= 8; setup.seed++) {
        struct world_time time;

        setup.undeclared = true;
        time = timed(setup);
        blind += time.load_switches;
        blind_s += time.end_s;
        setup.undeclared = false;
        time = timed(setup);
        told += time.load_switches;
        told_s += time.end_s;
    }
    if (told >= blind || told_s > blind_s)
        fail_msg("declared: %zu switches, %.0f s; undeclared: %zu, %.0f s",
                 told, told_s, blind, blind_s);
}

/* Labs of every kind, each order of events another one: a million with
 * LABSWEEP_LONG. */
static void any_order_keeps_the_promises(void **state)
{
    size_t orders = getenv("LABSWEEP_LONG") ? 1000000 : 20000;
    const unsigned kinds = 64;

    (void)state;
    for (unsigned kind = 0; kind < kinds; kind++) {
        struct world_setup setup = { .seed = kind + 1,
                                     .cells = 4,
                                     .boards = 2 + kind % 3,
                                     .workers = 2,
                                     .fail_pct = 10,
                                     .transport_pct = 10,
                                     .down_pct = 10,
                                     .refuse_pct = 20,
                                     .worker_pct = 5,
                                     .exclusive = kind & 1,
                                     .each = kind & 2,
                                     .sentinels = kind & 4,
                                     .hold_pct = kind & 8 ? 20 : 0,
                                     .stop_after = kind & 16 ? 30 : 0,
                                     .loads = kind & 32,
                                     .grouped = kind & 32,
                                     .mode_s = 20,
                                     .load_s = 10 };
        struct world *world = world_create(&setup);

        for (unsigned i = 0; i < orders / kinds; i++) {
            world_again(world, i * kinds + kind);
            world_run(world);
            world_check_final(world);
            world_check_replay(world);
            world_resume_and_finish(world);
        }
        world_destroy(world);
    }
}

static void large_plans_are_scheduled(void **state)
{
    bool lengthy = getenv("LABSWEEP_LONG") != NULL;
    struct world_setup setup = { .seed = 7,
                                 .cells = lengthy ? 250000 : 10000,
                                 .boards = lengthy ? 500 : 20,
                                 .workers = 4,
                                 .fail_pct = 1,
                                 .transport_pct = 1 };
    struct world *world = world_create(&setup);

    (void)state;
    world_run(world);
    world_check_final(world);
    world_check_replay(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_lab_runs_every_cell_once),
        cmocka_unit_test(every_cell_ends_in_a_failing_lab),
        cmocka_unit_test(an_exclusive_group_serves_one_board_at_a_time),
        cmocka_unit_test(every_board_runs_its_own_cells),
        cmocka_unit_test(a_stop_leaves_what_resume_finishes),
        cmocka_unit_test(a_lab_without_a_board_gives_every_cell_up),
        cmocka_unit_test(a_release_ends_quarantine),
        cmocka_unit_test(people_may_meddle),
        cmocka_unit_test(sentinels_come_between),
        cmocka_unit_test(limits_end_a_sweep),
        cmocka_unit_test(nobody_starves_in_a_group),
        cmocka_unit_test(boards_end_together),
        cmocka_unit_test(grouping_saves_switches),
        cmocka_unit_test(declared_costs_spare_switches),
        cmocka_unit_test(any_order_keeps_the_promises),
        cmocka_unit_test(large_plans_are_scheduled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
