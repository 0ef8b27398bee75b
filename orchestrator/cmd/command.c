/* command.c - the table of subcommands, and their help */
#include "orchestrator/cmd/command.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/text.h"
#include "core/vec.h"

/* clang-format off */
#define COMMAND(name) extern const struct command cmd_##name;
#include "orchestrator/cmd/commands.def"
#undef COMMAND

static const struct command *const commands[] = {
#define COMMAND(name) &cmd_##name,
#include "orchestrator/cmd/commands.def"
#undef COMMAND
};
/* clang-format on */

const struct command *command_at(size_t i)
{
    return i < ARRAY_LEN(commands) ? commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

const char *command_nearest(const char *name)
{
    const char *names[ARRAY_LEN(commands) + 1];

    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        names[i] = commands[i]->name;
    names[ARRAY_LEN(commands)] = NULL;
    return text_nearest(name, names);
}

static void help_row(const struct option_row *row)
{
    char left[64];

    snprintf(left, sizeof(left), "%s%c%s --%s%s%s", row->letter ? "-" : " ",
             row->letter ? row->letter : ' ', row->letter ? "," : " ",
             row->name, row->arg ? " " : "", row->arg ? row->arg : "");
    printf("  %-26s %s\n", left, row->help);
}

void command_help(const struct command *command)
{
    printf("usage: labsweep %s [options]%s%s\n\n%s.\n", command->name,
           *command->args ? " " : "", command->args, command->help);
    if (command->doc)
        printf("\n%s\n", command->doc);
    printf("\noptions:\n");
    for (const struct option_row *row = command->options; row && row->name;
         row++)
        help_row(row);
    for (const struct option_row *row = options_common; row->name; row++)
        help_row(row);
}

void command_help_all(void)
{
    printf("usage: labsweep COMMAND [options]\n\n"
           "Runs a benchmark matrix over a lab of boards and turns it into "
           "one archive\nand a report.\n\ncommands:\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->help);
    printf("\n`labsweep COMMAND --help` tells more; exit codes: 0 all cells "
           "ok, 1 some failed,\n2 usage, 3 nothing could run, 4 archive or "
           "workers failed, 124 time limit, 130 ^C.\n");
}

int command_flush(struct err *err)
{
    bool failed = fflush(stdout) != 0;

    if (failed || ferror(stdout)) {
        clearerr(stdout); /* said once */
        return err_set_errno(err, ERR_IO, "cannot write to standard output");
    }
    return 0;
}

size_t command_columns(void)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
        return 0;
    return size.ws_col;
}

int command_print_json(const struct invocation *inv,
                       struct json_value *own_value, struct err *err)
{
    struct json_value *value = json_new_object();
    struct buf text = { 0 };
    char schema[64];
    int rc;

    snprintf(schema, sizeof(schema), "labsweep-%s/1", inv->command->name);
    json_set_string(value, "schema", schema);
    json_set(value, inv->command->name, own_value);
    rc = json_print(value, false, &text, err);
    if (!rc)
        printf("%s\n", buf_text(&text));
    json_value_destroy(value);
    buf_free(&text);
    return rc;
}
