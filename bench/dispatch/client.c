/* client.c - how long a command takes, and what CPU its whole client side
 *
 *   client REPORT COMMAND [ARG]...
 *
 * Runs the command and writes one line, "WALL_S CPU_S STATUS MEMORY_KIB", to
 * REPORT.  Memory is the peak of the largest of its processes.
 * CPU is that of all processes that come of it, also of those that outlive
 * it (ssh's ControlPersist masters): they become our children
 * (PR_SET_CHILD_SUBREAPER), are ended, waited for, and counted.  Wall time
 * is until the command itself ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TERM_GRACE_MS 2000

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

/* Send 'signal' to all that are our children now. */
static void signal_children(int signal)
{
    char path[64], text[65536];

    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    fclose(file);
    for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n"))
        kill((pid_t)atol(word), signal);
}

/* End and reap whatever outlived the command. */
static void reap_leftovers(void)
{
    const struct timespec pause = { .tv_nsec = 1000000 };
    double start_s = now_s();

    for (;;) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0 && errno == ECHILD)
            return;
        if (pid > 0)
            continue;
        double waited_ms = (now_s() - start_s) * 1e3;
        signal_children(waited_ms < TERM_GRACE_MS ? SIGTERM : SIGKILL);
        nanosleep(&pause, NULL);
    }
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status = 0;

    if (argc < 3) {
        fprintf(stderr, "client REPORT COMMAND [ARG]...\n");
        return 2;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    double start_s = now_s();
    pid_t pid = fork();
    if (!pid) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "client: %s: %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    double wall_s = now_s() - start_s;
    reap_leftovers();
    getrusage(RUSAGE_CHILDREN, &usage);
    FILE *report = fopen(argv[1], "we");
    if (pid < 0 || !report)
        return 1;
    fprintf(report, "%.4f %.4f %d %ld\n", wall_s,
            seconds(usage.ru_utime) + seconds(usage.ru_stime),
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            usage.ru_maxrss);
    return fclose(report) ? 1 : 0;
}
