/* test_padding.c - a million cells' samples, end to end: little is wasted */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "core/fs.h"
#include "core/vec.h"
#include "orchestrator/archive/h5_file.h"
#include "orchestrator/archive/h5_samples.h"
#include "tests/unit/archive/made.h"

#define CELLS 1000000

/* Lengths of traces: most are short, some fill chunks, some just miss. */
static const size_t lengths[] = { 1, 2, 3, 5, 7, 11, 30, 8191, 8192, 8193 };

static void block_make(size_t len, struct sample_block *block)
{
    double *values = calloc(len, sizeof(*values));

    assert_non_null(values);
    for (size_t i = 0; i < len; i++)
        values[i] = 1 + (double)i;
    assert_int_equal(
        samples_pack(CHANNEL_LAT_COMP, values, NULL, len, block, NULL), 0);
    free(values);
}

static void padding_stays_below_the_data(void **state)
{
    struct sample_block blocks[ARRAY_LEN(lengths)];
    struct h5_samples *samples = NULL;
    uint64_t random = 1234567, end = 0;
    char dir[MADE_PATH], path[FS_PATH_MAX];
    hid_t file;

    (void)state;
    made_dir(dir);
    assert_true(fs_join(path, sizeof(path), dir, "samples.h5"));
    h5_begin();
    file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_int_equal(h5_samples_create(file, "latency_comp", "lat_comp_s", "s",
                                       "latency", false, &samples, NULL),
                     0);
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
        block_make(lengths[i], &blocks[i]);
    for (size_t i = 0; i < CELLS; i++) {
        bool is_long = made_random(&random) % 2000 == 0;
        size_t k =
            is_long ? 7 + made_random(&random) % 3 : made_random(&random) % 7;
        int64_t offset;

        assert_int_equal(h5_samples_add(samples, &blocks[k], &offset, NULL), 0);
        assert_true(offset >= 0);
        end = (uint64_t)offset + lengths[k] > end
                  ? (uint64_t)offset + lengths[k]
                  : end;
        if (h5_samples_extent(samples) > 2 * h5_samples_count(samples) &&
            i % 1000 == 999)
            fail_msg("%zu cells: %llu elements for %llu samples", i + 1,
                     (unsigned long long)h5_samples_extent(samples),
                     (unsigned long long)h5_samples_count(samples));
    }
    assert_int_equal(h5_samples_finish(samples, NULL), 0);
    assert_true(h5_samples_extent(samples) >= end);
    assert_true(h5_samples_extent(samples) <= 2 * h5_samples_count(samples));
    h5_samples_destroy(samples);
    H5Fclose(file);
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
        sample_block_free(&blocks[i]);
    made_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(padding_stays_below_the_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
