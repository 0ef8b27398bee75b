/* cmd_import.c - published measurements into an archive of their own */
#include <stdio.h>
#include <string.h>

#include "core/fs.h"
#include "orchestrator/archive/h5_writer.h"
#include "orchestrator/archive/import_csv.h"
#include "orchestrator/cmd/command.h"

static int import_exec(const struct invocation *inv, struct err *err)
{
    const struct options *o = inv->options;
    char inventory[FS_PATH_MAX], topology[FS_PATH_MAX];
    const char *dir = options_text(o, "output", NULL);
    struct import_settings settings = { 0 };
    struct json_value *value;
    size_t rows = 0;
    int rc;

    if (!dir)
        return err_set(err, ERR_USAGE, "name the new campaign folder with -o");
    fs_join(inventory, sizeof(inventory), inv->project_dir,
            "inventory/qutibench.json");
    fs_join(topology, sizeof(topology), inv->project_dir,
            "experiments/topologies/mlp.json");
    settings.inventory = options_text(o, "inventory", inventory);
    settings.topology = options_text(o, "topology", topology);
    settings.dataset = options_text(o, "dataset", "MNIST");
    settings.title = options_text(o, "title", "published measurements");
    settings.source = options_text(o, "source", NULL);
    settings.licence = options_text(o, "licence", NULL);
    rc = import_csv(options_arg(o, 0), &settings, dir, &rows, err);
    if (!rc)
        rc = archive_publish(dir, err);
    if (rc)
        return rc;
    if (options_has(o, "json")) {
        value = json_new_object();
        json_set_string(value, "campaign", dir);
        json_set_i64(value, "rows", (int64_t)rows);
        return command_print_json(inv, value, err);
    }
    printf("imported %zu rows into %s, provenance published\n", rows, dir);
    return 0;
}

static const struct option_row options[] = {
    { "output", 'o', "DIR", "new campaign folder" },
    { "inventory", 'i', "FILE",
      "platforms and their names (inventory/qutibench.json)" },
    { "topology", 't', "FILE", "layers of the network, to count operations" },
    { "dataset", 'd', "NAME", "what was inferred (MNIST)" },
    { "title", 0, "TEXT", "title of the archive" },
    { "source", 0, "TEXT", "where the file is from" },
    { "licence", 0, "TEXT", "licence of the file" },
    { 0 },
};

const struct command cmd_import = {
    .name = "import",
    .args = "CSV",
    .help = "published measurements into an archive of their own",
    .doc = "Reads the normalised columns of data/published/ and the columns\n"
           "that QuTiBench publishes; units are converted at this door, empty\n"
           "fields stay missing, and provenance is published.",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .exec = import_exec,
};
