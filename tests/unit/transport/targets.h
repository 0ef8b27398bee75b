/* targets.h - opening ssh transports, or being refused, for the ssh tests */
#ifndef TESTS_UNIT_TRANSPORT_TARGETS_H
#define TESTS_UNIT_TRANSPORT_TARGETS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/vec.h"
#include "tests/unit/transport/boards.h"
#include "workers/transport/transport_exec.h"

#define SOON (clock_mono_ns() + S_TO_NS(30))

static char other_file[128]; /* a known_hosts of our own */

static inline struct transport *
open_target(const struct transport_target *target)
{
    struct transport *transport = NULL;
    struct err err = { 0 };

    if (transport_open("ssh", target, &transport, &err))
        fail_msg("%s: %s", target->host, err.text);
    return transport;
}

static inline struct transport *open_board(int i)
{
    struct transport_target target = board(i);

    return open_target(&target);
}

/* Open and expect failure 'rc' with 'words' in the sentence. */
static inline void expect_no_way(const struct transport_target *target, int rc,
                                 const char *words)
{
    struct transport *transport = NULL;
    struct err err = { 0 };

    int got = transport_open("ssh", target, &transport, &err);
    if (got != rc)
        fail_msg("got %d, want %d: %s", got, rc, err.text);
    if (!strstr(err.text, words))
        fail_msg("'%s' is not in '%s'", words, err.text);
}

/* Run a command; its output must be 'out'. */
static inline void expect_says(struct transport *transport, const char *command,
                               const char *out)
{
    struct exec_result result;
    struct err err = { 0 };

    if (transport_exec(transport, command, NULL, 0, NULL, -1, &result, &err))
        fail_msg("%s: %s", command, err.text);
    assert_string_equal(out, buf_text(&result.out));
    assert_int_equal(EXEC_EXITED, result.end);
    exec_result_free(&result);
}

/* The lab's known_hosts, run through a shell filter, as other_file. */
__attribute__((format(printf, 1, 2))) static inline void
filter_known_hosts(const char *fmt, ...)
{
    char filter[300], line[600];
    va_list args;

    va_start(args, fmt);
    vsnprintf(filter, sizeof(filter), fmt, args);
    va_end(args);
    snprintf(line, sizeof(line), "%s <%s >%s", filter, boards.known_hosts,
             other_file);
    assert_int_equal(0, system(line));
}

/* Start 'n' boards and name other_file. */
static inline int targets_start(int n)
{
    if (boards_start(n))
        return -1;
    snprintf(other_file, sizeof(other_file), "%s/other_known_hosts",
             boards.dir);
    return 0;
}

#endif
