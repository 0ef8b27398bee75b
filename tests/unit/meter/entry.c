/* entry.c - entries made, meters waited for */
#include "tests/unit/meter/entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <string.h>

#include "core/clock.h"

void entry_make(struct entry *e, const char *driver, double period_s,
                const char *options)
{
    struct err err;

    *e = (struct entry){
        .config = { .name = "m", .driver = driver, .period_s = period_s }
    };
    if (json_doc_parse(options, strlen(options), "entry", &e->doc, &err))
        fail_msg("%s", err.text);
    e->config.options = json_root(e->doc);
    e->config.sources = e->sources;
}

void entry_source(struct entry *e, const char *path, const char *quantity,
                  double factor)
{
    assert_true(e->config.sources_len < 2);
    e->sources[e->config.sources_len++] = (struct board_meter_source){
        .path = path, .quantity = quantity, .scale = 1, .factor = factor
    };
}

void entry_pump(struct meter *m, size_t wanted)
{
    int64_t end = clock_mono_ns() + S_TO_NS(40);
    size_t len = 0;

    while (meter_running(m) && len < wanted && clock_mono_ns() < end) {
        struct pollfd fds[METER_FDS_MAX];
        int64_t deadline = end, left;
        size_t n = meter_wants(m, fds, &deadline);

        left = deadline - clock_mono_ns();
        poll(fds, (nfds_t)n, left > 0 ? (int)(left / 1000000 + 1) : 0);
        for (size_t i = 0; i < n; i++)
            if (fds[i].revents)
                meter_on_fd(m, &fds[i]);
        meter_on_time(m, clock_mono_ns());
        meter_readings(m, &len);
    }
}
