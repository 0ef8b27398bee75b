/* cmd_power.c - `labrunner power`: sensors to a binary stream on stdout */
#include "runner/command.h"

#include <unistd.h>

#include "runner/lines.h"
#include "runner/power.h"

struct power_options {
    struct option_list sources;
    double period_s;
    const char *sys, *command;
    bool help;
};

#define FIELD(name) offsetof(struct power_options, name)

/* clang-format off */
const struct option power_option_table[] = {
    { "source", OPTION_LIST, FIELD(sources), 0, 0, "SPEC",
      "label=L,scale=X,unit=W|J|V|A,path=P; once a source, 32 at most;\n"
      "                           P: a file, hwmon:NAME/FILE, "
      "hwmon:NAME:LABEL, iio:NAME...,\n"
      "                           rapl:NAME; with --command pattern=P, a "
      "POSIX extended\n"
      "                           regular expression, its last group the "
      "number" },
    { "command", OPTION_TEXT, FIELD(command), 0, 0, "COMMAND",
      "read lines of a shell command instead of files" },
    { "period-s", OPTION_SPAN, FIELD(period_s), 0.0005, 3600, "S",
      "seconds between samples (0.1)" },
    { "sysfs", OPTION_TEXT, FIELD(sys), 0, 0, "DIR",
      "where selectors are looked up (/sys)" },
    { "help", OPTION_FLAG, FIELD(help), 0, 0, NULL, "print this" },
    { 0 },
};
/* clang-format on */

static int stream_lines(const struct power_options *o,
                        const struct power_source *sources, struct fail *fail)
{
    struct lines lines;
    int rc = lines_compile(sources, o->sources.len, &lines, fail);

    if (!rc)
        rc =
            lines_stream(&lines, o->command, STDIN_FILENO, STDOUT_FILENO, fail);
    lines_free(&lines);
    return rc;
}

int exec_power(int argc, char **argv, struct fail *fail)
{
    struct power_options o = { .period_s = 0.1, .sys = "/sys" };
    struct power_source sources[POWER_SOURCES_MAX];

    if (options_take(power_option_table, argc, argv, &o, NULL, fail))
        return -1;
    if (o.help) {
        command_print(command_named("power"));
        return 0;
    }
    if (o.sources.len == 0)
        return fail_set(fail, FAIL_USAGE, "--source is missing, see --help");
    for (size_t i = 0; i < o.sources.len; i++)
        if (power_source_parse(o.sources.at[i], o.sys, &sources[i], fail))
            return -1;
    for (size_t i = 0; i < o.sources.len; i++)
        if (sources[i].pattern != (o.command != NULL))
            return fail_set(fail, FAIL_USAGE,
                            "patterns and --command go together");
    if (o.command)
        return stream_lines(&o, sources, fail);
    return power_stream(sources, o.sources.len, (int64_t)(o.period_s * 1e9),
                        STDIN_FILENO, STDOUT_FILENO, fail);
}
