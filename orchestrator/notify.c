/* notify.c - the user's command, started with facts in its environment */
#include "orchestrator/notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "orchestrator/child.h"

#define FACTS       7
#define FACT_MAX    1024
#define REAP_NAP_NS 20000000

extern char **environ;

struct facts {
    char text[FACTS][FACT_MAX];
    size_t len;
};

static void add(struct facts *facts, const char *name, const char *value)
{
    snprintf(facts->text[facts->len++], FACT_MAX, "%s=%s", name,
             value ? value : "");
}

static void add_count(struct facts *facts, const char *name, size_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%zu", value);
    add(facts, name, text);
}

/* The environment with the facts before it; NULL without memory. */
static char **with_facts(struct facts *facts)
{
    size_t len = 0;
    char **all;

    while (environ[len])
        len++;
    all = calloc(len + FACTS + 1, sizeof(*all));
    for (size_t i = 0; all && i < facts->len; i++)
        all[i] = facts->text[i];
    if (all)
        memcpy(all + facts->len, environ, len * sizeof(*all));
    return all;
}

static int spawn(const char *command, char **env, pid_t *ret_child)
{
    char sh[] = "/bin/sh", flag[] = "-c";
    char *argv[] = { sh, flag, (char *)command, NULL };

    return child_start(argv, env, ret_child);
}

void notify_send(struct notify *notify, const struct notice *notice)
{
    const struct sched_counts *c = &notice->counts;
    struct facts facts = { .len = 0 };
    pid_t child;
    char **env;
    int rc;

    if (!notify->command)
        return;
    add(&facts, "LABSWEEP_EVENT", notice->event);
    add(&facts, "LABSWEEP_CAMPAIGN", notify->dir);
    add(&facts, "LABSWEEP_BOARD", notice->board);
    add(&facts, "LABSWEEP_TEXT", notice->text);
    add_count(&facts, "LABSWEEP_OK", c->ok);
    add_count(&facts, "LABSWEEP_FAILED", c->failed);
    add_count(&facts, "LABSWEEP_LEFT", c->planned + c->running);
    env = with_facts(&facts);
    rc = env ? spawn(notify->command, env, &child) : ENOMEM;
    free(env);
    if (rc)
        log_line(LOG_WARN, "notify", "cannot start '%s': %s", notify->command,
                 strerror(rc));
    else if (!VEC_PUSH(&notify->children, child))
        log_line(LOG_WARN, "notify", "no memory to wait for a command");
}

static void reap_ended(struct notify *notify)
{
    size_t kept = 0;

    for (size_t i = 0; i < notify->children.len; i++) {
        pid_t child = notify->children.at[i];
        int status = 0;

        if (waitpid(child, &status, WNOHANG) == 0) {
            notify->children.at[kept++] = child;
            continue;
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status))
            log_line(LOG_WARN, "notify", "'%s' failed", notify->command);
    }
    notify->children.len = kept;
}

void notify_reap(struct notify *notify, double wait_s)
{
    int64_t until = clock_mono_ns() + S_TO_NS(wait_s);
    const struct timespec nap = { .tv_nsec = REAP_NAP_NS };

    reap_ended(notify);
    while (notify->children.len && clock_mono_ns() < until) {
        nanosleep(&nap, NULL);
        reap_ended(notify);
    }
    if (wait_s <= 0)
        return;
    if (notify->children.len)
        log_line(LOG_WARN, "notify", "'%s' goes on", notify->command);
    VEC_FREE(&notify->children);
}
