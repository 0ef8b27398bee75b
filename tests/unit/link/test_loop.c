/* test_loop.c - the loop link carries what MPI does */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/units.h"
#include "tests/unit/link/script.h"

static void *worker(void *arg)
{
    struct link *link = arg;
    int rc = script_worker(link);

    link_close(link);
    return rc ? arg : NULL;
}

static void a_loop_carries_the_conversation(void **state)
{
    struct link *coordinator, *other;
    pthread_t thread;
    void *failed;

    (void)state;
    assert_int_equal(link_loop_open(&coordinator, &other, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, worker, other), 0);
    assert_int_equal(script_coordinator(coordinator), 0);
    pthread_join(thread, &failed);
    assert_null(failed);
    link_close(coordinator);
}

static void a_closed_end_is_noticed(void **state)
{
    struct link *coordinator, *other;
    struct buf frame = { 0 };
    uint32_t peer;
    struct err err;

    (void)state;
    assert_int_equal(link_loop_open(&coordinator, &other, NULL), 0);
    link_close(other);
    assert_int_equal(link_receive(coordinator, NS_PER_S, &peer, &frame, &err),
                     ERR_IO);
    link_close(coordinator);
    buf_free(&frame);
}

static void *waker(void *arg)
{
    link_wake(arg);
    return NULL;
}

static void a_wake_ends_the_wait(void **state)
{
    struct link *coordinator, *other;
    struct buf frame = { 0 };
    pthread_t thread;
    uint32_t peer;

    (void)state;
    assert_int_equal(link_loop_open(&coordinator, &other, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, waker, coordinator), 0);
    /* without the wake this would wait for an hour */
    assert_int_equal(
        link_receive(coordinator, 3600 * NS_PER_S, &peer, &frame, NULL),
        ERR_TIMEOUT);
    pthread_join(thread, NULL);
    link_close(other);
    link_close(coordinator);
    buf_free(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_carries_the_conversation),
        cmocka_unit_test(a_closed_end_is_noticed),
        cmocka_unit_test(a_wake_ends_the_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
