/* bench_sqlite.c - acknowledged results into SQLite, WAL FULL */
#include "bench/archive/bench_sqlite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef HAVE_SQLITE
#include <sqlite3.h>

#include "core/clock.h"
#include "core/fs.h"

static void must(sqlite3 *db, int rc)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE)
        return;
    fprintf(stderr, "bench_sqlite: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static void insert(sqlite3 *db, sqlite3_stmt *put, sqlite3_int64 cell,
                   const struct buf *bytes)
{
    must(db, sqlite3_bind_int64(put, 1, cell));
    must(db, sqlite3_bind_blob(put, 2, bytes->data, (int)bytes->len,
                               SQLITE_STATIC));
    must(db, sqlite3_step(put));
    must(db, sqlite3_reset(put));
}

static double rate_of(sqlite3 *db, const struct buf *bytes, size_t group,
                      double seconds)
{
    sqlite3_stmt *put;
    sqlite3_int64 cell = 0;
    int64_t start;

    must(db, sqlite3_exec(db,
                          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                          "CREATE TABLE results (cell INTEGER, attempt INTEGER,"
                          " payload BLOB, PRIMARY KEY (cell, attempt)) WITHOUT"
                          " ROWID;",
                          NULL, NULL, NULL));
    must(db, sqlite3_prepare_v2(db, "INSERT INTO results VALUES (?1, 1, ?2)",
                                -1, &put, NULL));
    for (start = clock_mono_ns(); NS_TO_S(clock_mono_ns() - start) < seconds;) {
        must(db, sqlite3_exec(db, "BEGIN", NULL, NULL, NULL));
        for (size_t i = 0; i < group; i++)
            insert(db, put, cell++, bytes);
        must(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    }
    sqlite3_finalize(put);
    return (double)cell / NS_TO_S(clock_mono_ns() - start);
}

double bench_sqlite_rate(const char *dir, const struct buf *bytes, size_t group,
                         double seconds)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    char path[FS_PATH_MAX], name[FS_PATH_MAX + 8];
    sqlite3 *db = NULL;
    double rate;

    fs_join(path, sizeof(path), dir, "peer.sqlite");
    must(db, sqlite3_open(path, &db));
    rate = rate_of(db, bytes, group, seconds);
    sqlite3_close(db);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
    return rate;
}
#else
double bench_sqlite_rate(const char *dir, const struct buf *bytes, size_t group,
                         double seconds)
{
    (void)dir;
    (void)bytes;
    (void)group;
    (void)seconds;
    return (double)NAN;
}
#endif
