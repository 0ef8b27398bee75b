/* floor.c - the floor: the same command over and over, by bare libssh
 *
 *   floor exec CELLS PORT USER KEY COMMAND HOST...
 *   floor serve CELLS PORT USER KEY COMMAND HOST...
 *
 * A thread and a connection a host.  exec: a cell is a channel, an exec,
 * reading both streams to their end and the status.  serve: COMMAND is
 * `labrunner serve`, started once on one channel; a cell is a request to fork
 * true, and its answer.  Nothing is written down and no
 * host key is checked, so nothing that keeps results can be much faster.
 * Prints one JSON line: cells that ended with status 0.
 */
#include <libssh/libssh.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST "{\"cmd\":\"exec\",\"argv\":[\"true\"]}\n"

struct lane {
    const char *host, *user, *key, *command;
    int port, serve;
    atomic_long *left, *done; /* shared by all lanes */
};

static ssh_session connect_to(const struct lane *lane)
{
    const int yes = 1, no = 0;
    ssh_session session = ssh_new();
    ssh_key key = NULL;

    if (!session)
        return NULL;
    ssh_options_set(session, SSH_OPTIONS_HOST, lane->host);
    ssh_options_set(session, SSH_OPTIONS_PORT, &lane->port);
    ssh_options_set(session, SSH_OPTIONS_USER, lane->user);
    ssh_options_set(session, SSH_OPTIONS_NODELAY, &yes);
    ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
    if (ssh_connect(session) == SSH_OK &&
        ssh_pki_import_privkey_file(lane->key, "", NULL, NULL, &key) ==
            SSH_OK &&
        ssh_userauth_publickey(session, NULL, key) == SSH_AUTH_SUCCESS) {
        ssh_key_free(key);
        return session;
    }
    fprintf(stderr, "floor: %s: %s\n", lane->host, ssh_get_error(session));
    ssh_key_free(key);
    ssh_free(session);
    return NULL;
}

/* One cell.  Returns its status, -1 if there is none. */
static int run_cell(ssh_session session, const char *command)
{
    ssh_channel channel = ssh_channel_new(session);
    char block[16384];
    int status = -1;

    if (!channel)
        return -1;
    if (ssh_channel_open_session(channel) == SSH_OK &&
        ssh_channel_request_exec(channel, command) == SSH_OK) {
        while (ssh_channel_read(channel, block, sizeof(block), 0) > 0)
            ;
        while (ssh_channel_read(channel, block, sizeof(block), 1) > 0)
            ;
        status = ssh_channel_get_exit_status(channel);
    }
    ssh_channel_close(channel);
    ssh_channel_free(channel);
    return status;
}

/* The served process, on a channel of its own.  NULL if it does not start. */
static ssh_channel start_server(ssh_session session, const char *command)
{
    ssh_channel channel = ssh_channel_new(session);

    if (channel && ssh_channel_open_session(channel) == SSH_OK &&
        ssh_channel_request_exec(channel, command) == SSH_OK)
        return channel;
    ssh_channel_free(channel);
    return NULL;
}

/* One request.  Returns 0 if its answer says that all is well. */
static int ask_server(ssh_channel channel)
{
    char answer[4096];
    size_t len = 0;

    if (ssh_channel_write(channel, REQUEST, sizeof(REQUEST) - 1) < 0)
        return -1;
    while (len < sizeof(answer) - 1 && (!len || answer[len - 1] != '\n')) {
        int got = ssh_channel_read(channel, answer + len,
                                   (uint32_t)(sizeof(answer) - 1 - len), 0);
        if (got <= 0)
            return -1;
        len += (size_t)got;
    }
    answer[len] = '\0';
    return strstr(answer, "\"ok\":true") ? 0 : -1;
}

static void *run_lane(void *arg)
{
    const struct lane *lane = arg;
    ssh_session session = connect_to(lane);
    ssh_channel server = NULL;

    if (!session)
        return NULL;
    if (lane->serve)
        server = start_server(session, lane->command);
    while (atomic_fetch_sub(lane->left, 1) > 0)
        if (!(server ? ask_server(server) : run_cell(session, lane->command)))
            atomic_fetch_add(lane->done, 1);
    if (server)
        ssh_channel_free(server);
    ssh_disconnect(session);
    ssh_free(session);
    return NULL;
}

int main(int argc, char **argv)
{
    atomic_long left, done = 0;
    int lanes = argc - 7;

    if (lanes < 1) {
        fprintf(stderr,
                "floor exec|serve CELLS PORT USER KEY COMMAND HOST...\n");
        return 2;
    }
    struct lane *lane = calloc((size_t)lanes, sizeof(*lane));
    pthread_t *thread = calloc((size_t)lanes, sizeof(*thread));
    if (!lane || !thread)
        return 1;
    atomic_init(&left, atol(argv[2]));
    for (int i = 0; i < lanes; i++) {
        lane[i] = (struct lane){ .host = argv[7 + i],
                                 .port = atoi(argv[3]),
                                 .user = argv[4],
                                 .key = argv[5],
                                 .command = argv[6],
                                 .serve = !strcmp(argv[1], "serve"),
                                 .left = &left,
                                 .done = &done };
        if (pthread_create(&thread[i], NULL, run_lane, &lane[i]))
            return 1;
    }
    for (int i = 0; i < lanes; i++)
        pthread_join(thread[i], NULL);
    printf("{\"cells\": %ld}\n", atomic_load(&done));
    free(lane);
    free(thread);
    return 0;
}
