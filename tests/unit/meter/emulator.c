/* emulator.c - servers that speak as instruments do */
#include "tests/unit/meter/emulator.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"

const struct fake_wave emulator_wave = { 2, 5, 0.8 };

double emulator_power(void)
{
    return fake_wave_at(&emulator_wave, clock_unix_ns());
}

/* A listening socket on a free port, its address written. */
static int listen_on(int type, struct emulator *e)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) ||
        (type == SOCK_STREAM && listen(fd, 8)) ||
        getsockname(fd, (struct sockaddr *)&at, &len))
        abort();
    snprintf(e->address, sizeof(e->address), "127.0.0.1:%d",
             ntohs(at.sin_port));
    return fd;
}

static pid_t child(void)
{
    pid_t pid = fork();

    if (pid < 0)
        abort();
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
    }
    return pid;
}

/* Answer lines of a descriptor until it ends. */
static void answer_lines(int fd, emulator_answer *answer)
{
    char line[512], reply[1024];
    size_t len = 0;
    char c;

    while (read(fd, &c, 1) == 1) {
        if (c != '\n' && len + 1 < sizeof(line)) {
            line[len++] = c;
            continue;
        }
        line[len] = 0;
        line[strcspn(line, "\r")] = 0;
        len = 0;
        reply[0] = 0;
        answer(line, reply, sizeof(reply));
        if (reply[0] && write(fd, reply, strlen(reply)) < 0)
            return;
    }
}

bool emulator_lines(emulator_answer *answer, struct emulator *e)
{
    int door, fd;

    *e = (struct emulator){ 0 };
    door = listen_on(SOCK_STREAM, e);
    e->pid = child();
    while (!e->pid)
        if ((fd = accept(door, NULL, NULL)) >= 0) {
            answer_lines(fd, answer);
            close(fd);
        }
    close(door);
    return true;
}

bool emulator_raw(emulator_serve *serve, struct emulator *e)
{
    int door, fd;

    *e = (struct emulator){ 0 };
    door = listen_on(SOCK_STREAM, e);
    e->pid = child();
    for (size_t i = 0; !e->pid; i++)
        if ((fd = accept(door, NULL, NULL)) >= 0) {
            serve(fd, i);
            close(fd);
        }
    close(door);
    return true;
}

/* ---- terminals */

/* The master's end of a raw terminal, its path written. */
static int open_terminal(struct emulator *e)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY), slave;
    struct termios line;

    if (fd < 0 || grantpt(fd) || unlockpt(fd))
        abort();
    snprintf(e->address, sizeof(e->address), "%s", ptsname(fd));
    slave = open(e->address, O_RDWR | O_NOCTTY); /* stays open: no hang-up */
    if (slave < 0 || tcgetattr(slave, &line))
        abort();
    cfmakeraw(&line);
    tcsetattr(slave, TCSANOW, &line);
    return fd;
}

static void put_big(uint8_t *to, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

/* Counts a volt and an ampere have. */
static const struct {
    uint16_t id;
    double volt, ampere;
} um_models[] = { { 0x0963, 1e2, 1e3 },
                  { 0x09c9, 1e3, 1e4 },
                  { 0x0d4c, 1e2, 1e3 } };

static void um_frame(uint16_t id, double power_w, uint8_t frame[131])
{
    memset(frame, 0, 131);
    put_big(frame, id, 2);
    put_big(frame + 6, (uint32_t)lround(power_w * 1e3), 4);
    put_big(frame + 10, 31, 2);
    for (size_t i = 0; i < sizeof(um_models) / sizeof(*um_models); i++)
        if (um_models[i].id == id) {
            put_big(frame + 2, (uint32_t)lround(5 * um_models[i].volt), 2);
            put_big(frame + 4,
                    (uint32_t)lround(power_w / 5 * um_models[i].ampere), 2);
        }
}

/* The second answer is a byte too long, the third noise, the fourth half. */
static size_t um_damage(size_t n, uint8_t frame[131])
{
    if (n == 2)
        memset(frame, 0x55, 130);
    return n == 1 ? 131 : n == 3 ? 65 : 130;
}

static void um_frames(int fd, uint16_t id, bool damaged)
{
    uint8_t frame[131], command;
    size_t n = 0, len;

    while (read(fd, &command, 1) == 1) {
        if (command != 0xf0)
            continue;
        um_frame(id, emulator_power(), frame);
        len = damaged ? um_damage(n++, frame) : 130;
        for (size_t at = 0; at < len; at += 26) { /* in pieces */
            size_t piece = len - at < 26 ? len - at : 26;

            if (write(fd, frame + at, piece) != (ssize_t)piece)
                return;
        }
    }
}

bool emulator_um(uint16_t id, bool damaged, struct emulator *e)
{
    int fd;

    *e = (struct emulator){ 0 };
    fd = open_terminal(e);
    e->pid = child();
    if (!e->pid) {
        um_frames(fd, id, damaged);
        _exit(0);
    }
    close(fd);
    return true;
}

bool emulator_terminal(emulator_answer *answer, struct emulator *e)
{
    int fd;

    *e = (struct emulator){ 0 };
    fd = open_terminal(e);
    e->pid = child();
    if (!e->pid) {
        answer_lines(fd, answer);
        _exit(0);
    }
    close(fd);
    return true;
}

/* ---- HTTP */

static bool outlet_on = true;

/* What switches the outlet, by which method, and to what. */
static const struct {
    const char *method, *path;
    bool on;
} switches[] = {
    { "GET", "/rpc/Switch.Set?id=0&on=true", true },
    { "GET", "/rpc/Switch.Set?id=0&on=false", false },
    { "GET", "/relay/0?turn=on", true },
    { "GET", "/relay/0?turn=off", false },
    { "GET", "/cm?cmnd=Power%20On", true },
    { "GET", "/cm?cmnd=Power%20Off", false },
    { "POST", "/switch/watts/turn_on", true },
    { "POST", "/switch/watts/turn_off", false },
};

static bool is_switched(const char *method, const char *path)
{
    for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
        if (!strcmp(switches[i].method, method) &&
            !strcmp(switches[i].path, path)) {
            outlet_on = switches[i].on;
            return true;
        }
    return false;
}

/* The body for a request's path; NULL: 404. */
static const char *body_of(const char *path, char *body, size_t size)
{
    double power_w = outlet_on ? emulator_power() : 0;

    if (!strcmp(path, "/rpc/Switch.GetStatus?id=0"))
        snprintf(body, size,
                 "{\"id\":0,\"source\":\"init\",\"output\":true,\"apower\":"
                 "%.2f,\"voltage\":232.0,\"aenergy\":{\"total\":5.125}}",
                 power_w);
    else if (!strcmp(path, "/status"))
        snprintf(body, size,
                 "{\"meters\":[{\"power\":%.2f,\"is_valid\":true}]}", power_w);
    else if (!strcmp(path, "/cm?cmnd=Status%208"))
        snprintf(body, size,
                 "{\"StatusSNS\":{\"Time\":\"2024-01-01T00:00:00\",\"ENERGY\":"
                 "{\"Total\":1.2,\"Power\":%.0f}}}",
                 power_w);
    else if (!strcmp(path, "/sensor/watts"))
        snprintf(body, size,
                 "{\"id\":\"sensor-watts\",\"value\":%.2f,\"state\":\"x W\"}",
                 power_w);
    else if (!strcmp(path, "/mw"))
        snprintf(body, size, "[{\"rails\":{\"a\":%.0f,\"b\":500}}]",
                 power_w * 1e3);
    else
        return NULL;
    return body;
}

static void answer_http(int fd)
{
    char request[2048], method[8], path[512], body[512], head[256];
    ssize_t got = recv(fd, request, sizeof(request) - 1, 0);
    const char *text;

    if (got <= 0)
        return;
    request[got] = 0;
    if (sscanf(request, "%7s %511s", method, path) != 2)
        return;
    text = is_switched(method, path) ? "{}" : body_of(path, body, sizeof(body));
    snprintf(head, sizeof(head),
             "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
             "Content-Length: %zu\r\nConnection: close\r\n\r\n",
             text ? "200 OK" : "404 Not Found", text ? strlen(text) : 0);
    if (write(fd, head, strlen(head)) > 0 && text &&
        write(fd, text, strlen(text)) < 0)
        return;
}

bool emulator_http(struct emulator *e)
{
    int door, fd;

    *e = (struct emulator){ 0 };
    door = listen_on(SOCK_STREAM, e);
    e->pid = child();
    while (!e->pid)
        if ((fd = accept(door, NULL, NULL)) >= 0) {
            answer_http(fd);
            close(fd);
        }
    close(door);
    return true;
}

/* ---- SNMP: Debian's snmpd asks a process for the unit's OIDs */

static const char script[] =
    "#!/bin/sh\n"
    "# snmpd's pass_persist: PING; get, OID; set, OID, type and value\n"
    "dir=${0%/*}\n"
    "a=.1.3.6.1.4.1.318 r=.1.3.6.1.4.1.13742.6\n"
    "power() { ms=$(($(date +%s%N) / 1000000 % 800))\n"
    "    read -r on <\"$dir/outlet\"\n"
    "    if [ $on != 1 ]; then echo 0\n"
    "    elif [ $ms -lt 400 ]; then echo 2; else echo 5; fi; }\n"
    "say() { echo $oid; echo $1; $2 $3; }\n"
    "while read -r word; do case $word in\n"
    "PING) echo PONG ;;\n"
    "get) read -r oid; case $oid in\n"
    "    $a.1.1.26.9.4.3.1.7.1) say gauge power ;;\n"
    "    $r.5.4.3.1.4.1.3.5) say gauge power ;;\n"
    "    $a.1.1.4.4.2.1.3.1 | $r.4.1.2.1.2.1.3)\n"
    "        say integer cat \"$dir/outlet\" ;;\n"
    "    $a.9.1) say string power ;;\n"
    "    $a.9.2) say integer echo -1 ;;\n"
    "    $a.9.3) say string echo hot ;;\n"
    "    *) echo NONE ;; esac ;;\n"
    "getnext) read -r oid; echo NONE ;;\n"
    "set) read -r oid; read -r type value; case $oid in\n"
    "    $a.1.1.4.4.2.1.3.1 | $r.4.1.2.1.2.1.3)\n"
    "        echo $value >\"$dir/outlet\"; echo DONE ;;\n"
    "    *) echo not-writable ;; esac ;;\n"
    "esac; done\n";

static void write_text(const char *dir, const char *name, const char *text,
                       mode_t mode)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) || chmod(path, mode))
        abort();
}

static void run_snmpd(const struct emulator *e)
{
    static const char *const places[] = { "/usr/sbin/snmpd", "/usr/bin/snmpd",
                                          "/sbin/snmpd" };
    char conf[128], peer[160];
    int null = open("/dev/null", O_RDWR);

    snprintf(conf, sizeof(conf), "%s/snmpd.conf", e->dir);
    snprintf(peer, sizeof(peer), "udp:%s", e->address);
    setenv("SNMP_PERSISTENT_DIR", e->dir, 1);
    setenv("MIBS", "", 1);
    dup2(null, 1);
    dup2(null, 2);
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        execl(places[i], "snmpd", "-f", "-Lo", "-C", "-c", conf, peer,
              (char *)NULL);
    _exit(127);
}

bool emulator_snmp(struct emulator *e)
{
    char conf[512];
    int door;

    *e = (struct emulator){ .dir = "/tmp/labsweep-snmp-XXXXXX" };
    if (access("/usr/sbin/snmpd", X_OK) || !mkdtemp(e->dir))
        return false;
    door = listen_on(SOCK_DGRAM, e);
    close(door); /* its port is free again */
    snprintf(conf, sizeof(conf),
             "rwcommunity secret 127.0.0.1\nrocommunity public 127.0.0.1\n"
             "pass_persist .1.3.6.1.4.1.318 %s/pdu\n"
             "pass_persist .1.3.6.1.4.1.13742 %s/pdu\n",
             e->dir, e->dir);
    write_text(e->dir, "snmpd.conf", conf, 0600);
    write_text(e->dir, "pdu", script, 0700);
    write_text(e->dir, "outlet", "1\n", 0600);
    write_text(e->dir, "community", "secret\n", 0600);
    e->pid = child();
    if (!e->pid)
        run_snmpd(e);
    return true;
}

void emulator_end(struct emulator *e)
{
    char line[128];

    if (e->pid > 0) {
        kill(e->pid, SIGKILL);
        waitpid(e->pid, NULL, 0);
    }
    if (e->dir[0]) {
        snprintf(line, sizeof(line), "rm -r %s", e->dir);
        if (system(line))
            abort();
    }
}
