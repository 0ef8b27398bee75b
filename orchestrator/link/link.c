/* link.c - calls through the driver */
#include "orchestrator/link/link.h"

int link_send(struct link *link, uint32_t peer, const void *data, size_t len,
              struct err *err)
{
    return link->driver->send(link, peer, data, len, err);
}

int link_receive(struct link *link, int64_t timeout_ns, uint32_t *ret_peer,
                 struct buf *frame, struct err *err)
{
    return link->driver->receive(link, timeout_ns, ret_peer, frame, err);
}

int link_flush(struct link *link, struct err *err)
{
    return link->driver->flush ? link->driver->flush(link, err) : 0;
}

void link_wake(struct link *link)
{
    link->driver->wake(link);
}

uint32_t link_peers(const struct link *link)
{
    return link->peers;
}

void link_close(struct link *link)
{
    if (link)
        link->driver->close(link);
}
