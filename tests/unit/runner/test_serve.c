/* test_serve.c - requests answered in order, and what a child's end costs */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/serve.h"

#define RUN                                                                    \
    "{\"cmd\":\"run\",\"weights\":\"runner/models/mlp-w256-b2.mlpw\","         \
    "\"images\":\"data/mnist/t10k-images-idx3-ubyte\","                        \
    "\"labels\":\"data/mnist/t10k-labels-idx1-ubyte\","                        \
    "\"precision\":\"INT2\","

struct server {
    pid_t pid;
    FILE *to, *from;
    char line[1 << 16];
};

static void server_open(struct server *s)
{
    int in[2], out[2];

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        close(in[1]);
        close(out[0]);
        signal(SIGPIPE, SIG_IGN);
        _exit(serve_loop(in[0], out[1], NULL) ? 1 : 0);
    }
    close(in[0]);
    close(out[1]);
    s->to = fdopen(in[1], "w");
    s->from = fdopen(out[0], "r");
}

static void send_line(struct server *s, const char *request)
{
    fprintf(s->to, "%s\n", request);
    fflush(s->to);
}

static const char *ask(struct server *s, const char *request)
{
    send_line(s, request);
    if (!fgets(s->line, sizeof s->line, s->from))
        fail_msg("no answer to %s", request);
    return s->line;
}

/* Returns the exit code. */
static int server_close(struct server *s)
{
    int status;

    fclose(s->to);
    fclose(s->from);
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void says(const char *answer, const char *words)
{
    if (!strstr(answer, words))
        fail_msg("'%.300s' does not say '%s'", answer, words);
}

static void small_requests_are_answered(void **state)
{
    struct server s;

    (void)state;
    server_open(&s);
    says(ask(&s, "{\"cmd\":\"ping\",\"id\":\"a7\"}"),
         "{\"ok\":true,\"cmd\":\"ping\",\"id\":\"a7\"");
    says(ask(&s, "{\"cmd\":\"clock\"}"), "\"t_mono_ns\":");
    says(ask(&s, "{\"cmd\":\"exec\",\"argv\":[\"true\"]}"), "\"exit_code\":0");
    says(ask(&s, "{\"cmd\":\"exec\",\"argv\":[\"sh\",\"-c\",\"exit 3\"]}"),
         "\"exit_code\":3");
    says(ask(&s, "{\"cmd\":\"quit\"}"), "\"ok\":true");
    assert_int_equal(server_close(&s), 0);
}

static void bad_requests_cost_themselves_only(void **state)
{
    static const struct {
        const char *request, *words;
    } rows[] = {
        { "nonsense", "\"error\":\"usage\"" },
        { "{\"cmd\":\"dance\"}", "cmd must be" },
        { "{\"cmd\":7}", "cmd must be" },
        { "{}", "cmd must be" },
        { "{\"cmd\":\"exec\"}", "exec needs argv" },
        { "{\"cmd\":\"exec\",\"argv\":[]}", "exec needs argv" },
        { "{\"cmd\":\"exec\",\"argv\":[\"/nonexistent/x\"]}",
          "cannot run /nonexistent/x" },
        { "{\"cmd\":\"run\"}", "--weights is missing" },
        { "{\"cmd\":\"run\",\"help\":true}", "command line" },
        { "{\"cmd\":\"run\",\"batch\":[\"1\"]}", "is a list" },
        { "{\"cmd\":\"run\",\"speed\":9}", "--speed is unknown" },
        { RUN "\"kernel\":\"nosuch\"}", "\"exit_code\":6" },
        { RUN "\"batch\":20000}", "larger than the 10000 images" },
    };
    struct server s;

    (void)state;
    server_open(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        says(ask(&s, rows[i].request), "{\"ok\":false");
        says(s.line, rows[i].words);
    }
    says(ask(&s, "{\"cmd\":\"ping\"}"), "\"ok\":true");
    assert_int_equal(server_close(&s), 0);
}

static void a_run_is_answered_and_weights_stay(void **state)
{
    struct server s;

    (void)state;
    server_open(&s);
    says(ask(&s, RUN "\"accuracy_only\":true}"), "\"ok\":true");
    says(s.line, "\"correct\":9913");
    says(s.line, "\"load_reused\":false");
    says(ask(&s, RUN "\"batch\":\"64\",\"accuracy-only\":true}"),
         "\"correct\":9913");
    says(s.line, "\"load_reused\":true");
    says(ask(&s, RUN "\"min_s\":0,\"min_batches\":1,\"latencies\":\"-\"}"),
         "\"lat_sys_samples_ns\":[");
    assert_int_equal(server_close(&s), 0);
}

/* The child of 'parent', 0 if it has none. */
static pid_t child_of(pid_t parent)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    pid_t found = 0;

    assert_non_null(proc);
    while (!found && (entry = readdir(proc))) {
        char path[300], line[512] = "";
        long pid = strtol(entry->d_name, NULL, 10), up = 0;
        FILE *f;
        char *after;

        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        f = pid > 0 ? fopen(path, "r") : NULL;
        if (!f)
            continue;
        if (fgets(line, sizeof line, f) && (after = strrchr(line, ')')) &&
            sscanf(after, ") %*c %ld", &up) == 1 && up == parent)
            found = (pid_t)pid;
        fclose(f);
    }
    closedir(proc);
    return found;
}

static void a_killed_run_costs_itself_only(void **state)
{
    struct server s;
    pid_t child;

    (void)state;
    server_open(&s);
    says(ask(&s, RUN "\"accuracy_only\":true}"), "\"ok\":true");
    send_line(&s, RUN "\"min_s\":600,\"max_s\":600}");
    while (!(child = child_of(s.pid)))
        ;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_non_null(fgets(s.line, sizeof s.line, s.from));
    says(s.line, "{\"ok\":false");
    says(s.line, "\"error\":\"child\"");
    says(s.line, "killed by signal 9");
    says(ask(&s, RUN "\"accuracy_only\":true}"), "\"correct\":9913");
    says(s.line, "\"load_reused\":true");
    assert_int_equal(server_close(&s), 0);
}

static void a_run_ends_when_nobody_waits_for_it(void **state)
{
    struct server s;
    pid_t child;

    (void)state;
    server_open(&s);
    send_line(&s, RUN "\"min_s\":600,\"max_s\":600}");
    while (!(child = child_of(s.pid)))
        ;
    server_close(&s); /* returns at once although ten minutes were asked */
    assert_int_equal(kill(child, 0), -1);
}

static void a_closed_input_ends_the_server(void **state)
{
    struct server s;

    (void)state;
    server_open(&s);
    assert_int_equal(server_close(&s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_requests_are_answered),
        cmocka_unit_test(bad_requests_cost_themselves_only),
        cmocka_unit_test(a_run_is_answered_and_weights_stay),
        cmocka_unit_test(a_killed_run_costs_itself_only),
        cmocka_unit_test(a_run_ends_when_nobody_waits_for_it),
        cmocka_unit_test(a_closed_input_ends_the_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
