/* fuzz_transport.c - known_hosts, ssh -G and a login shell's first words */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "workers/transport/known_hosts.h"
#include "workers/transport/shell_wrap.h"
#include "workers/transport/ssh_settings.h"

static void try_jump(const char *text)
{
    char *host = NULL, *user = NULL, *rest = NULL;
    int port;

    if (!ssh_settings_split_jump(text, &host, &user, &port, &rest, NULL)) {
        free(host);
        free(user);
        free(rest);
    }
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct buf types = { 0 }, text = { 0 };
    struct known_hosts_finding finding = { .types = &types };
    struct ssh_settings settings = { .given = strdup("h"),
                                     .host = strdup("h"),
                                     .user = strdup("u") };
    int64_t group;
    size_t from, to;

    known_hosts_search((const char *)data, size, "[h]:2222", "ssh-rsa", "A",
                       &finding);
    known_hosts_verdict(&finding);
    if (settings.given && settings.host && settings.user)
        ssh_settings_parse((const char *)data, size, "/home/u", &settings,
                           NULL);
    shell_wrap_traits(data, size);
    shell_wrap_find_group(data, size, &group, &from, &to);
    buf_put(&text, data, size);
    try_jump(buf_text(&text));
    ssh_settings_free(&settings);
    buf_free(&types);
    buf_free(&text);
}
