/* cmd_roofline.c - `labrunner roofline`: ceilings as one JSON line */
#include "runner/command.h"

#include <unistd.h>

#include "runner/roofline.h"
#include "runner/team.h"

#define FIELD(name) offsetof(struct roofline_options, name)

/* clang-format off */
const struct option roofline_option_table[] = {
    { "threads", OPTION_COUNT, FIELD(threads), 1, TEAM_MAX, "N",
      "only this many threads at once (1 to all cores)" },
    { "budget-s", OPTION_SPAN, FIELD(budget_s), 0, 600, "S",
      "seconds for all measurements, about (4)" },
    { "help", OPTION_FLAG, FIELD(help), 0, 0, NULL, "print this" },
    { 0 },
};
/* clang-format on */

int exec_roofline(int argc, char **argv, struct fail *fail)
{
    struct roofline_options o = { .budget_s = 4 };
    struct jout j = { 0 };
    int rc = options_take(roofline_option_table, argc, argv, &o, NULL, fail);

    if (rc)
        return rc;
    if (o.help) {
        command_print(command_named("roofline"));
        return 0;
    }
    rc = roofline_measure(&o, &j, fail);
    if (!rc)
        rc = jout_flush(&j, STDOUT_FILENO, fail);
    jout_clear(&j);
    return rc;
}
