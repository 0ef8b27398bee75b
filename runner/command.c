/* command.c - the table of commands, and their help */
#include "runner/command.h"

#include <stdio.h>
#include <string.h>

#include "runner/cpu.h"
#include "runner/kernels/kernel.h"
#include "runner/power.h"
#include "runner/roofline.h"
#include "runner/run.h"

static int print_help(int argc, char **argv, struct fail *fail);
static int print_version(int argc, char **argv, struct fail *fail);

/* clang-format off */
static const struct command commands[] = {
    { "run", "--weights F --images F --precision P ...",
      "measure one op point, print one JSON line", run_option_table,
      exec_run },
    { "serve", "", "answer one JSON request a line on stdin, keep weights "
      "loaded", NULL, exec_serve },
    { "power", "--source label=L,path=P,scale=X,unit=W ...",
      "sample power sensors, stream binary records", power_option_table,
      exec_power },
    { "roofline", "", "measure bandwidth and peak op rates, print one JSON "
      "line", roofline_option_table, exec_roofline },
    { "info", "", "describe the board, print one JSON line", info_option_table,
      exec_info },
    { "sha256", "FILE...", "print SHA-256 and name of each file", NULL,
      exec_sha256 },
    { "--version", "", "print version, build and kernels", NULL,
      print_version },
    { "--help", "", "print this", NULL, print_help },
};
/* clang-format on */

const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

void command_print(const struct command *command)
{
    printf("labrunner %s %s\n  %s\n", command->name, command->args,
           command->help);
    if (command->options)
        options_print(command->options);
}

static int print_help(int argc, char **argv, struct fail *fail)
{
    (void)argc;
    (void)argv;
    (void)fail;
    printf("labrunner - MNIST MLP inference, power sampling and facts of "
           "this board\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].help);
    printf("\n`labrunner COMMAND --help` lists the options of run, power and "
           "roofline.\n\n"
           "exit codes: 0 answered, 1 internal, 2 usage, 3 file cannot be "
           "read,\n4 file is not of its form, 5 out of memory, 6 no such "
           "kernel on this CPU,\n7 answer cannot be written, 8 no such "
           "sensor, 9 a child died\n");
    return 0;
}

static int print_version(int argc, char **argv, struct fail *fail)
{
    unsigned features = cpu_features();
    const struct kernel *k;
    char arch[65];

    (void)argc;
    (void)argv;
    (void)fail;
    cpu_arch(arch, sizeof arch);
    printf("labrunner %s (%s, %s)\nkernels:\n", LABSWEEP_VERSION, arch,
           __VERSION__);
    for (size_t i = 0; (k = kernel_at(i)); i++)
        printf("  %-17s %-5s %s%s\n", k->name, precision_name(k->precision),
               k->help, k->features & ~features ? " (not on this CPU)" : "");
    return 0;
}
