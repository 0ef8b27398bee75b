/* log.c - whole lines to standard error */
#include "core/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum log_level limit = LOG_INFO;
static char who[32];
static void (*hook_before)(void), (*hook_after)(void);

void log_set_level(enum log_level level)
{
    pthread_mutex_lock(&lock);
    limit = level;
    pthread_mutex_unlock(&lock);
}

void log_set_name(const char *name)
{
    pthread_mutex_lock(&lock);
    snprintf(who, sizeof(who), "%s", name ? name : "");
    pthread_mutex_unlock(&lock);
}

void log_set_hooks(void (*before)(void), void (*after)(void))
{
    pthread_mutex_lock(&lock);
    hook_before = before;
    hook_after = after;
    pthread_mutex_unlock(&lock);
}

void log_line(enum log_level level, const char *room, const char *fmt, ...)
{
    static const char *const words[] = { "error", "warning", "info", "debug" };
    char line[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    pthread_mutex_lock(&lock);
    if (level <= limit) {
        if (hook_before)
            hook_before();
        fprintf(stderr, "labsweep: %s%s%s: %s: %s\n", who, *who ? ": " : "",
                room, words[level], line);
        if (hook_after)
            hook_after();
    }
    pthread_mutex_unlock(&lock);
}
