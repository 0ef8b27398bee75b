/* test_inventory.c - inventories: parsed, unfolded, refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/vec.h"
#include "inventory/inventory.h"

static const char adapter_a[] =
    "{\"adapter\": \"a\", \"jobs\": [{\"name\": \"j\", \"run\": \"true\"}]}";

/* An inventory from text beside an adapter "a"; NULL and an error. */
static struct inventory *load(const char *text, struct texts **ret_texts,
                              struct err *err)
{
    struct texts *texts = texts_create();
    struct inventory *inventory = NULL;

    assert_non_null(texts);
    assert_int_equal(texts_add(texts, "inventory", "i.json", "/lab", text,
                               strlen(text), NULL),
                     0);
    assert_int_equal(texts_add(texts, "adapter", "a", "/lab/adapters",
                               adapter_a, strlen(adapter_a), NULL),
                     0);
    inventory_load(texts, NULL, &inventory, err);
    *ret_texts = texts;
    return inventory;
}

static const char full[] =
    "{\"lab\": \"L\", \"known_hosts\": \"kh\", \"lease_host\": {\"host\": "
    "\"gate\", \"port\": 22, \"key\": \"k\"}, \"platforms\": {\"TX2\": {"
    "\"type\": \"GPU\", \"engine\": \"per_image\", \"weights\": \"on_chip\","
    "\"storage_bits\": {\"INT2\": 8}, \"aliases\": [\"Jetson\"],"
    "\"tdp\": {\"value\": \"15 W\", \"source\": \"s\", \"kind\": "
    "\"data sheet\"},"
    "\"on_chip_memory\": {\"value\": \"512 KiB\", \"source\": \"s\", "
    "\"kind\": \"copied\"},"
    "\"op_modes\": {\"maxn\": {\"bandwidth\": [{\"value\": \"59.7 GB/s\", "
    "\"source\": \"p\", \"kind\": \"published\"}, {\"value\": \"51.2 GB/s\","
    "\"source\": \"c\", \"kind\": \"corrected\"}], \"peak\": {\"FP16\": "
    "{\"value\": \"1.33 TOP/s\", \"source\": \"p\", \"kind\": "
    "\"published\"}}}}}},"
    "\"boards\": [{\"name\": \"tx2-[01-03]\", \"platform\": \"TX2\", "
    "\"host\": \"10.0.0.{n}\", \"port\": 2222, \"key\": \"keys/{name}\", "
    "\"adapter\": \"a\", \"identity\": {\"serial\": \"S{n}\"}, "
    "\"exclusive\": [\"g{n}\"], \"sisters\": \"tx\", \"emulated\": true, "
    "\"parameters\": {\"device\": 0, \"dir\": \"/d/{n}\", \"on\": true}, "
    "\"op_modes\": {\"maxn\": {\"id\": 0}}, \"limits\": {\"total\": "
    "\"5 min\"}, \"meters\": [{\"name\": \"module\", \"driver\": \"file\", "
    "\"scope\": \"module\", \"period\": \"5 ms\", \"sources\": [{\"path\": "
    "\"hwmon:x/power1_input\", \"unit\": \"uW\", \"quantity\": \"power\", "
    "\"scale\": 2}]}]}]}";

static void every_field_arrives(void **state)
{
    struct texts *texts;
    struct err err = { 0 };
    struct inventory *i = load(full, &texts, &err);
    const struct platform *p;
    const struct platform_mode *mode;
    const struct board *b;

    (void)state;
    if (!i)
        fail_msg("%s", err.text);
    p = inventory_platform(i, "Jetson");
    assert_non_null(p);
    assert_ptr_equal(p, inventory_platform(i, "TX2"));
    assert_string_equal(platform_type_word(p->type), "GPU");
    assert_string_equal(platform_engine_word(p->engine), "per_image");
    assert_string_equal(platform_place_word(p->weights), "on_chip");
    assert_true(p->on_chip_memory_bytes->value == 524288);
    assert_null(p->memory_bytes);
    assert_int_equal(platform_storage_bits(p, "INT2", 2), 8);
    assert_int_equal(platform_storage_bits(p, "INT4", 4), 4);
    mode = platform_mode(p, "maxn");
    assert_true(mode->bandwidth_byte_s->value == 59.7e9);
    assert_string_equal(fact_kind_word(mode->bandwidth_byte_s->next->kind),
                        "corrected");
    assert_null(mode->bandwidth_byte_s->next->next);
    assert_true(fabs(platform_peak(mode, "FP16")->value - 1.33e12) < 1);
    assert_null(platform_peak(mode, "FP32"));
    assert_string_equal(i->lease_host->host, "gate");
    assert_string_equal(i->lease_host->key, "/lab/k");
    assert_string_equal(i->lease_host->lease_dir, "/tmp/labsweep-lease");
    assert_int_equal(i->boards_len, 3);
    b = inventory_board(i, "tx2-02");
    assert_string_equal(b->number, "02");
    assert_string_equal(b->host, "10.0.0.02");
    assert_string_equal(b->key, "/lab/keys/tx2-02");
    assert_string_equal(b->known_hosts, "/lab/kh");
    assert_string_equal(b->identity.serial, "S02");
    assert_null(b->identity.mac);
    assert_string_equal(b->exclusive[0], "g02");
    assert_int_equal(b->port, 2222);
    assert_true(b->emulated);
    assert_string_equal(b->adapter->name, "a");
    assert_string_equal(board_parameter(b, "dir")->value, "/d/02");
    assert_string_equal(board_parameter(b, "device")->value, "0");
    assert_true(board_parameter(b, "device")->is_number);
    assert_string_equal(board_parameter(b, "on")->value, "true");
    assert_string_equal(board_mode(b, "maxn")->parameters[0].value, "0");
    assert_true(b->total_limit_s == 300);
    assert_true(isnan(b->temperature_limit_degc));
    assert_true(b->meters[0].primary);
    assert_true(b->meters[0].period_s == 0.005);
    assert_true(fabs(b->meters[0].sources[0].factor - 2e-6) < 1e-18);
    assert_string_equal(inventory_platform_board(i, "TX2", 2)->name, "tx2-03");
    assert_null(inventory_platform_board(i, "TX2", 3));
    assert_int_equal(i->adapters_len, 1);
    inventory_destroy(i);
    texts_destroy(texts);
}

#define CPU "\"platforms\": {\"C\": {\"type\": \"CPU\"}}"
#define BOARD(more)                                                            \
    "{" CPU ", \"boards\": [{\"name\": \"b\", \"platform\": \"C\", "           \
    "\"transport\": \"local\", \"adapter\": \"a\"" more "}]}"

static const struct {
    const char *text, *says;
} bad[] = {
    { "{\"lease_host\": {\"port\": 22}}",
      "lease_host.host: a board with transport 'ssh' needs a host" },
    { "{\"lease_host\": {\"host\": \"h\", \"transport\": \"none\"}}",
      "lease_host.transport: expected 'ssh' or 'local'" },
    { BOARD(", \"meters\": [{\"name\": \"m\", \"driver\": \"http\", "
            "\"options\": {\"url\": \"http://me:secret@h/p\"}}]"),
      "boards[0].meters[0].options.url: a password does not belong" },
    { BOARD(", \"meters\": [{\"name\": \"m\", \"driver\": \"http\", "
            "\"options\": {\"url\": \"http://me:se/cr?et@h/p\"}}]"),
      "boards[0].meters[0].options.url: a password does not belong" },
    { BOARD(", \"meters\": [{\"name\": \"m\", \"driver\": \"http\", "
            "\"options\": {\"password\": \"secret\"}}]"),
      "boards[0].meters[0].options.password: a password does not belong" },
    { "{\"platfroms\": {}}", "platfroms: unknown key, did you mean" },
    { "{\"platforms\": {\"C\": {}}}", "platforms.C.type: found nothing" },
    { "{\"platforms\": {\"C\": {\"type\": \"CPV\"}}}",
      "platforms.C.type: found \"CPV\", did you mean 'CPU'" },
    { "{\"platforms\": {\"C\": {\"type\": \"CPU\", \"tdp\": {\"value\": 3, "
      "\"source\": \"s\", \"kind\": \"copied\"}}}}",
      "platforms.C.tdp.value: found 3, expected a number with a unit" },
    { "{\"platforms\": {\"C\": {\"type\": \"CPU\", \"tdp\": {\"value\": "
      "\"3 W\", \"kind\": \"copied\"}}}}",
      "platforms.C.tdp.source: found nothing" },
    { "{\"platforms\": {\"C\": {\"type\": \"CPU\", \"tdp\": {\"value\": "
      "\"3 W\", \"source\": \"s\", \"kind\": \"guess\"}}}}",
      "platforms.C.tdp.kind" },
    { "{\"platforms\": {\"C\": {\"type\": \"CPU\", \"op_modes\": {\"m\": "
      "{\"peak\": {\"INT\": {}}}}}}}",
      "platforms.C.op_modes.m.peak.INT: unknown precision" },
    { "{" CPU ", \"boards\": [{\"name\": \"b\", \"platform\": \"D\"}]}",
      "boards[0].host: a board with transport 'ssh' needs a host" },
    { "{" CPU ", \"boards\": [{\"name\": \"b\", \"platform\": \"D\", "
      "\"transport\": \"local\", \"adapter\": \"a\"}]}",
      "boards[0].platform: unknown platform 'D', did you mean 'C'" },
    { "{" CPU ", \"boards\": [{\"name\": \"b[1-2]\", \"platform\": \"C\", "
      "\"transport\": \"none\"}, {\"name\": \"b2\", \"platform\": \"C\", "
      "\"transport\": \"none\"}]}",
      "boards[1]: a board 'b2' is there already" },
    { "{" CPU ", \"boards\": [{\"name\": \"b[\", \"platform\": \"C\"}]}",
      "boards[0].name: '[' is not closed" },
    { BOARD(", \"transprot\": \"ssh\""),
      "boards[0].transprot: unknown key, did you mean 'transport'" },
    { BOARD(", \"port\": 70000"), "boards[0].port: found 70000" },
    { BOARD(", \"op_modes\": {\"m\": 3}"), "boards[0].op_modes.m" },
    { BOARD(", \"parameters\": {\"x\": []}"), "boards[0].parameters.x" },
    { BOARD(", \"meters\": [{\"name\": \"m\", \"driver\": \"file\"}, "
            "{\"name\": \"n\", \"driver\": \"file\"}]"),
      "boards[0].meters: found 0 primary meters, expected one" },
    { BOARD(", \"meters\": [{\"name\": \"m\", \"driver\": \"file\", "
            "\"sources\": [{\"path\": \"p\", \"unit\": \"V\"}]}]"),
      "meters[0].sources[0].unit: unit 'V' is no measure of 'W'" },
    { BOARD(", \"limits\": {\"total\": \"3 W\"}"), "boards[0].limits.total" },
    { BOARD(", \"host\": \"-oProxyCommand=x\""), "cannot start with '-'" },
    { "{" CPU ", \"boards\": [{\"name\": \"b\", \"platform\": \"C\", "
      "\"transport\": \"local\", \"adapter\": \"other\"}]}",
      "i.json: boards[0].adapter: adapter 'other': cannot open" },
    { "{" CPU ", \"boards\": [{\"name\": \"b\", \"platform\": \"C\", "
      "\"transport\": \"local\"}]}",
      "boards[0].adapter: found nothing" },
};

/* What a meter's driver alone knows is unfolded, too. */
static void options_of_meters_are_unfolded(void **state)
{
    static const char text[] =
        "{\"lab\": \"L\", \"platforms\": {\"P\": {\"type\": \"CPU\"}}, "
        "\"boards\": [{\"name\": \"b-[08-10]\", \"platform\": \"P\", "
        "\"host\": \"h\", \"adapter\": \"a\", \"sysfs\": \"/host/{n}/sys\", "
        "\"meters\": [{\"name\": \"m\", \"driver\": \"http\", \"options\": "
        "{\"url\": \"http://plug-{n}/\", \"list\": [\"{name}\", 7]}}]}]}";
    struct texts *texts;
    struct err err = { 0 };
    struct inventory *inventory = load(text, &texts, &err);
    const struct board_meter *meter;
    struct json at, list;
    const char *word = NULL;
    double number = 0;

    (void)state;
    if (!inventory)
        fail_msg("%s", err.text);
    assert_string_equal(inventory->boards[1].sysfs, "/host/09/sys");
    for (size_t i = 0; i < 3; i++) {
        static const char *const urls[] = { "http://plug-08/",
                                            "http://plug-09/",
                                            "http://plug-10/" };

        meter = &inventory->boards[i].meters[0];
        at = json_get(&meter->options, "url");
        assert_int_equal(json_string(&at, &word, NULL), 0);
        assert_string_equal(word, urls[i]);
        list = json_get(&meter->options, "list");
        at = json_first(&list);
        assert_int_equal(json_string(&at, &word, NULL), 0);
        assert_string_equal(word, inventory->boards[i].name);
        at = json_next(&list, &at, 1);
        assert_int_equal(json_f64(&at, &number, NULL), 0);
        assert_true(number == 7);
    }
    at = json_get(&meter->options, "url"); /* mistakes name their place */
    json_fail(&at, &err, "no");
    assert_string_equal(err.text,
                        "i.json: boards[0].meters[0].options.url: no");
    inventory_destroy(inventory);
    texts_destroy(texts);
}

static void mistakes_name_file_place_and_near_miss(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct texts *texts;
        struct err err = { 0 };
        struct inventory *found = load(bad[i].text, &texts, &err);

        if (found || !strstr(err.text, bad[i].says) ||
            strncmp(err.text, "i.json: ", 8) != 0)
            fail_msg("%s\n  gave: %s\n  want: %s", bad[i].text, err.text,
                     bad[i].says);
        texts_destroy(texts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_arrives),
        cmocka_unit_test(options_of_meters_are_unfolded),
        cmocka_unit_test(mistakes_name_file_place_and_near_miss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
