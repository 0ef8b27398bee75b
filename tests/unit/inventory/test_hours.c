/* test_hours.c - when a board may be used */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/vec.h"
#include "inventory/hours.h"

enum {
    SUN,
    MON,
    TUE,
    WED,
    THU,
    FRI,
    SAT
};

static const struct {
    const char *text;
    int day, hour, minute;
    bool open;
} cases[] = {
    { "09:00-17:30", MON, 9, 0, true },
    { "09:00-17:30", MON, 17, 29, true },
    { "09:00-17:30", MON, 17, 30, false },
    { "09:00-17:30", SUN, 8, 59, false },
    { "22:00-06:00", WED, 23, 0, true },
    { "22:00-06:00", WED, 5, 59, true },
    { "22:00-06:00", WED, 6, 0, false },
    { "Mon-Fri 19:00-07:00", FRI, 20, 0, true },
    { "Mon-Fri 19:00-07:00", SAT, 6, 0, true }, /* Friday's night */
    { "Mon-Fri 19:00-07:00", SAT, 20, 0, false },
    { "Mon-Fri 19:00-07:00", MON, 6, 0, false }, /* Sunday's night */
    { "Sat-Mon 00:00-24:00", SUN, 12, 0, true },
    { "Sat-Mon 00:00-24:00", TUE, 12, 0, false },
    { "Sun 00:00-24:00", SUN, 23, 59, true },
    { "Sun 00:00-24:00", MON, 0, 0, false },
};

static void hours_hold_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct hours hours;
        struct err err;

        if (hours_parse(cases[i].text, &hours, &err))
            fail_msg("%s", err.text);
        if (hours_hold(&hours, 1, cases[i].day,
                       cases[i].hour * 60 + cases[i].minute) != cases[i].open)
            fail_msg("case %zu, '%s'", i, cases[i].text);
    }
    assert_true(hours_hold(NULL, 0, MON, 0));
}

static void other_words_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "night",
        "25:00-26:00",
        "10:00-10:00",
        "9-17",
        "10:60-11:00",
        "24:00-06:00",
        "Mon 10:00",
        "Mon- 1:00-",
        "Funday 10:00-11:00",
        "10:00-11:00 ",
        "-1:00-02:00",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct hours hours;
        struct err err;

        if (hours_parse(bad[i], &hours, &err) != ERR_FORMAT)
            fail_msg("'%s' is taken", bad[i]);
        assert_non_null(strstr(err.text, "expected hours such as"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_hold_what_they_say),
        cmocka_unit_test(other_words_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
