/* test_known_hosts.c - what known_hosts files say about a key */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/vec.h"
#include "workers/transport/known_hosts.h"

#define ED  "ssh-ed25519"
#define RSA "ssh-rsa"

/* Names hashed by ssh-keygen -H: [192.0.2.7]:2222 and example. */
#define HASHED_PORT                                                            \
    "|1|UJXQFGHiSFZmUDx3QYuuBpndfiY=|4WT74wkUwBLZyk30l3nmUQIQ3nE="
#define HASHED_NAME                                                            \
    "|1|e1E7afLwaRTKzgMiPocEWmFipPE=|gTI4/hde5rEMH9qXqwoGBrgs6Hk="

static const struct {
    const char *what, *text, *host;
    int port;
    enum known_hosts_verdict verdict; /* of the ssh-ed25519 key KEY */
} cases[] = {
    { "listed", "h " ED " KEY\n", "h", 22, KNOWN_HOSTS_OK },
    { "listed, without a newline", "h " ED " KEY", "h", 22, KNOWN_HOSTS_OK },
    { "with a comment and tabs", "h\t" ED "\tKEY\tme@here\r\n", "h", 22,
      KNOWN_HOSTS_OK },
    { "leading blanks", "  h " ED " KEY\n", "h", 22, KNOWN_HOSTS_OK },
    { "one of several names", "a,h,b " ED " KEY\n", "h", 22, KNOWN_HOSTS_OK },
    { "letters of the other case", "H " ED " KEY\n", "h", 22, KNOWN_HOSTS_OK },
    { "asked in the other case", "h " ED " KEY\n", "H", 22, KNOWN_HOSTS_OK },
    { "with its port", "[h]:2222 " ED " KEY\n", "h", 2222, KNOWN_HOSTS_OK },
    { "pattern", "*.lab,!x.lab " ED " KEY\n", "a.lab", 22, KNOWN_HOSTS_OK },
    { "pattern of one letter", "h? " ED " KEY\n", "h1", 22, KNOWN_HOSTS_OK },
    { "negated", "*.lab,!x.lab " ED " KEY\n", "x.lab", 22,
      KNOWN_HOSTS_UNKNOWN },
    { "negated first", "!x.lab,*.lab " ED " KEY\n", "x.lab", 22,
      KNOWN_HOSTS_UNKNOWN },
    { "hashed", HASHED_NAME " " ED " KEY\n", "example", 22, KNOWN_HOSTS_OK },
    { "hashed with its port", HASHED_PORT " " ED " KEY\n", "192.0.2.7", 2222,
      KNOWN_HOSTS_OK },
    { "hashed, another host", HASHED_NAME " " ED " KEY\n", "exampl", 22,
      KNOWN_HOSTS_UNKNOWN },
    { "hash of nonsense", "|1|&&|== " ED " KEY\n|1||\n|1|abc " ED " KEY\n", "h",
      22, KNOWN_HOSTS_UNKNOWN },
    { "an empty file", "", "h", 22, KNOWN_HOSTS_UNKNOWN },
    { "another host", "g " ED " KEY\n", "h", 22, KNOWN_HOSTS_UNKNOWN },
    { "no port where one is needed", "h " ED " KEY\n", "h", 2222,
      KNOWN_HOSTS_UNKNOWN },
    { "another port", "[h]:2223 " ED " KEY\n", "h", 2222, KNOWN_HOSTS_UNKNOWN },
    { "only another type", "h " RSA " OTHER\n", "h", 22, KNOWN_HOSTS_UNKNOWN },
    { "a comment line", "#h " ED " KEY\n", "h", 22, KNOWN_HOSTS_UNKNOWN },
    { "half a line", "h " ED "\nh\n", "h", 22, KNOWN_HOSTS_UNKNOWN },
    { "an authority", "@cert-authority h " ED " KEY\n", "h", 22,
      KNOWN_HOSTS_UNKNOWN },
    { "another key", "h " ED " OTHER\n", "h", 22, KNOWN_HOSTS_CHANGED },
    { "a longer key", "h " ED " KEYS\n", "h", 22, KNOWN_HOSTS_CHANGED },
    { "another and this key", "h " ED " OTHER\nh " ED " KEY\n", "h", 22,
      KNOWN_HOSTS_OK },
    { "revoked", "@revoked h " ED " KEY\n", "h", 22, KNOWN_HOSTS_REVOKED },
    { "revoked everywhere", "@revoked * " ED " KEY\n", "h", 22,
      KNOWN_HOSTS_REVOKED },
    { "listed and revoked", "h " ED " KEY\n@revoked h " ED " KEY\n", "h", 22,
      KNOWN_HOSTS_REVOKED },
    { "revoked and listed", "@revoked h " ED " KEY\nh " ED " KEY\n", "h", 22,
      KNOWN_HOSTS_REVOKED },
    { "another key revoked", "h " ED " KEY\n@revoked h " ED " OTHER\n", "h", 22,
      KNOWN_HOSTS_OK },
    { "revoked on another host", "h " ED " KEY\n@revoked g " ED " KEY\n", "h",
      22, KNOWN_HOSTS_OK },
};

static void files_mean_what_sshd_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct known_hosts_finding finding = { 0 };
        char name[100];
        known_hosts_name(cases[i].host, cases[i].port, name, sizeof(name));
        known_hosts_search(cases[i].text, strlen(cases[i].text), name, ED,
                           "KEY", &finding);
        if (known_hosts_verdict(&finding) != cases[i].verdict)
            fail_msg("%s: got %d", cases[i].what,
                     (int)known_hosts_verdict(&finding));
    }
}

static void several_files_speak_together(void **state)
{
    static const char listed[] = "h " ED " KEY\n";
    static const char revoked[] = "@revoked * " ED " KEY\n";
    struct known_hosts_finding finding = { 0 };

    (void)state;
    known_hosts_search(listed, strlen(listed), "h", ED, "KEY", &finding);
    assert_int_equal(KNOWN_HOSTS_OK, known_hosts_verdict(&finding));
    known_hosts_search(revoked, strlen(revoked), "h", ED, "KEY", &finding);
    assert_int_equal(KNOWN_HOSTS_REVOKED, known_hosts_verdict(&finding));
}

static void listed_types_are_gathered(void **state)
{
    static const char text[] = "h " RSA " A\ng " ED " B\nh " ED " C\n"
                               "@revoked h ecdsa D\n";
    struct buf types = { 0 };
    struct known_hosts_finding finding = { .types = &types };

    (void)state;
    known_hosts_search(text, strlen(text), "h", "", "", &finding);
    assert_string_equal(RSA "," ED, buf_text(&types));
    buf_free(&types);
}

/* Stars nest; a matcher that tries all ways would not come back. */
static void a_hostile_pattern_takes_no_time(void **state)
{
    struct known_hosts_finding finding = { 0 };
    struct buf text = { 0 };
    char name[300];

    (void)state;
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    for (int i = 0; i < 200; i++)
        buf_printf(&text, "*a");
    buf_printf(&text, "*b " ED " KEY\n");
    known_hosts_search(buf_text(&text), text.len, name, ED, "KEY", &finding);
    assert_int_equal(KNOWN_HOSTS_UNKNOWN, known_hosts_verdict(&finding));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_mean_what_sshd_says),
        cmocka_unit_test(several_files_speak_together),
        cmocka_unit_test(listed_types_are_gathered),
        cmocka_unit_test(a_hostile_pattern_takes_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
