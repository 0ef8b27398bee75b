/* host_keys.c - the keys a server shows, for a person to judge */
#include "workers/transport/host_keys.h"

#include <stdlib.h>

#include "core/vec.h"
#include "workers/transport/ssh_settings.h"
#include "workers/transport/sshlink.h"

int transport_host_keys(const struct transport_target *target,
                        struct host_key **ret_keys, size_t *ret_count,
                        struct err *err)
{
    VEC(struct host_key) keys = { 0 };
    struct ssh_settings settings = { 0 };
    struct err first = { 0 };
    const char *type;

    int rc = ssh_settings_find(target, false, &settings, err);
    for (size_t i = 0; !rc && (type = sshlink_key_type(i)); i++) {
        struct host_key key;
        struct err why = { 0 };
        int got = sshlink_fetch_key(&settings, type, target, &key, &why);
        if (!got && !VEC_PUSH(&keys, key)) {
            free(key.base64);
            rc = err_set(err, ERR_NOMEM, "no memory for host keys");
        }
        if (got && !first.code)
            first = why;
        /* a server that is not there for one type is not for the others */
        if (got == ERR_REFUSED || got == ERR_TIMEOUT || got == ERR_USAGE)
            break;
    }
    if (!rc && !keys.len)
        rc = err_set(err, first.code, "%s", first.text);
    ssh_settings_free(&settings);
    if (rc) {
        host_keys_free(keys.at, keys.len);
        return rc;
    }
    *ret_keys = keys.at;
    *ret_count = keys.len;
    return 0;
}

void host_keys_free(struct host_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(keys[i].base64);
    free(keys);
}
