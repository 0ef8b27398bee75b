/* test_topology.c - exact counts, against the published table */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/fs.h"
#include "core/vec.h"
#include "experiments/topology.h"

static struct topology *topology_of(const char *text)
{
    struct topology *topology = NULL;
    struct err err;

    if (topology_parse(text, strlen(text), "t.json", &topology, &err))
        fail_msg("%s", err.text);
    return topology;
}

/* QuTiBench, topology_details table; it has no row of the smallest MLP, whose
 * published predictions hold with these counts alone, and says 8124928
 * operations for the smallest CNV, which its own layers do not give. */
static const struct {
    const char *file;
    double factor_pct;
    int64_t params, ops;
} published[] = {
    { "experiments/topologies/mlp.json", 100, 10014720, 20029440 },
    { "experiments/topologies/mlp.json", 50, 2910208, 5820416 },
    { "experiments/topologies/mlp.json", 25, 930816, 1861632 },
    { "experiments/topologies/mlp.json", 12.5, 334336, 668672 },
    { "experiments/topologies/cnv.json", 100, 6157696, 469449728 },
    { "experiments/topologies/cnv.json", 50, 1542848, 118922752 },
    { "experiments/topologies/cnv.json", 25, 387424, 30510848 },
    { "experiments/topologies/cnv.json", 12.5, 97712, 8017792 },
};

static void networks_count_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(published); i++) {
        struct topology_counts counts;
        struct topology *topology;
        struct buf text = { 0 };

        assert_int_equal(fs_read_file(published[i].file, 1 << 20, &text, NULL),
                         0);
        topology = topology_of(buf_text(&text));
        assert_int_equal(
            topology_count(topology, published[i].factor_pct, &counts, NULL),
            0);
        assert_int_equal(counts.params, published[i].params);
        assert_int_equal(counts.ops_image, published[i].ops);
        topology_destroy(topology);
        buf_free(&text);
    }
}

/* 3x32x32, conv 3x3 of 64 without padding: 30x30; the same again: 28x28;
 * pool 2: 14x14; dense 10. */
static const char cnv[] =
    "{\"input\": [3, 32, 32], \"layers\": ["
    "{\"conv\": 64, \"kernel\": 3, \"pruned\": true},"
    "{\"conv\": 64, \"kernel\": 3}, {\"pool\": 2}, {\"dense\": 10}]}";

static void convolutions_follow_their_image(void **state)
{
    struct topology *topology = topology_of(cnv);
    struct topology_counts counts;
    struct topology_layer layer;
    int64_t c1 = 3 * 9 * 64, c2 = 64 * 9 * 64, d = 14 * 14 * 64 * 10;
    int64_t macs = c1 * 900 + c2 * 784 + d;

    (void)state;
    assert_int_equal(topology_count(topology, 100, &counts, NULL), 0);
    assert_int_equal(counts.params, c1 + c2 + d);
    assert_int_equal(counts.ops_image, 2 * macs);
    assert_int_equal(topology_count(topology, 50, &counts, NULL), 0);
    assert_int_equal(counts.params, c1 / 2 + c2 / 2 + d);
    assert_int_equal(topology_layer_at(topology, 2, 100, &layer, NULL), 0);
    assert_string_equal(layer.kind, "pool");
    assert_int_equal(layer.out_width, 14);
    assert_int_equal(layer.params, 0);
    assert_int_equal(topology_layer_at(topology, 4, 100, &layer, NULL),
                     ERR_NOT_FOUND);
    topology_destroy(topology);
}

static const struct {
    const char *what, *text, *says;
} bad[] = {
    { "no layers", "{\"input\": 3}", "layers" },
    { "both", "{\"layers\": [], \"counts\": {}}", "either" },
    { "kind", "{\"input\": 3, \"layers\": [{\"dence\": 3}]}",
      "layers[0].dence: unknown key, did you mean 'dense'?" },
    { "two kinds", "{\"input\": 3, \"layers\": [{\"dense\": 3, \"pool\": 2}]}",
      "2 layer kinds" },
    { "kernel",
      "{\"input\": [1, 2, 2], \"layers\": [{\"conv\": 3, "
      "\"kernel\": 3}]}",
      "larger than its image" },
    { "groups",
      "{\"input\": [3, 8, 8], \"layers\": [{\"conv\": 4, "
      "\"groups\": 2}]}",
      "groups" },
    { "input", "{\"input\": 0, \"layers\": [{\"dense\": 3}]}", "input" },
    { "huge",
      "{\"input\": [16777216, 16777216, 16777216], \"layers\": "
      "[{\"dense\": 16777216}]}",
      "too large" },
};

static void mistakes_say_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct topology *topology = NULL;
        struct err err = { 0 };

        if (topology_parse(bad[i].text, strlen(bad[i].text), "t.json",
                           &topology, &err) != ERR_FORMAT ||
            !strstr(err.text, bad[i].says) || !strstr(err.text, "t.json"))
            fail_msg("%s: %s", bad[i].what, err.text);
    }
}

static void a_share_that_is_no_channel_is_refused(void **state)
{
    struct topology *topology = topology_of(
        "{\"input\": 4, \"layers\": [{\"dense\": 10, \"pruned\": true}]}");
    struct topology_counts counts;

    (void)state;
    assert_int_equal(topology_count(topology, 12.5, &counts, NULL), ERR_FORMAT);
    assert_int_equal(topology_count(topology, 50, &counts, NULL), 0);
    assert_int_equal(counts.params, 20);
    topology_destroy(topology);
}

static void declared_counts_hold_for_their_factor_only(void **state)
{
    struct topology *topology =
        topology_of("{\"counts\": {\"100\": {\"ops_image\": 7720000000, "
                    "\"params\": 25500000}}, \"source\": \"published\"}");
    struct topology_counts counts;

    (void)state;
    assert_int_equal(topology_count(topology, 100, &counts, NULL), 0);
    assert_int_equal(counts.ops_image, INT64_C(7720000000));
    assert_int_equal(topology_count(topology, 50, &counts, NULL),
                     ERR_NOT_FOUND);
    topology_destroy(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_count_as_published),
        cmocka_unit_test(convolutions_follow_their_image),
        cmocka_unit_test(mistakes_say_where),
        cmocka_unit_test(a_share_that_is_no_channel_is_refused),
        cmocka_unit_test(declared_counts_hold_for_their_factor_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
