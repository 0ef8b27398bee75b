/* shell_wrap.h - commands for login shells of any make, and their group
 *
 * sshd hands a command to the login shell, be it bash, dash, csh or fish,
 * in a session of its own (dropbear: not).  Before the command its shell
 * says the number of its process group on standard output, by which it can
 * be killed later.  A probe at the first contact tells what the shell is
 * like.  Pure: text in, text out.
 */
#ifndef WORKERS_TRANSPORT_SHELL_WRAP_H
#define WORKERS_TRANSPORT_SHELL_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

/* What the probe found; all false is the careful choice. */
struct shell_traits {
    bool posix;  /* reads a POSIX command as it is */
    bool leads;  /* leads a process group of its own */
    bool setsid; /* setsid(1) is there */
};

/* The most that may come before the group's line (start-up files that talk)
 * until the search is given up. */
#define SHELL_WRAP_NOISE_MAX ((size_t)65536)

/* The probe: a command that any shell survives. */
const char *shell_wrap_probe(void);

/* Read the probe's standard output. */
struct shell_traits shell_wrap_traits(const void *out, size_t len);

/* Append what is to be sent so that a POSIX shell runs 'command' after
 * having said its group. */
void shell_wrap_command(const struct shell_traits *traits, const char *command,
                        struct buf *out);

/* Append what is to be sent to run a plain command (letters, digits, spaces
 * and -_./ only) without saying anything first. */
void shell_wrap_plain(const struct shell_traits *traits, const char *command,
                      struct buf *out);

/* Look for the group's line in the beginning of standard output.
 *
 * Returns true if it is there whole: sets ret_group, ret_from and ret_to,
 * its place (what comes before is noise of start-up files). */
bool shell_wrap_find_group(const void *out, size_t len, int64_t *ret_group,
                           size_t *ret_from, size_t *ret_to);

#endif
