/* fuzz_power_ledger.c - cycles that a board tells of, whatever it says */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "workers/power_ledger.h"

/* What the ledger made of it is deleted; nothing else may lie there. */
static void empty(int dir)
{
    int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fdopendir(own);
    struct dirent *e;

    while (entries && (e = readdir(entries)))
        if (e->d_name[0] != '.') {
            if (strncmp(e->d_name, "cycle-", 6) != 0)
                abort();
            unlinkat(dir, e->d_name, 0);
        }
    closedir(entries);
}

static char path[] = "/tmp/labsweep-fuzz-ledger-XXXXXX";

static void remove_folder(void)
{
    rmdir(path);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    static int dir = -1;

    if (dir < 0) {
        if (!mkdtemp(path) || atexit(remove_folder))
            abort();
        dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    power_ledger_merge(dir, data, size);
    if (power_ledger_count(dir, "cycle", POWER_LEDGER_DAY_S) >
        POWER_LEDGER_MOST)
        abort();
    empty(dir);
}
