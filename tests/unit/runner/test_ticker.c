/* test_ticker.c - ticks in order, on their grid, missed ones dropped */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/now.h"
#include "runner/ticker.h"

#define PERIOD_NS 1000000

/* The next tick's number, from the first, which is 0. */
static int64_t tick(struct ticker *t)
{
    while (!ticker_take(t))
        ;
    assert_true(now_mono_ns() >= t->last_ns);
    assert_int_equal((t->last_ns - t->start_ns) % t->period_ns, 0);
    return (t->last_ns - t->start_ns) / t->period_ns;
}

static void no_tick_comes_early_twice_or_off_its_grid(void **state)
{
    struct ticker t;
    int64_t before = -1;

    (void)state;
    assert_int_equal(ticker_start(&t, now_mono_ns(), PERIOD_NS, NULL), 0);
    for (int i = 0; i < 200; i++) {
        int64_t at = tick(&t);

        assert_true(at > before);
        before = at;
    }
    ticker_stop(&t);
}

static void of_missed_ticks_the_last_two_are_left(void **state)
{
    for (int parity = 0; parity < 2; parity++) {
        struct ticker t;
        int64_t now = now_mono_ns(), missed = 10 + parity, first;

        (void)state;
        assert_int_equal(
            ticker_start(&t, now - missed * PERIOD_NS, PERIOD_NS, NULL), 0);
        first = tick(&t);
        assert_true(first >= missed - 1);
        for (int i = 1; i < 5; i++)
            assert_true(tick(&t) >= first + i);
        ticker_stop(&t);
    }
}

static void a_tick_can_be_polled_for(void **state)
{
    struct ticker t;
    int64_t before = -1;

    (void)state;
    assert_int_equal(ticker_start(&t, now_mono_ns(), PERIOD_NS, NULL), 0);
    for (int i = 0; i < 20;) {
        struct pollfd fd = { ticker_fd(&t), POLLIN, 0 };

        assert_int_equal(poll(&fd, 1, 10000), 1);
        if (!ticker_take(&t))
            continue;
        assert_true(t.last_ns > before && now_mono_ns() >= t.last_ns);
        before = t.last_ns;
        i++;
    }
    ticker_stop(&t);
}

static void a_tick_far_away_does_not_fire(void **state)
{
    struct ticker t;
    struct pollfd fd = { .events = POLLIN };

    (void)state;
    assert_int_equal(
        ticker_start(&t, now_mono_ns() + 3600000000000, 3600000000000, NULL),
        0);
    fd.fd = ticker_fd(&t);
    assert_int_equal(poll(&fd, 1, 0), 0);
    ticker_stop(&t);
    ticker_stop(&t); /* twice is as good as once */
    assert_int_equal(poll(&fd, 1, 0), 1);
    assert_int_equal(fd.revents, POLLNVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_tick_comes_early_twice_or_off_its_grid),
        cmocka_unit_test(of_missed_ticks_the_last_two_are_left),
        cmocka_unit_test(a_tick_can_be_polled_for),
        cmocka_unit_test(a_tick_far_away_does_not_fire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
