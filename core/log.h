/* log.h - one line a happening, to standard error
 *
 * Only layers 4 and 5 log errors; below, they are returned.  Standard output
 * is for results.  Thread-safe: a line is written whole.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

enum log_level {
    LOG_ERROR,
    LOG_WARN,
    LOG_INFO,
    LOG_DEBUG,
};

/* Lines above 'level' are dropped; LOG_INFO at the start. */
void log_set_level(enum log_level level);

/* Put before every line, e.g. "rank 2"; copied, NULL for nothing. */
void log_set_name(const char *name);

/* Take a hook called before and after each line (both may be NULL), so that
 * a progress bar can step aside. */
void log_set_hooks(void (*before)(void), void (*after)(void));

/* Write "labsweep: NAME: ROOM: LEVEL: ..." to standard error, unless it is
 * above the level. */
void log_line(enum log_level level, const char *room, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
