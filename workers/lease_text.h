/* lease_text.h - leases as a board shows them, read
 *
 * The form is lease_keeper.sh's: lines "|TOKEN KEY VALUE", a line "|" after
 * each lease.  Whoever has an account on the board can write such lines:
 * everything is bounded and cleaned.
 */
#ifndef WORKERS_LEASE_TEXT_H
#define WORKERS_LEASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

#define LEASE_WORD 128

struct lease {
    char owner[LEASE_WORD], host[LEASE_WORD], campaign[LEASE_WORD];
    char reason[LEASE_WORD];
    char board[LEASE_WORD];   /* the first name it holds, without "board." */
    char boot[64];            /* of the board, as the lease was made */
    int64_t since_s, until_s; /* uptime; 0: not said */
    int64_t group;            /* process group that measures; 0: none */
    bool mode_changed;        /* an op mode is to be restored: */
    char mode[64];            /* this one; "" where it could not be read */
};

/* Read one lease from 'text' (its length counts, zeros may be in it).
 * Returns the bytes used, 0 if no whole lease is there. */
size_t lease_parse(const char *text, size_t len, struct lease *ret_lease);

/* Uptime and boot id of a line "now UPTIME BOOT" in 'text'; false without
 * one. */
bool lease_parse_now(const char *text, size_t len, int64_t *ret_uptime_s,
                     char boot[64]);

/* Append who holds it: "alice@lab (/x/mnist, sweep of mnist)". */
void lease_describe(const struct lease *lease, struct buf *out);

#endif
