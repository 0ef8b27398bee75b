/* test_lane_lease.c - two campaigns want one board: real sshd, two lanes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "core/vec.h"
#include "tests/unit/transport/boards.h"
#include "tests/unit/workers/lane_bench.h"

static const char experiment[] =
    "{\"experiment\": \"e\", \"axes\": [{\"name\": \"command\", \"type\": "
    "\"text\"}], \"matrix\": [{\"platform\": [\"P\"], \"op_mode\": "
    "[\"default\", \"fast\"], \"command\": [\"true\", \"exec sleep 1000\"]}], "
    "\"measure\": {\"min_time\": \"0.1 s\", \"max_time\": \"50 s\", "
    "\"total_limit\": \"60 s\"}}";

/* The op mode is a file in a place that both users reach. */
static const char adapter[] =
    "{\"adapter\": \"c\", \"op_mode\": {"
    "\"read\": {\"run\": \"cat {param.mode}\", \"pattern\": \"(.*)\"}, "
    "\"set\": \"echo {mode.id} > {param.mode}\", "
    "\"verify\": {\"run\": \"cat {param.mode}\", \"pattern\": \"(.*)\", "
    "\"expect\": \"{mode.id}\"}, "
    "\"restore\": \"echo {mode_before} > {param.mode}\"}, "
    "\"jobs\": [{\"name\": \"measure\", \"run\": \"{!command}\"}]}";

enum row {
    TRUE_PLAIN,
    SLEEP_PLAIN,
    TRUE_FAST,
    SLEEP_FAST
};

static char place[64];   /* of the mode and the leases, for all users */
static char shared[300]; /* where a hub is leased; "": there is none */

static void prepare(struct bench *b, struct lane_lease_setup *lease,
                    const char *campaign, const char *user)
{
    char inventory[2400];

    bench_prepare(b);
    snprintf(
        inventory, sizeof(inventory),
        "{\"lab\": \"L\", %s \"known_hosts\": \"%s\", \"platforms\": {\"P\": "
        "{\"type\": \"CPU\", \"engine\": \"batched\", \"weights\": "
        "\"dram\", \"activations\": \"dram\"}}, \"boards\": [{\"name\": "
        "\"b\", \"platform\": \"P\", \"transport\": \"ssh\", \"host\": "
        "\"%s.1\", \"port\": %d, \"key\": \"%s\", \"adapter\": \"c\", "
        "%s%s%s \"lease_dir\": \"%s/leases\", \"parameters\": {\"mode\": "
        "\"%s/mode\"}, \"exclusive\": [%s], \"op_modes\": {\"fast\": "
        "{\"id\": 2}}}]}",
        shared, boards.known_hosts, boards.base, boards.port, boards.key,
        user ? "\"user\": \"" : "", user ? user : "", user ? "\"," : "", place,
        place, shared[0] ? "\"hub\"" : "");
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", inventory);
    bench_add(b, "adapter", "c", adapter);
    bench_parse(b);
    lease->campaign = campaign;
    if (!lease->expiry_s)
        lease->expiry_s = 30;
    b->setup.lease = lease;
}

static void put_mode(const char *text)
{
    char line[200];

    snprintf(line, sizeof(line), "echo %s > %s/mode && chmod 666 %s/mode", text,
             place, place);
    assert_int_equal(system(line), 0);
}

__attribute__((format(printf, 1, 2))) static void assert_shell(const char *fmt,
                                                               ...)
{
    char line[400];
    va_list args;

    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    if (system(line))
        fail_msg("%s", line);
}

static void assert_mode(const char *text)
{
    char line[200];

    snprintf(line, sizeof(line), "test \"$(cat %s/mode)\" = %s", place, text);
    assert_shell("%s", line);
}

/* Husks, hidden ones, of another user's leases may stay. */
#define NO_LEASE_LEFT "test -z \"$(ls %s/leases)\""
#define RUNS          "pgrep -x -f 'sleep 1000' >/dev/null"
#define ENDED                                                                  \
    "for i in $(seq 100); do pgrep -x -f 'sleep 1000' >/dev/null || exit "     \
    "0; sleep 0.1; done; exit 1"

static void a_lease_is_held_waited_for_and_given_back(void **state)
{
    struct lane_lease_setup one = { 0 }, two = { .policy = LEASE_FAIL };
    static struct bench a, b; /* large */
    struct seen *s;

    (void)state;
    if (!boards.up)
        skip();
    put_mode("0");
    prepare(&a, &one, "lab:/one", NULL);
    bench_open(&a);
    bench_wait(&a, LANE_READY);
    assert_shell("grep -q 'owner' %s/leases/b/lease", place);
    prepare(&b, &two, "lab:/two", NULL);
    bench_open(&b);
    s = bench_next(&b);
    assert_int_equal(s->kind, LANE_HELD);
    assert_non_null(strstr(s->text, "is held by"));
    assert_non_null(strstr(s->text, "lab:/one, e"));
    bench_close(&b);
    two.policy = LEASE_WAIT;
    prepare(&b, &two, "lab:/two", NULL);
    bench_open(&b);
    s = bench_next(&b);
    assert_int_equal(s->kind, LANE_NOTE);
    assert_non_null(strstr(s->text, "waits: is held by"));
    assert_int_equal(bench_run(&a, TRUE_FAST)->status, STATUS_OK);
    bench_close(&a);
    bench_wait(&b, LANE_READY);
    assert_mode("0");
    assert_int_equal(bench_run(&b, TRUE_PLAIN)->status, STATUS_OK);
    bench_close(&b);
    assert_shell(NO_LEASE_LEFT, place);
}

/* No process can be kept there: each request is a command of its own. */
static void a_board_with_one_channel_is_leased_too(void **state)
{
    struct lane_lease_setup one = { 0 }, two = { .policy = LEASE_SKIP };
    static struct bench a, b; /* large */

    (void)state;
    if (!boards.up)
        skip();
    put_mode("0");
    assert_int_equal(
        boards_lab("restart %s 1 --set MaxSessions=1 >/dev/null", boards.dir),
        0);
    prepare(&a, &one, "lab:/one", NULL);
    bench_open(&a);
    assert_int_equal(bench_run(&a, TRUE_FAST)->status, STATUS_OK);
    prepare(&b, &two, "lab:/two", NULL);
    bench_open(&b);
    assert_int_equal(bench_next(&b)->kind, LANE_HELD);
    bench_close(&b);
    assert_int_equal(bench_run(&a, TRUE_PLAIN)->status, STATUS_OK);
    bench_close(&a);
    assert_mode("0");
    assert_shell(NO_LEASE_LEFT, place);
    assert_int_equal(
        boards_lab("restart %s 1 --set MaxSessions=10 >/dev/null", boards.dir),
        0);
}

/* A campaign in a process of its own, which dies as its cell sleeps in
 * another op mode.  SIGKILL: nobody says good-bye. */
static pid_t crash(const char *user, double expiry_s, bool freeze)
{
    pid_t pid = fork();
    int status;

    if (!pid) {
        struct lane_lease_setup lease = { .expiry_s = expiry_s };
        static struct bench a;

        prepare(&a, &lease, "lab:/crashed", user);
        bench_open(&a);
        bench_submit(&a, SLEEP_FAST, 1);
        bench_wait(&a, LANE_STARTED);
        assert_shell("for i in $(seq 200); do grep -q ' group ' "
                     "%s/leases/b/lease && exit 0; sleep 0.1; done; exit 1",
                     place);
        if (freeze) /* the link stands, nobody renews */
            raise(SIGSTOP);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    if (!freeze) {
        assert_true(WIFSIGNALED(status));
        return 0;
    }
    assert_true(WIFSTOPPED(status));
    assert_shell(RUNS);
    return pid;
}

static void inherit(const char *user)
{
    struct lane_lease_setup lease = { 0 };
    static struct bench b;
    struct seen *s;

    prepare(&b, &lease, "lab:/next", user);
    bench_open(&b);
    do { /* it waits for the expiry, then says whom it follows */
        s = bench_next(&b);
        assert_int_equal(s->kind, LANE_NOTE);
    } while (strstr(s->text, "waits"));
    assert_non_null(strstr(s->text, "(lab:/crashed, e), who is gone"));
    s = bench_next(&b);
    assert_int_equal(s->kind, LANE_MODE_RESTORED);
    assert_string_equal(s->text, "0");
    bench_wait(&b, LANE_READY);
    assert_mode("0");
    assert_shell(ENDED);
    assert_int_equal(bench_run(&b, TRUE_FAST)->status, STATUS_OK);
    bench_close(&b);
    assert_mode("0");
}

static void what_a_killed_campaign_left_is_ended_and_restored(void **state)
{
    (void)state;
    if (!boards.up)
        skip();
    put_mode("0");
    crash(NULL, 4, false);
    assert_shell(ENDED); /* its keeper does that at once */
    assert_mode("2");
    inherit(NULL);
    assert_shell(NO_LEASE_LEFT, place);
}

/* A second account, as only root can make one; "" without. */
static char other[32];

static void make_other(void)
{
    char line[400];

    snprintf(other, sizeof(other), "labtest%d", (int)getpid());
    snprintf(line, sizeof(line),
             "[ $(id -u) = 0 ] && useradd -M -s /bin/sh %s 2>/dev/null && "
             "usermod -p '*' %s && chmod 711 %s && chmod 644 "
             "%s/authorized_keys",
             other, other, boards.dir, boards.dir);
    if (!boards.up || system(line)) {
        fprintf(stderr, "no second account (only root can make one): what "
                        "needs two users is skipped\n");
        other[0] = 0;
    }
}

static void a_crashed_users_duty_falls_to_the_next_user(void **state)
{
    pid_t frozen;

    (void)state;
    if (!other[0])
        skip();
    put_mode("0");
    crash(NULL, 4, false); /* root, then the other */
    inherit(other);
    put_mode("0");
    frozen = crash(other, 4, true); /* and the other way, with a live group */
    inherit(NULL);
    kill(frozen, SIGKILL);
    waitpid(frozen, NULL, 0);
    assert_shell(NO_LEASE_LEFT, place);
}

static void what_may_not_be_ended_keeps_the_board(void **state)
{
    struct lane_lease_setup lease = { 0 };
    static struct bench b;
    pid_t frozen;
    struct seen *s;

    (void)state;
    if (!other[0])
        skip();
    put_mode("0");
    frozen = crash(NULL, 4, true); /* root's group */
    prepare(&b, &lease, "lab:/next", other);
    bench_open(&b);
    do {
        s = bench_next(&b);
    } while (s->kind == LANE_NOTE);
    assert_int_equal(s->kind, LANE_DOWN);
    assert_non_null(strstr(s->text, "still runs and is not ours to end"));
    bench_close(&b);
    assert_shell(RUNS);
    kill(frozen, SIGKILL);
    waitpid(frozen, NULL, 0);
    assert_shell(ENDED);
    inherit(other);
}

static void a_frozen_campaign_loses_its_lease_at_the_expiry(void **state)
{
    pid_t frozen;

    (void)state;
    if (!boards.up)
        skip();
    put_mode("0");
    frozen = crash(NULL, 3, true);
    inherit(NULL); /* ends the group, for the keeper does not know */
    kill(frozen, SIGKILL);
    waitpid(frozen, NULL, 0);
    assert_shell(NO_LEASE_LEFT, place);
}

static void a_lease_taken_by_force_ends_the_cell(void **state)
{
    struct lane_lease_setup one = { .expiry_s = 3 }, two = { .force = true };
    static struct bench a, b; /* large */
    struct seen *s;

    (void)state;
    if (!boards.up)
        skip();
    put_mode("0");
    prepare(&a, &one, "lab:/one", NULL);
    bench_open(&a);
    bench_submit(&a, SLEEP_PLAIN, 1);
    bench_wait(&a, LANE_STARTED);
    assert_shell("for i in $(seq 200); do grep -q ' group ' "
                 "%s/leases/b/lease && exit 0; sleep 0.1; done; exit 1",
                 place);
    prepare(&b, &two, "lab:/two", NULL);
    bench_open(&b);
    s = bench_wait(&b, LANE_NOTE);
    assert_non_null(strstr(s->text, "(lab:/one, e) was taken by force"));
    bench_wait(&b, LANE_READY);
    assert_shell(ENDED);
    s = bench_wait(&a, LANE_RESULT);
    assert_int_not_equal(s->status, STATUS_OK);
    bench_close(&b);
    bench_close(&a);
    assert_shell(NO_LEASE_LEFT, place);
}

/* ---- what boards share, on a host that all campaigns see: board 2 */

static void begin_sharing(void)
{
    put_mode("0");
    snprintf(shared, sizeof(shared),
             "\"lease_host\": {\"host\": \"%s.2\", \"port\": %d, \"key\": "
             "\"%s\", \"lease_dir\": \"~/shared\"},",
             boards.base, boards.port, boards.key);
}

#define HUB_HELD                                                               \
    "grep -qs ' for group.hub' %s/boards/2/home/shared/shared.b/lease"

static void a_hub_is_leased_on_the_lease_host(void **state)
{
    struct lane_lease_setup one = { 0 }, two = { .policy = LEASE_FAIL };
    static struct bench a, b; /* large */
    struct seen *s;

    (void)state;
    if (!boards.up)
        skip();
    begin_sharing();
    prepare(&a, &one, "lab:/one", NULL);
    bench_open(&a);
    assert_int_equal(bench_run(&a, TRUE_FAST)->status, STATUS_OK);
    assert_shell(HUB_HELD, boards.dir);
    /* another board of the hub, that nobody holds */
    prepare(&b, &two, "lab:/two", NULL);
    b.inventory->boards[0].name = "c";
    b.inventory->boards[0].lease_dir = "~/leases-of-c";
    bench_open(&b);
    s = bench_next(&b);
    assert_int_equal(s->kind, LANE_HELD);
    assert_non_null(strstr(s->text, "lab:/one, e"));
    bench_close(&b);
    bench_close(&a);
    assert_shell("! " HUB_HELD, boards.dir);
    shared[0] = 0;
}

/* The cell whose hub may by now be another's is no result. */
static void a_lease_host_out_of_reach_ends_the_cell(void **state)
{
    struct lane_lease_setup one = { .expiry_s = 3 };
    static struct bench a;
    struct seen *s;

    (void)state;
    if (!boards.up)
        skip();
    begin_sharing();
    prepare(&a, &one, "lab:/one", NULL);
    bench_open(&a);
    bench_submit(&a, SLEEP_PLAIN, 1);
    bench_wait(&a, LANE_STARTED);
    assert_shell("for i in $(seq 200); do " RUNS " && exit 0; sleep 0.1; "
                 "done; exit 1");
    assert_int_equal(boards_lab("kill %s 2 >/dev/null", boards.dir), 0);
    s = bench_wait(&a, LANE_RESULT);
    assert_true(s->transport_failed);
    assert_non_null(strstr(s->text, "the lease host is out of reach"));
    assert_int_equal(boards_lab("restart %s 2 >/dev/null", boards.dir), 0);
    assert_int_equal(bench_run(&a, TRUE_PLAIN)->status, STATUS_OK);
    assert_shell(HUB_HELD, boards.dir);
    bench_close(&a);
    shared[0] = 0;
}

static int start(void **state)
{
    (void)state;
    strcpy(place, "/tmp/labsweep-place-XXXXXX");
    if (!mkdtemp(place))
        return -1;
    if (boards_have_sshd() && boards_start(2))
        return -1;
    make_other();
    return chmod(place, 0777);
}

static int stop(void **state)
{
    char line[100];

    (void)state;
    boards_stop();
    snprintf(line, sizeof(line), "userdel %s", other);
    if (other[0] && system(line))
        fprintf(stderr, "%s failed\n", line);
    snprintf(line, sizeof(line), "rm -rf %s", place);
    return system(line) ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lease_is_held_waited_for_and_given_back),
        cmocka_unit_test(a_board_with_one_channel_is_leased_too),
        cmocka_unit_test(what_a_killed_campaign_left_is_ended_and_restored),
        cmocka_unit_test(a_frozen_campaign_loses_its_lease_at_the_expiry),
        cmocka_unit_test(a_crashed_users_duty_falls_to_the_next_user),
        cmocka_unit_test(what_may_not_be_ended_keeps_the_board),
        cmocka_unit_test(a_lease_taken_by_force_ends_the_cell),
        cmocka_unit_test(a_hub_is_leased_on_the_lease_host),
        cmocka_unit_test(a_lease_host_out_of_reach_ends_the_cell),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
