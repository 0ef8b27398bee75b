/* floor.c - the floor: the same command over and over, by bare libssh
 *
 *   floor CELLS PORT USER KEY COMMAND HOST...
 *
 * A thread and a connection a host; a cell is a channel, an exec, reading
 * both streams to their end and the status.  Nothing is written down and no
 * host key is checked, so nothing that keeps results can be much faster.
 * Prints one JSON line: cells that ended with status 0.
 */
#include <libssh/libssh.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct lane {
    const char *host, *user, *key, *command;
    int port;
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

static void *run_lane(void *arg)
{
    const struct lane *lane = arg;
    ssh_session session = connect_to(lane);

    if (!session)
        return NULL;
    while (atomic_fetch_sub(lane->left, 1) > 0)
        if (!run_cell(session, lane->command))
            atomic_fetch_add(lane->done, 1);
    ssh_disconnect(session);
    ssh_free(session);
    return NULL;
}

int main(int argc, char **argv)
{
    atomic_long left, done = 0;
    int lanes = argc - 6;

    if (lanes < 1) {
        fprintf(stderr, "floor CELLS PORT USER KEY COMMAND HOST...\n");
        return 2;
    }
    struct lane *lane = calloc((size_t)lanes, sizeof(*lane));
    pthread_t *thread = calloc((size_t)lanes, sizeof(*thread));
    if (!lane || !thread)
        return 1;
    atomic_init(&left, atol(argv[1]));
    for (int i = 0; i < lanes; i++) {
        lane[i] = (struct lane){ argv[6 + i],   argv[3], argv[4], argv[5],
                                 atoi(argv[2]), &left,   &done };
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
