/* wan.c - a switch between network namespaces, with delay, loss and cuts
 *
 *   wan LAB_NETNS BOARD_PREFIX N CONTROL
 *
 * For kernels without sch_netem.  Makes a TUN device "eth0" in LAB_NETNS
 * (192.0.2.254) and in each BOARD_PREFIX1 to BOARD_PREFIXn (192.0.2.I), and
 * carries IPv4 packets between them.  Says "ready" once the devices are
 * there, then reads lines from the FIFO CONTROL (I 0: every board):
 *   delay I MS     one way, between board I and everybody else
 *   loss I PERCENT of its packets, either way, by a seeded generator
 *   cut I | mend I
 * Needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BOARDS_MAX   250
#define LAB_OCTET    254
#define QUEUE_MAX    1024
#define PACKET_MAX   65536
#define BURST        64
#define IPV4_HEAD    20
#define IPV4_DEST_AT 16

struct packet {
    int64_t due_ns;
    size_t len;
    uint8_t *bytes;
};

/* An end of the wire: port 0 is the lab, port I is board I. */
struct port {
    int fd;
    bool cut;
    double loss_pct;
    int64_t delay_ns;
    struct packet queue[QUEUE_MAX]; /* a ring of what goes to it */
    size_t head, len;
};

static struct port *ports;
static int ports_len;

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Uniform in [0, 100): xorshift64. */
static double chance_pct(void)
{
    static uint64_t state = 88172645463325252;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0 * 100;
}

static void fail(const char *what)
{
    fprintf(stderr, "wan: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Make the device in the namespace of that name. */
static int make_device(const char *netns)
{
    struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    char path[256];

    snprintf(path, sizeof(path), "/run/netns/%s", netns);
    int ns = open(path, O_RDONLY | O_CLOEXEC);
    if (ns < 0 || setns(ns, CLONE_NEWNET))
        fail(path);
    close(ns);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    snprintf(request.ifr_name, sizeof(request.ifr_name), "eth0");
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
        fail("/dev/net/tun");
    return fd;
}

static int port_of(uint8_t octet)
{
    if (octet == LAB_OCTET)
        return 0;
    return octet >= 1 && octet < ports_len ? octet : -1;
}

static void enqueue(int from, int to, const uint8_t *bytes, size_t len)
{
    const struct port *source = &ports[from];
    struct port *port = &ports[to];
    double kept = (100 - source->loss_pct) * (100 - port->loss_pct) / 100;

    if (source->cut || port->cut || port->len == QUEUE_MAX ||
        chance_pct() >= kept)
        return;
    struct packet packet = { .len = len, .bytes = malloc(len) };
    if (!packet.bytes)
        return;
    memcpy(packet.bytes, bytes, len);
    packet.due_ns = now_ns() + source->delay_ns + port->delay_ns;
    if (port->len) { /* nobody overtakes */
        size_t last = (port->head + port->len - 1) % QUEUE_MAX;
        if (packet.due_ns < port->queue[last].due_ns)
            packet.due_ns = port->queue[last].due_ns;
    }
    port->queue[(port->head + port->len++) % QUEUE_MAX] = packet;
}

static void take_in(int from)
{
    static uint8_t bytes[PACKET_MAX];

    for (int i = 0; i < BURST; i++) {
        ssize_t got = read(ports[from].fd, bytes, sizeof(bytes));
        if (got < IPV4_HEAD)
            return;
        int to = bytes[0] >> 4 == 4 ? port_of(bytes[IPV4_DEST_AT + 3]) : -1;
        if (to >= 0)
            enqueue(from, to, bytes, (size_t)got);
    }
}

/* Deliver what is due; returns when the next packet is. */
static int64_t deliver(struct port *port)
{
    int64_t now = now_ns();

    while (port->len) {
        struct packet *packet = &port->queue[port->head];
        if (packet->due_ns > now)
            return packet->due_ns;
        if (!port->cut && write(port->fd, packet->bytes, packet->len) < 0 &&
            errno == EAGAIN)
            return now + 1000000;
        free(packet->bytes);
        port->head = (port->head + 1) % QUEUE_MAX;
        port->len--;
    }
    return INT64_MAX;
}

static void obey_port(struct port *port, const char *verb, double value)
{
    if (!strcmp(verb, "delay"))
        port->delay_ns = (int64_t)(value * 1e6);
    else if (!strcmp(verb, "loss"))
        port->loss_pct = value;
    else if (!strcmp(verb, "cut") || !strcmp(verb, "mend"))
        port->cut = verb[0] == 'c';
}

static void obey(const char *line)
{
    char verb[16];
    double value = 0;
    int which;

    if (sscanf(line, "%15s %d %lf", verb, &which, &value) < 2)
        return;
    for (int i = 1; i < ports_len; i++)
        if (!which || which == i)
            obey_port(&ports[i], verb, value);
}

static void hear(int control)
{
    char text[4096], *rest = text;
    ssize_t got = read(control, text, sizeof(text) - 1);

    if (got <= 0)
        return;
    text[got] = '\0';
    for (char *line; (line = strtok_r(rest, "\n", &rest));)
        obey(line);
}

static void carry(int control)
{
    static struct pollfd fds[BOARDS_MAX + 2];

    for (;;) {
        int64_t next = INT64_MAX;
        struct timespec left = { 0 };
        for (int i = 0; i < ports_len; i++) {
            int64_t due = deliver(&ports[i]);
            next = due < next ? due : next;
            fds[i] = (struct pollfd){ .fd = ports[i].fd, .events = POLLIN };
        }
        fds[ports_len] = (struct pollfd){ .fd = control, .events = POLLIN };
        if (next != INT64_MAX) {
            int64_t wait_ns = next - now_ns();
            wait_ns = wait_ns > 0 ? wait_ns : 0;
            left.tv_sec = (time_t)(wait_ns / 1000000000);
            left.tv_nsec = (long)(wait_ns % 1000000000);
        }
        if (ppoll(fds, (nfds_t)ports_len + 1, next == INT64_MAX ? NULL : &left,
                  NULL) < 0)
            continue;
        for (int i = 0; i < ports_len; i++)
            if (fds[i].revents & POLLIN)
                take_in(i);
        if (fds[ports_len].revents & POLLIN)
            hear(control);
    }
}

int main(int argc, char **argv)
{
    int boards = argc == 5 ? atoi(argv[3]) : 0;

    if (boards < 1 || boards > BOARDS_MAX) {
        fprintf(stderr, "wan LAB_NETNS BOARD_PREFIX N CONTROL\n");
        return 2;
    }
    prctl(PR_SET_NAME, "wan");
    ports_len = boards + 1;
    ports = calloc((size_t)ports_len, sizeof(*ports));
    if (!ports || (mkfifo(argv[4], 0600) && errno != EEXIST))
        fail(argv[4]);
    int control = open(argv[4], O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (control < 0)
        fail(argv[4]);
    for (int i = 0; i < ports_len; i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s%d", argv[2], i);
        ports[i].fd = make_device(i ? name : argv[1]);
    }
    puts("ready");
    fflush(stdout);
    carry(control);
}
