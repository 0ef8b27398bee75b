/* lines.c - meter "lines": a long-lived command of the board and patterns
 *
 * labrunner starts the command, tells each line's time by the board's clock
 * and reads the numbers.  "options": "tool" (tools.def) or "command"; sources
 * are patterns, their last group is the number.
 */
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "core/units.h"
#include "workers/meter/board_stream.h"
#include "workers/meter/options.h"

static const struct tool {
    const char *name, *command, *pattern, *unit;
} tools[] = {
#define TOOL(name, command, pattern, unit) { name, command, pattern, unit },
#include "workers/meter/tools.def"
#undef TOOL
};

/* What is run and matched. */
struct plan {
    const char *command;
    const struct tool *tool; /* NULL: the entry's own sources */
};

static const struct tool *tool_find(const char *name, struct err *err)
{
    const char *names[ARRAY_LEN(tools) + 1] = { 0 };

    for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
        names[i] = tools[i].name;
        if (!strcmp(tools[i].name, name))
            return &tools[i];
    }
    meter_unknown("tool", name, names, err);
    return NULL;
}

static int check_sources(const struct board_meter *config, struct err *err)
{
    if (!config->sources_len || config->sources_len > POWER_STREAM_SOURCES)
        return err_set(err, ERR_USAGE, "has %zu sources, expected 1 to %d",
                       config->sources_len, POWER_STREAM_SOURCES);
    for (size_t i = 0; i < config->sources_len; i++)
        if (strcmp(config->sources[i].quantity, "power") != 0)
            return err_set(err, ERR_USAGE,
                           "sources[%zu]: found quantity '%s', expected "
                           "'power'",
                           i, config->sources[i].quantity);
    return 0;
}

static int plan_of(const struct board_meter *config, struct plan *plan,
                   struct err *err)
{
    static const char *const keys[] = { "tool", "command", NULL };
    struct json at = json_get(&config->options, "tool");
    const char *tool = NULL;
    int rc = 0;

    *plan = (struct plan){ 0 };
    if (config->options.doc)
        rc = json_check_keys(&config->options, keys, err);
    if (!rc)
        rc = json_opt_string(&at, &tool, err);
    if (!rc && tool) {
        plan->tool = tool_find(tool, err);
        if (!plan->tool)
            return ERR_USAGE;
        plan->command = plan->tool->command;
    }
    at = json_get(&config->options, "command");
    if (!rc)
        rc = json_opt_string(&at, &plan->command, err);
    if (!rc && !plan->command)
        return err_set(err, ERR_USAGE,
                       "options need a \"tool\" or a \"command\"");
    if (config->sources_len)
        plan->tool = NULL;
    return rc || plan->tool ? rc : check_sources(config, err);
}

static int check(const struct board_meter *config, struct err *err)
{
    struct plan plan;

    return plan_of(config, &plan, err);
}

static void each(struct meter *m, const struct power_record *record)
{
    const struct board_stream *state = m->state;
    double sum = 0;

    for (size_t i = 0; i < state->stream.sources; i++)
        sum += record->values[i];
    board_stream_keep(m, record, sum);
}

static int lines_open(struct meter *m, struct err *err)
{
    size_t sources = m->config->sources_len;

    return board_stream_open(m, sources ? sources : 1, each, err);
}

static int lines_start(struct meter *m, struct err *err)
{
    struct buf command = { 0 };
    struct plan plan;
    double factor = 1;
    int rc = plan_of(m->config, &plan, err);

    if (!rc && plan.tool)
        rc = units_factor(plan.tool->unit, "W", &factor, err);
    if (rc)
        return rc;
    board_stream_command(m, &command);
    buf_printf(&command, " --command ");
    text_quote_shell(&command, plan.command);
    if (plan.tool)
        board_stream_source(&command, 0, factor, 'W', "pattern",
                            plan.tool->pattern);
    for (size_t i = 0; i < m->config->sources_len; i++)
        board_stream_source(&command, i, m->config->sources[i].factor, 'W',
                            "pattern", m->config->sources[i].path);
    return board_stream_start(m, &command, err);
}

const struct meter_driver meter_lines = {
    .name = "lines",
    .help = "a command of the board that prints power line by line",
    .on_board = true,
    .period_s = 0.1,
    .check = check,
    .open = lines_open,
    .start = lines_start,
    .stop = board_stream_stop,
    .on_proc = board_stream_on_proc,
    .close = board_stream_close,
};
