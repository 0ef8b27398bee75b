/* test_values.c - numbers decoded here are those that HDF5 itself reads */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <hdf5.h>

#include "core/vec.h"
#include "orchestrator/archive/h5_values.h"

#define ROWS_MAX 1000

/* How numbers may lie in a file: as archives store them, and otherwise. */
static const struct {
    const char *what;
    unsigned filters; /* 1 shuffle, 2 deflate */
    hsize_t chunk;    /* 0: in one piece */
} layouts[] = {
    { "one a chunk", 3, 1 },         { "seven a chunk", 3, 7 },
    { "sixty-four a chunk", 3, 64 }, { "a chunk for all", 3, ROWS_MAX },
    { "deflated alone", 2, 64 },     { "shuffled alone", 1, 64 },
    { "plain chunks", 0, 64 },       { "in one piece", 0, 0 },
};

static const size_t lengths[] = { 1, 8, 63, 64, 65, ROWS_MAX };

static hid_t type_at(size_t i)
{
    const hid_t types[] = { H5T_IEEE_F64LE, H5T_STD_I64LE,  H5T_STD_I32LE,
                            H5T_STD_I8LE,   H5T_IEEE_F64BE, H5T_STD_I64BE,
                            H5T_STD_I32BE,  H5T_STD_U8LE,   H5T_IEEE_F32LE };

    return i < ARRAY_LEN(types) ? types[i] : H5I_INVALID_HID;
}

static enum h5_values_kind kind_of(hid_t type)
{
    return H5Tget_class(type) == H5T_FLOAT ? H5_VALUES_F64 : H5_VALUES_I64;
}

static hid_t native_of(hid_t type)
{
    return kind_of(type) == H5_VALUES_F64 ? H5T_NATIVE_DOUBLE
                                          : H5T_NATIVE_INT64;
}

/* Bits of all kinds: small and large, NaN, both zeros, both ends. */
static void fill(hid_t type, void *values)
{
    static const double reals[] = { 0.0, -0.0, 1.5, -1e300, 1e-310 };
    uint64_t seed = 7;

    for (size_t i = 0; i < ROWS_MAX; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        if (kind_of(type) == H5_VALUES_F64)
            ((double *)values)[i] = i % 7 == 6 ? __builtin_nan("")
                                    : i % 2    ? reals[i % 5]
                                               : (double)(int64_t)seed * 1e-12;
        else
            ((int64_t *)values)[i] = (int64_t)seed >> (seed >> 58);
    }
}

static hid_t dataset_make(hid_t file, size_t layout, hid_t type, size_t rows,
                          const void *values)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space, dataset;
    hsize_t dim = rows, most = H5S_UNLIMITED;

    if (layouts[layout].chunk)
        assert_true(H5Pset_chunk(list, 1, &layouts[layout].chunk) >= 0);
    if (layouts[layout].filters & 1)
        assert_true(H5Pset_shuffle(list) >= 0);
    if (layouts[layout].filters & 2)
        assert_true(H5Pset_deflate(list, 1) >= 0);
    space = H5Screate_simple(1, &dim, layouts[layout].chunk ? &most : NULL);
    dataset =
        H5Dcreate2(file, "x", type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    assert_true(dataset >= 0);
    if (values)
        assert_true(H5Dwrite(dataset, native_of(type), H5S_ALL, H5S_ALL,
                             H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Pclose(list);
    return dataset;
}

/* Bit by bit, as the library reads them. */
static void check(hid_t dataset, hid_t type, size_t rows, const char *what)
{
    uint64_t want[ROWS_MAX], got[ROWS_MAX];
    struct err err;

    memset(got, 0x5a, sizeof(got));
    assert_true(H5Dread(dataset, native_of(type), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                        want) >= 0);
    if (h5_values_read(dataset, "x", rows, kind_of(type), false, got, &err))
        fail_msg("%s: %s", what, err.text);
    if (memcmp(want, got, rows * sizeof(got[0])) != 0)
        fail_msg("%s: %zu rows differ", what, rows);
    assert_int_equal(
        h5_values_read(dataset, "x", rows, kind_of(type), true, got, &err), 0);
}

static hid_t file_make(void)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), file;

    assert_true(H5Pset_fapl_core(access, 1 << 20, false) >= 0); /* memory */
    file = H5Fcreate("values.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    assert_true(file >= 0);
    return file;
}

static void every_layout_reads_as_by_the_library(void **state)
{
    uint64_t values[ROWS_MAX];
    hid_t type;

    (void)state;
    for (size_t t = 0; (type = type_at(t)) >= 0; t++)
        for (size_t l = 0; l < ARRAY_LEN(layouts); l++)
            for (size_t n = 0; n < ARRAY_LEN(lengths); n++) {
                hid_t file = file_make(), dataset;

                fill(type, values);
                dataset = dataset_make(file, l, type, lengths[n], values);
                check(dataset, type, lengths[n], layouts[l].what);
                H5Dclose(dataset);
                H5Fclose(file);
            }
}

/* What was never written has the fill value, and a chunk that was written
 * around the filters is not deflated. */
static void odd_chunks_are_left_to_the_library(void **state)
{
    hid_t file = file_make(), type = H5T_STD_I64LE, dataset;
    int64_t raw[64];
    hsize_t at = 64;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(raw); i++)
        raw[i] = -(int64_t)i;
    dataset = dataset_make(file, 2, type, ROWS_MAX, NULL);
    check(dataset, type, ROWS_MAX, "nothing written");
    assert_true(
        H5Dwrite_chunk(dataset, H5P_DEFAULT, 3, &at, sizeof(raw), raw) >= 0);
    check(dataset, type, ROWS_MAX, "a chunk without filters");
    H5Dclose(dataset);
    H5Fclose(file);
}

/* A chunk of noise is damage, and says so. */
static void noise_is_refused(void **state)
{
    hid_t file = file_make(), dataset;
    uint8_t noise[100];
    uint64_t got[64];
    hsize_t at = 0;
    struct err err = { 0 };

    (void)state;
    memset(noise, 0x99, sizeof(noise));
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    dataset = dataset_make(file, 2, H5T_IEEE_F64LE, 64, NULL);
    assert_true(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &at, sizeof(noise),
                               noise) >= 0);
    assert_int_equal(h5_values_read(dataset, "fps_comp", 64, H5_VALUES_F64,
                                    false, got, &err),
                     ERR_FORMAT);
    assert_non_null(strstr(err.text, "fps_comp"));
    H5Dclose(dataset);
    H5Fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_reads_as_by_the_library),
        cmocka_unit_test(odd_chunks_are_left_to_the_library),
        cmocka_unit_test(noise_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
