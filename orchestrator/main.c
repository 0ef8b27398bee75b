/* main.c - find the row, start MPI only if it says so, print the error */
#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/log.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/project.h"
#include "orchestrator/cmd/rank.h"
#include "orchestrator/coordinator.h"
#include "orchestrator/signals.h"

/* What mpirun tells its ranks; without it nothing of MPI is touched. */
static bool under_mpirun(void)
{
    const char *size = getenv("OMPI_COMM_WORLD_SIZE");

    return size && atoi(size) > 1;
}

static void print_error(const struct invocation *inv, const struct err *err)
{
    struct json_value *value, *inner;
    struct buf text = { 0 };

    fprintf(stderr, "labsweep%s%s: %s\n", inv->command ? " " : "",
            inv->command ? inv->command->name : "", err->text);
    if (!inv->options || !options_has(inv->options, "json"))
        return;
    value = json_new_object();
    inner = json_new_object();
    json_set_string(inner, "code", err_word(err->code));
    json_set_string(inner, "text", err->text);
    json_set(value, "error", inner);
    if (!json_print(value, false, &text, NULL))
        printf("%s\n", buf_text(&text));
    json_value_destroy(value);
    buf_free(&text);
}

static int check_args(const struct command *command,
                      const struct options *options, struct err *err)
{
    size_t count = options_count(options);

    if (count >= command->args_min && count <= command->args_max)
        return 0;
    return err_set(err, ERR_USAGE, "expected %s, found %zu word%s",
                   *command->args ? command->args : "no words", count,
                   count == 1 ? "" : "s");
}

/* Run the command; its exit code. */
static int perform(struct invocation *inv, struct options *options)
{
    struct err err = { 0 };
    int rc;

    inv->options = options;
    rc = check_args(inv->command, options, &err);
    if (!rc)
        rc = inv->command->exec(inv, &err);
    if (rc == EXIT_CODE_OK)
        rc = command_flush(&err);
    if (rc >= 0)
        return rc;
    print_error(inv, &err);
    return err_exit_code(&err);
}

/* Under `labsweep launch` the exit code travels in a file, for mpirun was
 * seen to turn 3 into 0. */
static int hand_over(int code)
{
    const char *path = getenv("LABSWEEP_EXIT_FILE");
    char text[16];

    if (!path)
        return code;
    snprintf(text, sizeof(text), "%d\n", code);
    if (fs_write_atomic(path, text, strlen(text), NULL))
        return code;
    return 0;
}

/* Under `labsweep launch` the coordinator holds a lock on a file for as long
 * as it lives, so that its death is seen though mpirun and the workers go
 * on.  The descriptor stays open on purpose. */
static void show_alive(void)
{
    const char *path = getenv("LABSWEEP_ALIVE_FILE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (fd >= 0)
        flock(fd, LOCK_EX | LOCK_NB);
}

static int perform_as_rank(struct invocation *inv, struct options *options)
{
    int rank = 0, code, provided;
    struct link *link = NULL;
    struct err err;
    bool lost;

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* no rank outlives mpirun */
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    signals_catch(); /* after MPI, which has handlers of its own */
    if (link_mpi_open(&link, &err)) {
        print_error(inv, &err);
        code = err_exit_code(&err);
    } else if (rank > 0) {
        code = rank_serve(link, rank, options_text(options, "site", NULL));
    } else {
        show_alive();
        inv->link = link;
        code = hand_over(perform(inv, options));
        coordinator_dismiss(link);
    }
    lost = link && link->lost;
    link_close(link);
    if (lost) { /* MPI would wait for the rank that is gone */
        fflush(NULL);
        _exit(rank > 0 ? 0 : code);
    }
    MPI_Finalize();
    return rank > 0 ? 0 : code;
}

static int run_command(struct invocation *inv, size_t argc, char **argv)
{
    struct options *options = NULL;
    struct err err;
    int code;

    if (options_parse(inv->command->options, argc, argv, &options, &err)) {
        print_error(inv, &err);
        return EXIT_CODE_USAGE;
    }
    if (options_has(options, "help")) {
        command_help(inv->command);
        code = 0;
    } else if (inv->command->needs_mpi && under_mpirun()) {
        code = perform_as_rank(inv, options);
    } else {
        if (inv->command->needs_mpi)
            signals_catch();
        code = perform(inv, options);
    }
    options_destroy(options);
    return code;
}

static int unknown_command(const char *name)
{
    const char *near = command_nearest(name);

    fprintf(stderr, "labsweep: unknown command '%s'", name);
    if (near)
        fprintf(stderr, ", did you mean '%s'?", near);
    fprintf(stderr, " (`labsweep --help` lists them)\n");
    return EXIT_CODE_USAGE;
}

int main(int argc, char **argv)
{
    char bin_dir[FS_PATH_MAX];
    struct invocation inv = { .bin_dir = bin_dir,
                              .project_dir = project_dir() };
    struct err err;

    if (fs_program_dir(bin_dir, sizeof(bin_dir), &err)) {
        print_error(&inv, &err);
        return EXIT_CODE_IO;
    }
    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
        !strcmp(argv[1], "help")) {
        command_help_all();
        return argc < 2 ? EXIT_CODE_USAGE : EXIT_CODE_OK;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("labsweep %s\n", LABSWEEP_VERSION);
        return EXIT_CODE_OK;
    }
    inv.command = command_find(argv[1]);
    if (!inv.command)
        return unknown_command(argv[1]);
    return run_command(&inv, (size_t)argc - 2, argv + 2);
}
