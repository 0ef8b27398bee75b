/* test_power_ledger.c - cycles are counted whoever asks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "workers/power_ledger.h"

#define NOBODY 65534

static char root[64], path[FS_PATH_MAX];
static struct board board = { .name = "b-1", .host = "10.0.0.1/x" };

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/labsweep-ledger-XXXXXX");
    if (!mkdtemp(root) || chdir("/"))
        return -1;
    snprintf(path, sizeof(path), "%s/a/cycles", root);
    board.power_cycle.ledger = path;
    return 0;
}

static int remove_root(void **state)
{
    char line[128];

    (void)state;
    snprintf(line, sizeof(line), "rm -r %s", root);
    return system(line);
}

static size_t cycles(void)
{
    int dir;
    size_t n;

    assert_int_equal(power_ledger_open(&board, &dir, NULL), 0);
    n = power_ledger_count(dir, "cycle", POWER_LEDGER_DAY_S);
    close(dir);
    return n;
}

static void a_day_is_counted_and_older_ones_forgotten(void **state)
{
    int64_t now = clock_unix_ns();
    int dir;

    (void)state;
    assert_int_equal(power_ledger_open(&board, &dir, NULL), 0);
    assert_int_equal(power_ledger_add(dir, "cycle", now, NULL), 0);
    assert_int_equal(power_ledger_add(dir, "cycle", now - S_TO_NS(3600), NULL),
                     0);
    assert_int_equal(power_ledger_add(dir, "cycle", now - S_TO_NS(90000), NULL),
                     0);
    assert_int_equal(power_ledger_add(dir, "down", now, NULL), 0);
    assert_int_equal(power_ledger_count(dir, "cycle", POWER_LEDGER_DAY_S), 2);
    assert_int_equal(power_ledger_count(dir, "cycle", 60), 1);
    assert_int_equal(power_ledger_count(dir, "down", 60), 1);
    power_ledger_remove(dir, "down", 0);
    assert_int_equal(power_ledger_count(dir, "down", 60), 0);
    power_ledger_remove(dir, "cycle", now);
    assert_int_equal(power_ledger_count(dir, "cycle", POWER_LEDGER_DAY_S), 1);
    close(dir);
    assert_int_equal(cycles(), 1); /* it stays */
}

/* A board may say anything. */
static void ledgers_are_merged_by_what_can_be_true(void **state)
{
    int64_t now = clock_unix_ns();
    struct buf lines = { 0 }, names = { 0 };
    char name[48];
    size_t before = cycles();
    int dir;

    (void)state;
    buf_printf(&lines, "cycle-%" PRId64 "\ncycle-%" PRId64 "\n", now - 5,
               now - S_TO_NS(90000));
    buf_printf(&lines, "cycle-%" PRId64 "\n../../etc/passwd\ncycle-x\n",
               now + S_TO_NS(3600));
    buf_printf(&lines, "down-%" PRId64 "\ncycle-99999999999999999999\n\n",
               now - 6);
    buf_printf(&lines, "cycle-%" PRId64, now - 5); /* told twice */
    assert_int_equal(power_ledger_open(&board, &dir, NULL), 0);
    power_ledger_merge(dir, lines.data, lines.len);
    assert_int_equal(cycles(), before + 1);
    power_ledger_list(dir, &names);
    snprintf(name, sizeof(name), " cycle-%" PRId64, now - 5);
    assert_non_null(strstr(buf_text(&names), name));
    assert_null(strstr(buf_text(&names), "down"));
    buf_clear(&lines);
    for (int i = 0; i < 5000; i++)
        buf_printf(&lines, "cycle-%" PRId64 "\n", now - 1000 - i);
    power_ledger_merge(dir, lines.data, lines.len);
    assert_true(cycles() <= before + 1 + POWER_LEDGER_MOST);
    close(dir);
    buf_free(&lines);
    buf_free(&names);
}

/* What root did counts for others, and what they do for root. */
static void another_user_counts_in_the_same_ledger(void **state)
{
    size_t before = cycles();
    int status;
    pid_t pid;

    (void)state;
    if (geteuid())
        skip();
    assert_int_equal(chmod(root, 0755), 0);
    pid = fork();
    if (!pid) {
        int dir;

        if (setgid(NOBODY) || setuid(NOBODY))
            _exit(2);
        if (power_ledger_open(&board, &dir, NULL) ||
            power_ledger_count(dir, "cycle", POWER_LEDGER_DAY_S) != before)
            _exit(3);
        _exit(power_ledger_add(dir, "cycle", clock_unix_ns(), NULL) ? 4 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(cycles(), before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_counted_and_older_ones_forgotten),
        cmocka_unit_test(ledgers_are_merged_by_what_can_be_true),
        cmocka_unit_test(another_user_counts_in_the_same_ledger),
    };

    return cmocka_run_group_tests(tests, make_root, remove_root);
}
