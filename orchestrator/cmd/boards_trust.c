/* boards_trust.c - host keys shown to a person, then written down */
#include "orchestrator/cmd/boards_trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fs.h"
#include "workers/lane_board.h"
#include "workers/transport/host_keys.h"
#include "workers/transport/known_hosts.h"

static const char *const verdict_words[] = { "known", "unknown", "CHANGED",
                                             "REVOKED" };

bool boards_chosen(const struct invocation *inv, const struct board *board)
{
    if (options_count(inv->options) < 2)
        return true;
    for (size_t i = 1; options_arg(inv->options, i); i++)
        if (!strcmp(options_arg(inv->options, i), board->name))
            return true;
    return false;
}

/* Where accepted keys go: the board's file, or the user's own. */
static const char *keys_file(const struct board *board, char *path, size_t size)
{
    const char *home = getenv("HOME");

    if (board->known_hosts)
        return board->known_hosts;
    snprintf(path, size, "%s/.ssh/known_hosts", home ? home : "");
    return path;
}

static bool agreed(const struct invocation *inv, const char *board)
{
    char answer[16];

    if (options_has(inv->options, "yes"))
        return true;
    if (!isatty(STDIN_FILENO) || options_has(inv->options, "json"))
        return false;
    printf("trust these keys of %s? [y/N] ", board);
    fflush(stdout);
    return fgets(answer, sizeof(answer), stdin) &&
           (answer[0] == 'y' || answer[0] == 'Y');
}

static int append_keys(const char *path, const struct host_key *keys,
                       size_t count, struct err *err)
{
    struct buf lines = { 0 };
    int fd, rc = 0;

    for (size_t i = 0; i < count; i++)
        if (keys[i].verdict == KNOWN_HOSTS_UNKNOWN)
            buf_printf(&lines, "%s %s %s\n", keys[i].known_as, keys[i].type,
                       keys[i].base64);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, lines.data, lines.len) != (ssize_t)lines.len ||
        fsync(fd))
        rc = err_set_errno(err, ERR_IO, "cannot write '%s'", path);
    if (fd >= 0)
        close(fd);
    buf_free(&lines);
    return rc;
}

static struct json_value *key_to_json(const struct host_key *key)
{
    struct json_value *value = json_new_object();

    json_set_string(value, "host", key->known_as);
    json_set_string(value, "type", key->type);
    json_set_string(value, "fingerprint", key->fingerprint);
    json_set_string(value, "verdict", verdict_words[key->verdict]);
    return value;
}

/* Show what a board's server says; 0 if all of it is known now. */
static int trust_keys(const struct invocation *inv, const struct board *board,
                      struct host_key *keys, size_t count,
                      struct json_value *rows, struct err *err)
{
    char own[FS_PATH_MAX];
    const char *path = keys_file(board, own, sizeof(own));
    size_t unknown = 0, bad = 0;
    int rc = 0;

    for (size_t i = 0; i < count; i++) {
        unknown += keys[i].verdict == KNOWN_HOSTS_UNKNOWN;
        bad += keys[i].verdict == KNOWN_HOSTS_CHANGED ||
               keys[i].verdict == KNOWN_HOSTS_REVOKED;
        json_push(rows, key_to_json(&keys[i]));
        if (!options_has(inv->options, "json"))
            printf("%-16s %-22s %-20s %s  %s\n", board->name, keys[i].known_as,
                   keys[i].type, keys[i].fingerprint,
                   verdict_words[keys[i].verdict]);
    }
    if (bad) {
        fprintf(stderr,
                "labsweep boards: %s shows a key that is not the one in '%s': "
                "find out why before you edit that file\n",
                board->name, path);
        return 1;
    }
    if (unknown && agreed(inv, board->name)) {
        rc = append_keys(path, keys, count, err);
        unknown = 0;
    }
    return rc ? rc : unknown > 0;
}

static int trust_board(const struct invocation *inv, const struct board *board,
                       struct json_value *rows, struct err *err)
{
    struct transport_target target = lane_target(board, 0);
    struct host_key *keys;
    struct err why;
    size_t count;
    int rc = transport_host_keys(&target, &keys, &count, &why);

    if (rc) {
        fprintf(stderr, "labsweep boards: %s: %s\n", board->name, why.text);
        return 1;
    }
    rc = trust_keys(inv, board, keys, count, rows, err);
    host_keys_free(keys, count);
    return rc;
}

/* Where what boards share is leased: a host like any. */
static const struct board *lease_host(const struct invocation *inv,
                                      const struct inventory *inventory)
{
    const struct board *host = inventory->lease_host;

    return host && !strcmp(host->transport, "ssh") && boards_chosen(inv, host)
               ? host
               : NULL;
}

int boards_trust(const struct invocation *inv,
                 const struct inventory *inventory, struct err *err)
{
    struct json_value *rows = json_new_array();
    const struct board *host = lease_host(inv, inventory);
    int rc = host ? trust_board(inv, host, rows, err) : 0;
    int worst = rc > 0 ? rc : 0;

    for (size_t i = 0; rc >= 0 && i < inventory->boards_len; i++) {
        const struct board *board = &inventory->boards[i];

        if (strcmp(board->transport, "ssh") != 0 || !boards_chosen(inv, board))
            continue;
        rc = trust_board(inv, board, rows, err);
        worst = rc > worst ? rc : worst;
    }
    if (rc >= 0 && options_has(inv->options, "json")) {
        rc = command_print_json(inv, rows, err);
        rows = NULL;
    }
    json_value_destroy(rows);
    return rc < 0 ? rc : worst;
}
