/* test_transport.c - the same promises, kept by every driver
 *
 * The local and ssh drivers run the whole table; the script driver runs the
 * part that canned replies can rehearse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/fs.h"
#include "core/vec.h"
#include "tests/unit/transport/drivers.h"
#include "workers/transport/transport_exec.h"

static const char *const drivers[] = { "local", "ssh", "script" };

#ifdef __SANITIZE_ADDRESS__
#define PEAK_GROWTH_KB 400000 /* freed memory is kept aside */
#else
#define PEAK_GROWTH_KB 16000
#endif

/* --- the table ---------------------------------------------------------- */

static const struct {
    const char *what, *command, *input;
    int exit_status, signal;
    const char *out, *errout; /* errout NULL: anything but nothing */
    bool canned;
} commands[] = {
    { "success", "true", NULL, 0, 0, "", "", true },
    { "an exit code", "exit 7", NULL, 7, 0, "", "", true },
    { "the largest exit code", "exit 255", NULL, 255, 0, "", "", true },
    { "no such program", "no-such-program-here", NULL, 127, 0, "", NULL, true },
    { "not executable", "/etc/passwd", NULL, 126, 0, "", NULL, true },
    { "both streams", "echo out; echo err >&2; echo more", NULL, 0, 0,
      "out\nmore\n", "err\n", true },
    { "a signal", "kill -TERM $$", NULL, -1, SIGTERM, "", "", true },
    { "another signal", "echo last words; kill -SEGV $$", NULL, -1, SIGSEGV,
      "last words\n", "", true },
    { "no newline at the end", "printf abc", NULL, 0, 0, "abc", "", true },
    { "quotes", "printf '%s' \"it's \\\"\\\\n\"", NULL, 0, 0, "it's \"\\n", "",
      false },
    { "several lines", "for i in 1 2\ndo echo $i\ndone # end", NULL, 0, 0,
      "1\n2\n", "", false },
    { "a here document", "cat <<E\n$((6 * 7))\nE", NULL, 0, 0, "42\n", "",
      false },
    { "a comment at the end", "echo a # b", NULL, 0, 0, "a\n", "", false },
    { "a syntax error", "if then", NULL, 2, 0, "", NULL, false },
    { "text like our own mark", "echo labsweep-group:1", NULL, 0, 0,
      "labsweep-group:1\n", "", false },
    { "input", "cat", "hello\n", 0, 0, "hello\n", "", false },
    { "input that ends", "wc -c | tr -d ' '", "12345", 0, 0, "5\n", "", false },
    { "no input at all", "cat; echo done", NULL, 0, 0, "done\n", "", false },
    { "input nobody reads", "exec <&-; echo x", "hello\n", 0, 0, "x\n", "",
      false },
};

static void check_command(const char *driver, struct transport *transport,
                          size_t i)
{
    struct exec_result result;
    struct err err = { 0 };
    const char *input = commands[i].input;

    int rc = transport_exec(transport, commands[i].command, input,
                            input ? strlen(input) : 0, NULL, -1, &result, &err);
    if (rc)
        fail_msg("%s, %s: %s", driver, commands[i].what, err.text);
    if (result.exit_status != commands[i].exit_status ||
        result.signal != commands[i].signal ||
        result.end != (commands[i].signal ? EXEC_SIGNALLED : EXEC_EXITED))
        fail_msg("%s, %s: status %d, signal %d", driver, commands[i].what,
                 result.exit_status, result.signal);
    if (strcmp(buf_text(&result.out), commands[i].out) ||
        result.out_bytes != result.out.len)
        fail_msg("%s, %s: said '%s'", driver, commands[i].what,
                 buf_text(&result.out));
    if (commands[i].errout
            ? strcmp(buf_text(&result.errout), commands[i].errout) != 0
            : result.errout.len == 0)
        fail_msg("%s, %s: complained '%s'", driver, commands[i].what,
                 buf_text(&result.errout));
    exec_result_free(&result);
}

static void commands_end_and_speak_as_they_should(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(drivers); d++) {
        if (!have(drivers[d]))
            continue;
        struct transport *transport = open_one(drivers[d]);
        bool script = !strcmp(drivers[d], "script");
        for (size_t i = 0; i < ARRAY_LEN(commands); i++)
            if (!script || commands[i].canned)
                check_command(drivers[d], transport, i);
        transport_close(transport);
    }
}

/* --- much data ---------------------------------------------------------- */

static long peak_kb(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[200];
    long kb = 0;

    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "VmHWM: %ld", &kb) == 1)
            break;
    if (file)
        fclose(file);
    return kb;
}

static void much_output_is_capped_and_takes_no_memory(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(real_drivers); d++) {
        const struct exec_limits limits = { .max_stdout = 1000 };
        struct exec_result result;
        if (!have(real_drivers[d]))
            continue;
        struct transport *transport = open_one(real_drivers[d]);
        long before_kb = peak_kb();
        assert_int_equal(0, transport_exec(transport,
                                           "head -c 100000000 /dev/zero", NULL,
                                           0, &limits, -1, &result, NULL));
        assert_int_equal(EXEC_EXITED, result.end);
        assert_int_equal(1000, result.out.len);
        assert_int_equal(100000000, result.out_bytes);
        assert_in_range(peak_kb() - before_kb, 0, PEAK_GROWTH_KB);
        exec_result_free(&result);
        transport_close(transport);
    }
}

/* Bytes of all values, in no pattern that a terminal would survive. */
static uint8_t *noise(size_t len)
{
    uint8_t *data = malloc(len);
    uint32_t x = 12345;

    assert_non_null(data);
    for (size_t i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        data[i] = (uint8_t)(x >> 24);
    }
    return data;
}

static void ten_megabytes_go_in_and_come_back(void **state)
{
    const struct exec_limits limits = { .max_stdout = 20000000 };
    const size_t len = 10000000;
    uint8_t *data = noise(len);

    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(real_drivers); d++) {
        struct exec_result result;
        if (!have(real_drivers[d]))
            continue;
        struct transport *transport = open_one(real_drivers[d]);
        assert_int_equal(0, transport_exec(transport, "cat", data, len, &limits,
                                           -1, &result, NULL));
        assert_int_equal(len, result.out.len);
        assert_memory_equal(data, result.out.data, len);
        exec_result_free(&result);
        transport_close(transport);
    }
    free(data);
}

static void upload_puts_the_file_there_whole(void **state)
{
    const size_t len = 3000001;
    uint8_t *data = noise(len);
    char local[160], remote[160];
    struct buf back = { 0 };
    struct stat info;
    struct err err;

    (void)state;
    snprintf(local, sizeof(local), "%s.up", script_file);
    snprintf(remote, sizeof(remote), "%s.it's up", script_file);
    assert_int_equal(0, fs_write_atomic(local, data, len, NULL));
    for (size_t d = 0; d < ARRAY_LEN(real_drivers); d++) {
        if (!have(real_drivers[d]))
            continue;
        struct transport *transport = open_one(real_drivers[d]);
        unlink(remote);
        assert_int_equal(
            0, transport_upload(transport, local, remote, 0751, 10, NULL));
        assert_int_equal(0, stat(remote, &info));
        assert_int_equal(0751, info.st_mode & 07777);
        buf_clear(&back);
        assert_int_equal(0, fs_read_file(remote, len, &back, NULL));
        assert_int_equal(len, back.len);
        assert_memory_equal(data, back.data, len);
        assert_int_equal(ERR_IO,
                         transport_upload(transport, local, "/no/such/folder/x",
                                          0644, 10, &err));
        assert_non_null(strstr(err.text, "/no/such/folder/x"));
        assert_int_equal(ERR_NOT_FOUND,
                         transport_upload(transport, "/no/such/file", remote,
                                          0644, 10, &err));
        transport_close(transport);
    }
    unlink(local);
    unlink(remote);
    buf_free(&back);
    free(data);
}

/* --- several at once, and time ------------------------------------------ */

/* Write it all; no other event may come meanwhile. */
static void write_all(struct transport *transport, struct proc *proc,
                      const char *text)
{
    size_t put = 0, len = strlen(text);

    assert_int_equal(0, proc_write(proc, text, len, &put, NULL));
    while (put < len) { /* ssh: the other side opens its window first */
        size_t more;
        struct proc_event event = next_event(transport);
        assert_int_equal(PROC_WRITABLE, event.kind);
        assert_ptr_equal(proc, event.proc);
        assert_int_equal(0,
                         proc_write(proc, text + put, len - put, &more, NULL));
        put += more;
    }
}

static void processes_run_side_by_side(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(drivers); d++) {
        struct proc *a, *b;
        char tag_a, tag_b;
        if (!have(drivers[d]))
            continue;
        struct transport *transport = open_one(drivers[d]);
        assert_int_equal(0,
                         transport_start(transport, "cat", &tag_a, &a, NULL));
        assert_int_equal(0,
                         transport_start(transport, "cat", &tag_b, &b, NULL));
        for (int round = 0; round < 3; round++) {
            write_all(transport, b, "to b");
            expect_said(transport, &tag_b, "to b");
            write_all(transport, a, "to a");
            expect_said(transport, &tag_a, "to a");
        }
        assert_int_equal(0, proc_close_stdin(b, NULL));
        struct proc_event event = next_event(transport);
        assert_int_equal(PROC_EXIT, event.kind);
        assert_ptr_equal(b, event.proc);
        proc_release(b);
        assert_int_equal(0, proc_close_stdin(a, NULL));
        event = next_event(transport);
        assert_int_equal(PROC_EXIT, event.kind);
        assert_int_equal(0, event.exit_status);
        assert_ptr_equal(&tag_a, event.tag);
        proc_release(a);
        transport_close(transport);
    }
}

static void one_process_may_wait_while_another_runs(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(real_drivers); d++) {
        struct exec_result result;
        struct proc_event event;
        struct proc *big;
        uint64_t came = 0;
        if (!have(real_drivers[d]))
            continue;
        struct transport *transport = open_one(real_drivers[d]);
        assert_int_equal(0, transport_start(transport,
                                            "head -c 30000000 /dev/zero", NULL,
                                            &big, NULL));
        for (int i = 0; i < 20; i++) {
            assert_int_equal(0, transport_exec(transport, "echo ok", NULL, 0,
                                               NULL, -1, &result, NULL));
            assert_string_equal("ok\n", buf_text(&result.out));
            exec_result_free(&result);
        }
        do {
            event = next_event(transport);
            assert_ptr_equal(big, event.proc);
            if (event.kind == PROC_STDOUT)
                came += event.len;
        } while (event.kind != PROC_EXIT);
        assert_int_equal(30000000, came);
        proc_release(big);
        transport_close(transport);
    }
}

static void no_more_processes_than_allowed(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(drivers); d++) {
        struct proc *procs[TRANSPORT_PROCS_MAX], *more;
        if (!have(drivers[d]))
            continue;
        struct transport *transport = open_one(drivers[d]);
        for (size_t i = 0; i < TRANSPORT_PROCS_MAX; i++)
            assert_int_equal(
                0, transport_start(transport, "cat", NULL, &procs[i], NULL));
        assert_int_equal(ERR_REFUSED,
                         transport_start(transport, "cat", NULL, &more, NULL));
        /* and the last of them can still be killed */
        assert_int_equal(
            0, proc_kill_group(procs[TRANSPORT_PROCS_MAX - 1], SIGKILL, NULL));
        struct proc_event event = next_event(transport);
        assert_int_equal(PROC_EXIT, event.kind);
        assert_int_equal(SIGKILL, event.signal);
        assert_ptr_equal(procs[TRANSPORT_PROCS_MAX - 1], event.proc);
        transport_close(transport); /* ends the others */
    }
}

static void waiting_ends_at_the_deadline(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(drivers); d++) {
        struct proc_event event;
        struct proc *proc;
        if (!have(drivers[d]))
            continue;
        struct transport *transport = open_one(drivers[d]);
        assert_int_equal(0,
                         transport_start(transport, "cat", NULL, &proc, NULL));
        int64_t deadline_ns = clock_mono_ns() + MS_TO_NS(50);
        assert_int_equal(
            ERR_TIMEOUT,
            transport_wait(transport, NULL, 0, deadline_ns, &event, NULL));
        assert_true(clock_mono_ns() >= deadline_ns);
        assert_int_equal(ERR_TIMEOUT,
                         transport_wait(transport, NULL, 0, 0, &event, NULL));
        transport_close(transport);
    }
}

static void an_extra_descriptor_wakes(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(drivers); d++) {
        struct proc_event event;
        struct proc *proc;
        int ends[2];
        if (!have(drivers[d]))
            continue;
        struct transport *transport = open_one(drivers[d]);
        assert_int_equal(0, pipe(ends));
        struct pollfd extra[2] = { { .fd = -1 },
                                   { .fd = ends[0], .events = POLLIN } };
        assert_int_equal(0,
                         transport_start(transport, "cat", NULL, &proc, NULL));
        assert_int_equal(1, write(ends[1], "x", 1));
        assert_int_equal(
            0, transport_wait(transport, extra, 2, SOON, &event, NULL));
        assert_int_equal(PROC_FD, event.kind);
        assert_int_equal(1, event.fd_index);
        assert_true(extra[1].revents & POLLIN);
        write_all(transport, proc, "y");
        /* a descriptor that is always ready does not starve the process */
        do
            assert_int_equal(
                0, transport_wait(transport, extra, 2, SOON, &event, NULL));
        while (event.kind == PROC_FD);
        assert_int_equal(PROC_STDOUT, event.kind);
        close(ends[0]);
        close(ends[1]);
        transport_close(transport);
    }
}

/* ------------------------------------------------------------------------ */

/* The table's canned rows, as a script; and cat as an echo. */
static int write_script(void)
{
    FILE *file = fopen(script_file, "we");

    if (!file)
        return -1;
    fprintf(file, "{ \"open\": \"ok\", \"replies\": [\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (!commands[i].canned)
            continue;
        fprintf(file, "{ \"match\": \"%s\", \"stdout\": \"",
                commands[i].command);
        for (const char *c = commands[i].out; *c; c++)
            fprintf(file, *c == '\n' ? "\\n" : "%c", *c);
        fprintf(file, "\", \"stderr\": \"");
        for (const char *c = commands[i].errout ? commands[i].errout : "no"; *c;
             c++)
            fprintf(file, *c == '\n' ? "\\n" : "%c", *c);
        fprintf(file, "\"");
        if (commands[i].signal)
            fprintf(file, ", \"signal\": %d },\n", commands[i].signal);
        else
            fprintf(file, ", \"exit\": %d },\n", commands[i].exit_status);
    }
    fprintf(file, "{ \"match\": \"cat\", \"echo\": true } ] }\n");
    return fclose(file);
}

static int setup(void **state)
{
    (void)state;
    snprintf(script_file, sizeof(script_file), "/tmp/labsweep-script-%d.json",
             (int)getpid());
    if (write_script())
        return -1;
    return boards_have_sshd() ? boards_start(1) : 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(script_file);
    boards_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_end_and_speak_as_they_should),
        cmocka_unit_test(much_output_is_capped_and_takes_no_memory),
        cmocka_unit_test(ten_megabytes_go_in_and_come_back),
        cmocka_unit_test(upload_puts_the_file_there_whole),
        cmocka_unit_test(processes_run_side_by_side),
        cmocka_unit_test(one_process_may_wait_while_another_runs),
        cmocka_unit_test(no_more_processes_than_allowed),
        cmocka_unit_test(waiting_ends_at_the_deadline),
        cmocka_unit_test(an_extra_descriptor_wakes),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
