/* test_sha256.c - our SHA-256 against libcrypto's */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/hash.h"
#include "runner/sha256.h"

static void known_digests_come_out(void **state)
{
    char hex[SHA256_HEX];

    (void)state;
    sha256_bytes("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb924"
                             "27ae41e4649b934ca495991b7852b855");
    sha256_bytes("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
                             "b00361a396177a9cb410ff61f20015ad");
}

static void every_length_agrees_with_libcrypto(void **state)
{
    uint8_t bytes[600];
    char ours[SHA256_HEX], theirs[HASH_HEX];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 167 + 13);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        sha256_bytes(bytes, len, ours);
        hash_bytes(bytes, len, theirs);
        assert_string_equal(ours, theirs);
    }
}

static void pieces_of_any_size_give_one_digest(void **state)
{
    uint8_t bytes[1000];
    char whole[SHA256_HEX], parts[SHA256_HEX];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31);
    sha256_bytes(bytes, sizeof bytes, whole);
    for (size_t step = 1; step < 200; step++) {
        struct sha256 ctx;

        sha256_start(&ctx);
        for (size_t at = 0; at < sizeof bytes; at += step)
            sha256_update(&ctx, bytes + at,
                          sizeof bytes - at < step ? sizeof bytes - at : step);
        sha256_finish(&ctx, parts);
        assert_string_equal(parts, whole);
    }
}

static void shipped_weights_are_the_listed_ones(void **state)
{
    FILE *list = fopen("runner/models/SHA256SUMS", "r");
    char want[SHA256_HEX], name[64], path[128], got[SHA256_HEX];
    unsigned files = 0;

    (void)state;
    assert_non_null(list);
    while (fscanf(list, "%64s %63s", want, name) == 2) {
        snprintf(path, sizeof path, "runner/models/%s", name);
        assert_int_equal(sha256_file(path, got, NULL), 0);
        assert_string_equal(got, want);
        assert_int_equal(hash_file(path, got, NULL), 0);
        assert_string_equal(got, want);
        files++;
    }
    fclose(list);
    assert_int_equal(files, 12);
}

static void a_missing_file_is_named(void **state)
{
    struct fail fail;
    char hex[SHA256_HEX];

    (void)state;
    assert_int_equal(sha256_file("/nonexistent/x", hex, &fail), -1);
    assert_int_equal(fail.code, FAIL_IO);
    assert_non_null(strstr(fail.text, "/nonexistent/x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_digests_come_out),
        cmocka_unit_test(every_length_agrees_with_libcrypto),
        cmocka_unit_test(pieces_of_any_size_give_one_digest),
        cmocka_unit_test(shipped_weights_are_the_listed_ones),
        cmocka_unit_test(a_missing_file_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
