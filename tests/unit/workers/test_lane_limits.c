/* test_lane_limits.c - limits over real sshd: what is ended is gone
 *
 * A board with a lease and a guard; jobs and requests within their limits
 * and beyond.  That the board alone keeps a limit is cli/t1020's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/vec.h"
#include "tests/unit/transport/boards.h"
#include "tests/unit/workers/lane_bench.h"

static const char experiment[] =
    "{\"experiment\": \"e\", \"axes\": [{\"name\": \"ask\", \"type\": "
    "\"text\"}, {\"name\": \"job\", \"type\": \"text\"}], \"matrix\": "
    "[{\"platform\": [\"P\"], \"ask\": [\"quick\", \"slow\", \"hang\"], "
    "\"job\": [\"true\", \"sleep 321\"]}], \"measure\": {\"min_time\": "
    "\"0.1 s\", \"max_time\": \"1 s\", \"total_limit\": \"1 s\"}}";

static const char adapter[] =
    "{\"adapter\": \"c\", \"serve\": {\"run\": \"while read -r l; do case $l "
    "in *hang*) sleep 322 ;; *slow*) sleep 0.5 ;; esac; echo '{{\\\"ok\\\": "
    "true}}'; done\"}, \"jobs\": [{\"name\": \"asked\", \"request\": "
    "{\"what\": \"{ask}\"}}, {\"name\": \"job\", \"run\": \"{!job}\"}]}";

enum row {
    QUICK,
    QUICK_JOB_HANGS,
    SLOW,
    SLOW_JOB_HANGS,
    HANGS
};

static void load(struct bench *b, struct lane_lease_setup *lease)
{
    char inventory[1024];

    bench_prepare(b);
    snprintf(
        inventory, sizeof(inventory),
        "{\"lab\": \"L\", \"known_hosts\": \"%s\", \"platforms\": {\"P\": "
        "{\"type\": \"CPU\", \"engine\": \"batched\", \"weights\": "
        "\"dram\", \"activations\": \"dram\"}}, \"boards\": [{\"name\": "
        "\"b\", \"platform\": \"P\", \"host\": \"%s.1\", \"port\": %d, "
        "\"key\": \"%s\", \"adapter\": \"c\", \"lease_dir\": \"~/lease\"}]}",
        boards.known_hosts, boards.base, boards.port, boards.key);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", inventory);
    bench_add(b, "adapter", "c", adapter);
    bench_parse(b);
    *lease =
        (struct lane_lease_setup){ .campaign = "lab:/one", .expiry_s = 30 };
    b->setup.lease = lease;
    bench_open(b);
}

static void assert_nothing_sleeps(void)
{
    char line[200];

    snprintf(line, sizeof(line),
             "! tests/lab/lab ps %s 1 | grep -q '^[0-9]* sleep 32'",
             boards.dir);
    assert_int_equal(system(line), 0);
}

static void assert_ends_by_its_limit(struct bench *b, enum row row)
{
    struct seen *s = bench_run(b, row);

    assert_int_equal(s->status, STATUS_TIMEOUT);
    assert_non_null(strstr(s->text, "longer than its limit of 1 s"));
    assert_null(strstr(s->text, "cannot be ended"));
    assert_nothing_sleeps();
}

static void what_is_ended_is_gone_before_the_next_cell(void **state)
{
    struct lane_lease_setup lease;
    static struct bench b;

    (void)state;
    if (!boards.up)
        skip();
    load(&b, &lease);
    assert_int_equal(bench_run(&b, QUICK)->status, STATUS_OK);
    assert_int_equal(bench_run(&b, SLOW)->status, STATUS_OK);
    assert_ends_by_its_limit(&b, QUICK_JOB_HANGS);
    assert_ends_by_its_limit(&b, HANGS);
    assert_int_equal(bench_run(&b, SLOW)->status, STATUS_OK);
    bench_close(&b);
}

static int start(void **state)
{
    (void)state;
    return boards_have_sshd() ? boards_start(1) : 0;
}

static int stop(void **state)
{
    (void)state;
    boards_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_ended_is_gone_before_the_next_cell),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
