/* boards.h - a lab of real sshd boards for these tests (tests/lab/lab)
 *
 * Addresses and port come from the process number, so that test programs
 * may run at once.  Without sshd the tests are skipped, saying so.
 */
#ifndef TESTS_UNIT_TRANSPORT_BOARDS_H
#define TESTS_UNIT_TRANSPORT_BOARDS_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "workers/transport/transport.h"

struct boards {
    char dir[64], base[32], key[96], known_hosts[96];
    int port;
    bool up;
};

static struct boards boards;

/* Run tests/lab/lab; returns its exit status. */
__attribute__((format(printf, 1, 2))) static inline int
boards_lab(const char *fmt, ...)
{
    char line[600] = "tests/lab/lab ";
    size_t used = strlen(line);
    va_list args;

    va_start(args, fmt);
    vsnprintf(line + used, sizeof(line) - used, fmt, args);
    va_end(args);
    return system(line);
}

static inline bool boards_have_sshd(void)
{
    return !access("/usr/sbin/sshd", X_OK) ||
           !system("command -v sshd >/dev/null");
}

/* Start 'n' boards; 0, or -1 with what failed on standard error. */
static inline int boards_start(int n)
{
    strcpy(boards.dir, "/tmp/labsweep-boards-XXXXXX");
    if (!mkdtemp(boards.dir))
        return -1;
    snprintf(boards.key, sizeof(boards.key), "%s/key", boards.dir);
    snprintf(boards.known_hosts, sizeof(boards.known_hosts), "%s/known_hosts",
             boards.dir);
    for (int attempt = 0; attempt < 5 && !boards.up; attempt++) {
        int number = (int)getpid() + attempt * 7919;
        boards.port = 20000 + number % 10000;
        snprintf(boards.base, sizeof(boards.base), "127.%d.%d",
                 80 + number / 200 % 100, 1 + number % 200);
        boards.up = !boards_lab("start %s %d --port %d --base %s >/dev/null",
                                boards.dir, n, boards.port, boards.base);
    }
    return boards.up ? 0 : -1;
}

static inline void boards_stop(void)
{
    char line[128];

    if (!boards.dir[0])
        return;
    boards_lab("stop %s", boards.dir);
    snprintf(line, sizeof(line), "rm -rf %s", boards.dir);
    if (system(line))
        fprintf(stderr, "%s failed\n", line);
}

/* Where board 'i' is and how one logs in; texts are static. */
static inline struct transport_target board(int i)
{
    static char hosts[16][40];

    snprintf(hosts[i % 16], sizeof(hosts[0]), "%s.%d", boards.base, i);
    return (struct transport_target){ .host = hosts[i % 16],
                                      .port = boards.port,
                                      .key = boards.key,
                                      .known_hosts = boards.known_hosts,
                                      .connect_timeout_s = 20 };
}

/* True as soon as no process is left in a group of this machine; looks for
 * ten seconds. */
static inline bool group_is_gone(int64_t group)
{
    int64_t until_ns = clock_mono_ns() + S_TO_NS(10);

    /* zombies that nobody has reaped yet do not count as running */
    while (clock_mono_ns() < until_ns) {
        char line[200];
        snprintf(line, sizeof(line),
                 "! ps -eo pgid=,stat= | grep -q '^ *%lld [^Z]'",
                 (long long)group);
        if (!system(line))
            return true;
    }
    return false;
}

#endif
