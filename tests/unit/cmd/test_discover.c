/* test_discover.c - boards as their sysfs shows them, proposed as entries
 *
 * The real labrunner looks at a tree shaped like each board's; what is
 * proposed is read back as an inventory, and every meter's entry checked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/vec.h"
#include "inventory/inventory.h"
#include "orchestrator/cmd/boards_propose.h"
#include "workers/meter/meter.h"

static char runner[FS_PATH_MAX];

/* A tree: "FOLDER/FILE=TEXT" below sysfs ("->TEXT": a link there), tools that are on the PATH, and the
 * meters that are wanted: "NAME DRIVER SCOPE SOURCE..." ("*": primary). */
static const struct tree {
    const char *board;
    const char *files[28];
    const char *tools[3];
    const char *meters;
} trees[] = {
    { "Jetson TX2, L4T r32",
      { "bus/iio/devices/iio:device0/name=ina3221x",
        "bus/iio/devices/iio:device0/rail_name_0=VDD_SYS_GPU",
        "bus/iio/devices/iio:device0/in_power0_input=152",
        "bus/iio/devices/iio:device1/name=ina3221x",
        "bus/iio/devices/iio:device1/rail_name_0=VDD_IN",
        "bus/iio/devices/iio:device1/in_power0_input=2003",
        "bus/iio/devices/iio:device1/rail_name_1=VDD_SYS_CPU",
        "bus/iio/devices/iio:device1/in_power1_input=320" },
      { "tegrastats" },
      "ina3221x-VDD_SYS_GPU file rail iio:ina3221x:VDD_SYS_GPU:mW\n"
      "*ina3221x-VDD_IN file module iio:ina3221x:VDD_IN:mW\n"
      "ina3221x-VDD_SYS_CPU file rail iio:ina3221x/in_power1_input:mW\n" },
    { "Jetson Orin NX",
      { "class/hwmon/hwmon3/name=ina3221",
        "class/hwmon/hwmon3/in1_label=VDD_IN",
        "class/hwmon/hwmon3/in1_input=4960",
        "class/hwmon/hwmon3/curr1_input=1176",
        "class/hwmon/hwmon3/in2_label=VDD_CPU_GPU_CV",
        "class/hwmon/hwmon3/in2_input=4952",
        "class/hwmon/hwmon3/curr2_input=120",
        "class/hwmon/hwmon3/in7_label=sum of shunt voltages",
        "class/hwmon/hwmon3/in7_input=1",
        "class/hwmon/hwmon0/name=thermal-fan-est",
        "class/hwmon/hwmon0/temp1_input=41000" },
      { "nvidia-smi", "tegrastats" }, /* which knows no power there */
      "*ina3221-VDD_IN file module hwmon:ina3221/in1_input:mV "
      "hwmon:ina3221/curr1_input:mA\n"
      "ina3221-VDD_CPU_GPU_CV file rail hwmon:ina3221/in2_input:mV "
      "hwmon:ina3221/curr2_input:mA\n" },
    { "Jetson AGX Orin: its input is the sum of three rails",
      { "class/hwmon/hwmon4/name=ina3221",
        "class/hwmon/hwmon4/in1_label=VDD_GPU_SOC",
        "class/hwmon/hwmon4/in1_input=19888",
        "class/hwmon/hwmon4/curr1_input=160",
        "class/hwmon/hwmon4/in2_label=VDD_CPU_CV",
        "class/hwmon/hwmon4/in2_input=19880",
        "class/hwmon/hwmon4/curr2_input=40",
        "class/hwmon/hwmon4/in3_label=VIN_SYS_5V0",
        "class/hwmon/hwmon4/in3_input=4984",
        "class/hwmon/hwmon4/curr3_input=648" },
      { "tegrastats" },
      "ina3221-VDD_GPU_SOC file rail hwmon:ina3221/in1_input:mV "
      "hwmon:ina3221/curr1_input:mA\n"
      "ina3221-VDD_CPU_CV file rail hwmon:ina3221/in2_input:mV "
      "hwmon:ina3221/curr2_input:mA\n"
      "ina3221-VIN_SYS_5V0 file rail hwmon:ina3221/in3_input:mV "
      "hwmon:ina3221/curr3_input:mA\n"
      "*module file module hwmon:ina3221/in1_input:mV "
      "hwmon:ina3221/curr1_input:mA hwmon:ina3221/in2_input:mV "
      "hwmon:ina3221/curr2_input:mA hwmon:ina3221/in3_input:mV "
      "hwmon:ina3221/curr3_input:mA\n" },
    { "Jetson without readable sensors",
      { NULL },
      { "tegrastats" },
      "*tegrastats lines module tegrastats\n" },
    { "Kria KV260",
      { "class/hwmon/hwmon0/name=ina260_u14",
        "class/hwmon/hwmon0/power1_input=4550000",
        "class/hwmon/hwmon0/in1_input=5040",
        "class/hwmon/hwmon0/curr1_input=900" },
      { "xmutil" },
      "*ina260_u14-power1_input file rail hwmon:ina260_u14/power1_input:uW\n" },
    { "Kria without its driver",
      { NULL },
      { "xmutil" },
      "*platformstats lines module platformstats\n" },
    { "ZCU104",
      { "class/hwmon/hwmon0/name=ina226_u183",
        "class/hwmon/hwmon0/power1_input=12000000",
        "class/hwmon/hwmon1/name=irps5401",
        "class/hwmon/hwmon1/device=->../../../4-0043",
        "class/hwmon/hwmon1/power1_label=pin",
        "class/hwmon/hwmon1/power1_input=900000",
        "class/hwmon/hwmon1/power2_label=pout1",
        "class/hwmon/hwmon1/power2_input=500000",
        "class/hwmon/hwmon2/name=irps5401",
        "class/hwmon/hwmon2/device=->../../../4-0044",
        "class/hwmon/hwmon2/power1_label=pin",
        "class/hwmon/hwmon2/power1_input=700000" },
      { NULL },
      "*ina226_u183-power1_input file rail hwmon:ina226_u183/power1_input:uW\n"
      "irps5401-pin-4-0043 file rail "
      "hwmon:irps5401@4-0043/power1_input:uW\n"
      "irps5401-pout1 file rail hwmon:irps5401:pout1:uW\n"
      "irps5401-pin-4-0044 file rail "
      "hwmon:irps5401@4-0044/power1_input:uW\n" },
    { "two devices that nothing tells apart",
      { "class/hwmon/hwmon1/name=irps5401",
        "class/hwmon/hwmon1/power1_input=900000",
        "class/hwmon/hwmon2/name=irps5401",
        "class/hwmon/hwmon2/power1_input=700000" },
      { NULL },
      "*irps5401-power1_input-1 file rail PATH/hwmon1/power1_input:uW\n"
      "irps5401-power1_input-2 file rail PATH/hwmon2/power1_input:uW\n" },
    { "Raspberry Pi: nothing there tells power",
      { "class/hwmon/hwmon0/name=cpu_thermal",
        "class/hwmon/hwmon0/temp1_input=48312",
        "class/hwmon/hwmon1/name=rpi_volt",
        "class/hwmon/hwmon1/in0_lcrit_alarm=0" },
      { NULL },
      "" },
    { "a server: two packages and a card",
      { "class/powercap/intel-rapl:0/name=package-0",
        "class/powercap/intel-rapl:0/energy_uj=1",
        "class/powercap/intel-rapl:0/max_energy_range_uj=262143328850",
        "class/powercap/intel-rapl:1/name=package-1",
        "class/powercap/intel-rapl:1/energy_uj=1",
        "class/powercap/intel-rapl:0:0/name=core",
        "class/powercap/intel-rapl:0:0/energy_uj=1",
        "class/powercap/intel-rapl:0:1/name=dram",
        "class/powercap/intel-rapl:0:1/energy_uj=1" },
      { "nvidia-smi" },
      "intel-rapl:0-package-0 rapl package rapl:package-0:uJ\n"
      "intel-rapl:0:1-dram rapl package rapl:dram:uJ\n"
      "intel-rapl:1-package-1 rapl package rapl:package-1:uJ\n"
      "*nvidia-smi lines module nvidia-smi\n" },
    { "a PC",
      { "class/powercap/intel-rapl:0/name=package-0",
        "class/powercap/intel-rapl:0/energy_uj=1",
        "class/hwmon/hwmon2/name=coretemp",
        "class/hwmon/hwmon2/temp1_input=38000" },
      { NULL },
      "*intel-rapl:0-package-0 rapl package rapl:package-0:uJ\n" },
};

static void tree_make(const struct tree *tree, const char *dir)
{
    char path[FS_PATH_MAX], folder[FS_PATH_MAX], line[FS_PATH_MAX];

    for (size_t i = 0; tree->files[i]; i++) {
        const char *text = strchr(tree->files[i], '=') + 1;

        snprintf(path, sizeof(path), "%s/%.*s", dir,
                 (int)(text - 1 - tree->files[i]), tree->files[i]);
        fs_dirname(path, folder, sizeof(folder));
        assert_int_equal(fs_make_dirs(folder, NULL), 0);
        if (!strncmp(text, "->", 2)) {
            assert_int_equal(symlink(text + 2, path), 0);
            continue;
        }
        snprintf(line, sizeof(line), "%s\n", text);
        assert_int_equal(fs_write_atomic(path, line, strlen(line), NULL), 0);
    }
    snprintf(folder, sizeof(folder), "%s/bin", dir);
    assert_int_equal(fs_make_dirs(folder, NULL), 0);
    for (size_t i = 0; i < 3 && tree->tools[i]; i++) {
        snprintf(line, sizeof(line), "ln -s /bin/true %s/%s", folder,
                 tree->tools[i]);
        assert_int_equal(system(line), 0);
    }
}

/* What labrunner tells of the tree. */
static struct json_doc *info_of(const char *dir)
{
    char line[3 * FS_PATH_MAX];
    struct buf text = { 0 };
    struct json_doc *doc = NULL;
    struct err err;
    FILE *pipe;
    int c;

    snprintf(line, sizeof(line), "PATH=%s/bin exec %s info --sysfs %s", dir,
             runner, dir);
    pipe = popen(line, "r");
    assert_non_null(pipe);
    while ((c = getc(pipe)) != EOF)
        buf_put_u8(&text, (uint8_t)c);
    assert_int_equal(pclose(pipe), 0);
    if (json_doc_parse(text.data, text.len, "info", &doc, &err))
        fail_msg("%s", err.text);
    buf_free(&text);
    return doc;
}

/* The entry as an inventory of its own, of a platform that it names. */
static struct inventory *read_back(struct json_value *entry,
                                   struct texts *texts)
{
    struct inventory *inventory = NULL;
    struct buf board = { 0 }, all = { 0 };
    struct err err;
    const char *adapter;

    assert_int_equal(json_print(entry, false, &board, NULL), 0);
    adapter = strstr(buf_text(&board), "\"labrunner\"");
    assert_non_null(adapter);
    buf_printf(&all,
               "{\"lab\":\"l\",\"platforms\":{\"P\":{\"type\":\"CPU\","
               "\"engine\":\"batched\"}},\"boards\":[%.*s"
               "\"inventory/adapters/command.json\"%s]}",
               (int)(adapter - buf_text(&board)), buf_text(&board),
               adapter + strlen("\"labrunner\""));
    if (texts_add(texts, "inventory", "i.json", ".", buf_text(&all), all.len,
                  &err) ||
        inventory_load(texts, NULL, &inventory, &err))
        fail_msg("%s\n%s", err.text, buf_text(&all));
    buf_free(&board);
    buf_free(&all);
    return inventory;
}

/* "DEVICE/FILE" of a path. */
static const char *tail_of(const char *path)
{
    const char *file = strrchr(path, '/'), *at = file;

    while (at > path && at[-1] != '/')
        at--;
    return at;
}

/* One meter as the table writes it; of paths in the tree the tail. */
static void describe(const struct board_meter *m, const char *dir,
                     struct buf *out)
{
    struct json tool = json_get(&m->options, "tool");
    const char *text = NULL;

    buf_printf(out, "%s%s %s %s", m->primary ? "*" : "", m->name, m->driver,
               meter_scope_word(m->scope));
    for (size_t i = 0; i < m->sources_len; i++) {
        const char *path = m->sources[i].path;
        bool is_path = !strncmp(path, dir, strlen(dir)); /* no other name */

        buf_printf(out, " %s%s:%s", is_path ? "PATH/" : "",
                   is_path ? tail_of(path) : path, m->sources[i].unit);
    }
    if (m->options.doc && !json_opt_string(&tool, &text, NULL) && text)
        buf_printf(out, " %s", text);
    buf_printf(out, "\n");
}

static void expect_entry(const struct tree *tree, const char *dir)
{
    static const struct platform platform = { .name = "P" };
    const struct board board = { .name = "b",
                                 .host = "h",
                                 .platform = &platform,
                                 .transport = "ssh",
                                 .sysfs = "/sys" };
    struct json_doc *info = info_of(dir);
    struct json root = json_root(info);
    struct json_value *entry = boards_propose(&board, &root);
    struct texts *texts = texts_create();
    struct inventory *inventory = read_back(entry, texts);
    struct buf found = { 0 };
    struct err err;

    for (size_t i = 0; i < inventory->boards[0].meters_len; i++) {
        const struct board_meter *m = &inventory->boards[0].meters[i];

        if (meter_check(m, &err))
            fail_msg("%s: %s", tree->board, err.text);
        describe(m, dir, &found);
    }
    if (strcmp(buf_text(&found), tree->meters) != 0)
        fail_msg("%s: got\n%swant\n%s", tree->board, buf_text(&found),
                 tree->meters);
    buf_free(&found);
    inventory_destroy(inventory);
    texts_destroy(texts);
    json_value_destroy(entry);
    json_doc_destroy(info);
}

static void boards_are_proposed_as_their_sysfs_shows_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
        char dir[] = "/tmp/labsweep-board-XXXXXX", line[64];

        assert_non_null(mkdtemp(dir));
        tree_make(&trees[i], dir);
        expect_entry(&trees[i], dir);
        snprintf(line, sizeof(line), "rm -r %s", dir);
        assert_int_equal(system(line), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boards_are_proposed_as_their_sysfs_shows_them),
    };

    if (fs_program_dir(runner, sizeof(runner), NULL))
        return 1;
    strcat(runner, "/../bin/labrunner-x86_64");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
