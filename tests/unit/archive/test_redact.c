/* test_redact.c - secrets go, words that look alike stay */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/vec.h"
#include "orchestrator/archive/redact.h"

static struct redact *redact_of_a_lab(void)
{
    struct redact *redact = redact_create();

    assert_non_null(redact);
    redact_add(redact, REDACT_HOST, "tx2-1", NULL);
    redact_add(redact, REDACT_USER, "pi", NULL);
    redact_add(redact, REDACT_KEY, "lab/key", NULL);
    redact_add(redact, REDACT_SERIAL, "x", NULL);
    redact_keep(redact, "123e4567-e89b-12d3-a456-426614174000", NULL);
    return redact;
}

static const struct {
    const char *text, *left;
} cases[] = {
    { "", "" },
    { "tx2-1", "host-1" },
    { "tx2-1, tx2-1.", "host-1, host-1." },
    { "tx2-10 and atx2-1 and tx2-1_b", "tx2-10 and atx2-1 and tx2-1_b" },
    { "pi makes a pizza", "user-1 makes a pizza" },
    { "with lab/key", "with key-1" },
    { "x", "serial-1" }, /* one character only as a whole */
    { "x = y", "x = y" },
    { "at 10.0.0.7.", "at address-1." },
    { "10.0.0.7:22, 10.0.0.7", "address-1:22, address-1" },
    { "1.2.3 and 1.5 and 12.34", "1.2.3 and 1.5 and 12.34" },
    { "fe80::1 at 12:34:56", "address-1 at 12:34:56" },
    { "std::vector, g::b of 0000:01:00.0",
      "std::vector, g::b of 0000:01:00.0" },
    { "2001:db8:0:0:0:0:0:1", "address-1" },
    { "mac 02:42:ac:11:00:02 or 02-42-ac-11-00-02",
      "mac address-1 or address-2" },
    { "in /home/jane/x.bin.", "in path-1." },
    { "~/models/a", "path-1" },
    { "1.5 images/s, 3 /s, a/b, and/or", "1.5 images/s, 3 /s, a/b, and/or" },
    { "/proc/cpuinfo /sys/class /usr/bin/env",
      "/proc/cpuinfo /sys/class /usr/bin/env" },
    { "jane@build.example.org.", "user-2." },
    { "nas.local and local", "host-2 and local" },
    { "http://a.example/b?c=d e", "address-1 e" },
    { "id 00000000-0000-0000-0000-00000000abcd", "id serial-2" },
    { "id 123e4567-e89b-12d3-a456-426614174000",
      "id 123e4567-e89b-12d3-a456-426614174000" },
    { "Linux rig7 5.10.0-8 aarch64", "Linux host-2 5.10.0-8 aarch64" },
    { "Linux is free", "Linux is free" },
    { "Serial Number: AB12-34", "Serial Number: serial-2" },
    { "serial=0423", "serial=serial-2" },
    { "a serial port, serially", "a serial port, serially" },
};

static void secrets_go_and_words_stay(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct redact *redact = redact_of_a_lab();
        struct buf out = { 0 };

        assert_int_equal(redact_text(redact, cases[i].text,
                                     strlen(cases[i].text), &out, NULL),
                         0);
        if (strcmp(buf_text(&out), cases[i].left) != 0)
            fail_msg("'%s': got '%s', not '%s'", cases[i].text, buf_text(&out),
                     cases[i].left);
        buf_free(&out);
        redact_destroy(redact);
    }
}

static void json_keeps_keys_and_words_of_its_form(void **state)
{
    static const char text[] =
        "{\"user\":\"local\",\"transport\":\"local\",\"serial\":\"S1\","
        "\"n\":[1,\"local\",\"S1\"],\"text\":\"{\\\"host\\\":\\\"h9\\\"}\"}";
    struct redact *redact = redact_create();
    struct json_doc *doc = NULL;
    struct json_value *value;
    struct json root;
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(json_doc_parse(text, strlen(text), "t", &doc, NULL), 0);
    root = json_root(doc);
    assert_int_equal(redact_learn_json(redact, &root, NULL), 0);
    value = redact_json(redact, &root);
    assert_int_equal(json_print(value, false, &out, NULL), 0);
    assert_string_equal(buf_text(&out),
                        "{\"user\":\"user-1\",\"transport\":\"local\","
                        "\"serial\":\"serial-1\",\"n\":[1,\"user-1\","
                        "\"serial-1\"],\"text\":\"{\\n\\t\\\"host\\\":\\t"
                        "\\\"host-1\\\"\\n}\"}");
    json_value_destroy(value);
    json_doc_destroy(doc);
    buf_free(&out);
    redact_destroy(redact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_go_and_words_stay),
        cmocka_unit_test(json_keeps_keys_and_words_of_its_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
