/* drivers.h - the drivers that a test walks through, and their events
 *
 * For the test_transport*.c files.
 */
#ifndef TESTS_UNIT_TRANSPORT_DRIVERS_H
#define TESTS_UNIT_TRANSPORT_DRIVERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/vec.h"
#include "tests/unit/transport/boards.h"
#include "workers/transport/transport_exec.h"

#define SOON (clock_mono_ns() + S_TO_NS(30))

static char script_file[128];

static const char *const real_drivers[] = { "local", "ssh" };

static inline bool have(const char *driver)
{
    if (strcmp(driver, "ssh") || boards.up)
        return true;
    print_message("no sshd: skipped for ssh\n");
    return false;
}

static inline struct transport *open_one(const char *driver)
{
    struct transport_target target = { .script = script_file };
    struct transport *transport = NULL;
    struct err err = { 0 };

    if (!strcmp(driver, "ssh"))
        target = board(1);
    if (transport_open(driver, &target, &transport, &err))
        fail_msg("%s: %s", driver, err.text);
    return transport;
}

static inline struct proc_event next_event(struct transport *transport)
{
    struct proc_event event;
    struct err err = { 0 };

    if (transport_wait(transport, NULL, 0, SOON, &event, &err))
        fail_msg("%s", err.text);
    return event;
}

static inline void expect_said(struct transport *transport, void *tag,
                               const char *text)
{
    char said[64] = "";

    while (strlen(said) < strlen(text)) {
        struct proc_event event = next_event(transport);
        assert_ptr_equal(tag, event.tag);
        assert_int_equal(PROC_STDOUT, event.kind);
        assert_true(event.len < sizeof(said) - strlen(said));
        strncat(said, (const char *)event.data, event.len);
    }
    assert_string_equal(text, said);
}

#endif
