/* tcp.c - a TCP connection that notices when the other side is gone */
#include "workers/transport/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workers/transport/driver.h"

#define KEEP_IDLE_S       5
#define KEEP_INTERVAL_S   3
#define KEEP_COUNT        3
#define UNANSWERED_MAX_MS 15000

static void set_options(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        { IPPROTO_TCP, TCP_NODELAY, 1 },
        { SOL_SOCKET, SO_KEEPALIVE, 1 },
        { IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S },
        { IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S },
        { IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT },
        { IPPROTO_TCP, TCP_USER_TIMEOUT, UNANSWERED_MAX_MS },
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                   sizeof(options[i].value));
}

/* Connect to one address.  Returns 0 or an errno (ETIMEDOUT at the
 * deadline). */
static int connect_one(const struct addrinfo *to, int64_t deadline_ns,
                       int *ret_fd)
{
    int fd =
        socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
               to->ai_protocol);
    if (fd < 0)
        return errno;
    set_options(fd);
    int failed = connect(fd, to->ai_addr, to->ai_addrlen) ? errno : 0;
    if (failed == EINPROGRESS) {
        struct pollfd writable = { .fd = fd, .events = POLLOUT };
        int ready = poll(&writable, 1, transport_poll_ms(deadline_ns));
        socklen_t size = sizeof(failed);
        if (ready > 0)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size);
        else
            failed = ETIMEDOUT;
    }
    if (failed)
        close(fd);
    else
        *ret_fd = fd;
    return failed;
}

int tcp_dial(const char *host, int port, int family, int64_t deadline_ns,
             int *ret_fd, struct err *err)
{
    struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    char service[16];
    int failed = 0, fd = -1;

    snprintf(service, sizeof(service), "%d", port);
    int rc = getaddrinfo(host, service, &hints, &found);
    if (rc)
        return err_set(err, ERR_IO, "cannot find host '%s': %s", host,
                       gai_strerror(rc));
    for (struct addrinfo *to = found; to && fd < 0; to = to->ai_next)
        failed = connect_one(to, deadline_ns, &fd);
    freeaddrinfo(found);
    if (fd >= 0) {
        *ret_fd = fd;
        return 0;
    }
    errno = failed;
    return err_set_errno(err, failed == ETIMEDOUT ? ERR_TIMEOUT : ERR_IO,
                         "cannot connect to %s port %d", host, port);
}
