/* fuzz_import.c - a CSV of anybody becomes a campaign, or says why not */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "orchestrator/archive/import_csv.h"
#include "orchestrator/archive/journal.h"
#include "tests/fuzz/fuzz.h"

static void remove_file(const char *dir, const char *name)
{
    char path[FS_PATH_MAX];

    if (fs_join(path, sizeof(path), dir, name))
        unlink(path);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    const struct import_settings settings = {
        .inventory = "inventory/qutibench.json",
        .topology = "experiments/topologies/mlp.json",
        .dataset = "MNIST",
        .title = "fuzz",
    };
    char dir[] = "/dev/shm/fuzz-import-XXXXXX", path[FS_PATH_MAX];
    FILE *file;

    if (!mkdtemp(dir))
        return;
    snprintf(path, sizeof(path), "%s/in.csv", dir);
    file = fopen(path, "wb");
    if (file && fwrite(data, 1, size, file) == size && !fclose(file))
        import_csv(path, &settings, dir, NULL, NULL);
    remove_file(dir, "in.csv");
    remove_file(dir, JOURNAL_NAME);
    rmdir(dir);
}
