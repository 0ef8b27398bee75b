/* adapters.h - small adapters from text, for the tests of this room */
#ifndef TESTS_UNIT_COLLECT_ADAPTERS_H
#define TESTS_UNIT_COLLECT_ADAPTERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "inventory/adapter.h"
#include "workers/collect/clean.h"
#include "workers/collect/collect.h"

/* An adapter with one job "j" (unless 'members' has "jobs") and these other
 * members; fails the test if it is none. */
static inline struct adapter *make_adapter(const char *members)
{
    struct adapter *adapter = NULL;
    struct err err = { 0 };
    struct buf text = { 0 };

    buf_printf(&text, "{\"adapter\": \"a\"");
    if (!strstr(members, "\"jobs\""))
        buf_printf(&text, ", \"jobs\": [{\"name\": \"j\", \"run\": \"x\"}]");
    buf_printf(&text, "%s%s}", *members ? ", " : "", members);
    if (adapter_parse(buf_text(&text), text.len, "a.json", "/", &adapter, &err))
        fail_msg("%s: %s", members, err.text);
    buf_free(&text);
    return adapter;
}

/* Read one part of one job's output into 'row'; returns collector_read(). */
static inline int read_output(const char *members, const char *out,
                              const char *errout, struct attempt_row *row,
                              struct err *err)
{
    struct adapter *adapter = make_adapter(members);
    struct collector *collector = NULL;
    struct buf clean[2] = { 0 };
    struct collect_output output = { .job = "j" };
    int rc = collector_create(adapter, &collector, err);

    columns_clear(&columns_attempts, row);
    if (rc)
        fail_msg("%s", err->text);
    collect_clean(&clean[0], out, strlen(out));
    collect_clean(&clean[1], errout, strlen(errout));
    for (int s = 0; s < 2; s++) {
        output.text[s] = buf_text(&clean[s]);
        output.len[s] = clean[s].len;
    }
    rc = collector_valid(collector, &output, 1, err);
    if (!rc)
        rc = collector_read(collector, COLLECT_MEASURED, &output, 1, NULL, row,
                            err);
    collector_destroy(collector);
    adapter_destroy(adapter);
    buf_free(&clean[0]);
    buf_free(&clean[1]);
    return rc;
}

#endif
