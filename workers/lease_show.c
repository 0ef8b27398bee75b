/* lease_show.c - a keeper that is only asked to show */
#include "workers/lease_show.h"

#include <string.h>

#include "workers/lease_keeper.h"
#include "workers/transport/transport_exec.h"

#define LOOK_S      30.0
#define LEASES_MAX_ ((size_t)1 << 20)

static int exec(struct transport *transport, const char *command,
                const char *input, struct buf *out, struct err *err)
{
    const struct exec_limits limits = { .total_s = LOOK_S,
                                        .max_stdout = LEASES_MAX_ };
    struct exec_result result = { 0 };
    int rc = transport_exec(transport, command, input, strlen(input), &limits,
                            -1, &result, err);

    if (!rc)
        rc = exec_result_check(&result, "looking at leases", err);
    if (!rc)
        buf_put(out, result.out.data, result.out.len);
    exec_result_free(&result);
    return rc;
}

/* As find_dir() of a lane does it, where no lane is. */
int lease_resolve_dir(struct transport *transport, const char *dir,
                      struct buf *path, struct err *err)
{
    int rc = 0;

    if (*dir != '/') {
        rc = exec(transport, "printf %s/ \"$HOME\"", "", path, err);
        dir += !strncmp(dir, "~/", 2) ? 2 : 0;
    }
    buf_printf(path, "%s", dir);
    return rc;
}

int lease_show(struct transport *transport, const char *dir,
               struct lease_list *ret_list, struct err *err)
{
    struct lease_words words = { .token = "-",
                                 .name = "-",
                                 .campaign = "-",
                                 .owner = "-",
                                 .host = "-",
                                 .reason = "-",
                                 .names = "-" };
    struct buf path = { 0 }, command = { 0 };
    int rc = lease_resolve_dir(transport, dir, &path, err);

    *ret_list = (struct lease_list){ 0 };
    words.dir = buf_text(&path);
    lease_keeper_command(&words, &command);
    if (!rc)
        rc = exec(transport, buf_text(&command), "show\nleave\n",
                  &ret_list->text, err);
    if (!rc && !lease_parse_now(buf_text(&ret_list->text), ret_list->text.len,
                                &ret_list->uptime_s, ret_list->boot))
        rc = err_set(err, ERR_FORMAT, "the board tells no uptime");
    if (rc)
        buf_free(&ret_list->text);
    buf_free(&path);
    buf_free(&command);
    return rc;
}

bool lease_list_next(struct lease_list *list, struct lease *ret_lease)
{
    size_t used = lease_parse(buf_text(&list->text) + list->at,
                              list->text.len - list->at, ret_lease);

    list->at += used;
    return used > 0;
}

int64_t lease_left_s(const struct lease_list *list, const struct lease *lease)
{
    if (strcmp(list->boot, lease->boot) != 0)
        return 0;
    return lease->until_s - list->uptime_s;
}
