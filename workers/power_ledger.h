/* power_ledger.h - how often a board's outlet was cycled, by anybody
 *
 * A folder for each board, open to all users: an empty file WORD-INSTANT
 * (ns since 1970) for each event, so that writing is one atomic step and
 * ledgers are merged by their names.  Words: "cycle", "down".
 */
#ifndef WORKERS_POWER_LEDGER_H
#define WORKERS_POWER_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "inventory/board.h"

#define POWER_LEDGER_DAY_S 86400
#define POWER_LEDGER_MOST  64 /* entries that are merged */

/* Open the board's folder below its "power_cycle" "ledger", made where it is
 * not there.  Returns 0 and a descriptor for close(); ERR_IO. */
int power_ledger_open(const struct board *board, int *ret_dir, struct err *err);

/* Write an event down, to stay.  Returns 0; ERR_IO. */
int power_ledger_add(int dir, const char *word, int64_t t_ns, struct err *err);

/* Take events back: the one at 't_ns', or all of that word (0). */
void power_ledger_remove(int dir, const char *word, int64_t t_ns);

/* How many events of that word happened in the last 'seconds' (and in the
 * next minute, for clocks differ).  Files older than a day are deleted. */
size_t power_ledger_count(int dir, const char *word, double seconds);

/* Append the names of a day's cycles, a blank before each, at most
 * POWER_LEDGER_MOST. */
void power_ledger_list(int dir, struct buf *out);

/* Add the cycles that a list of lines names (what a board said: anything
 * else in it is passed over). */
void power_ledger_merge(int dir, const void *lines, size_t len);

#endif
