/* bench_sqlite.h - the peer: the same results into SQLite */
#ifndef BENCH_ARCHIVE_BENCH_SQLITE_H
#define BENCH_ARCHIVE_BENCH_SQLITE_H

#include <stddef.h>

#include "core/buf.h"

/* Results a second, each 'bytes' as a blob with its cell and attempt, for
 * about 'seconds': WAL, synchronous=FULL, a commit every 'group'.  The file
 * is made in 'dir' and removed.  NaN if SQLite was not there to build
 * with. */
double bench_sqlite_rate(const char *dir, const struct buf *bytes, size_t group,
                         double seconds);

#endif
