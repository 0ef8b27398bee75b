/* sensor_tree.c - the process that moves the sensors */
#include "tests/unit/workers/sensor_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/vec.h"

#define STEPS   40000
#define STEP_NS MS_TO_NS(2)
#define SLOW_NS MS_TO_NS(100)
#define SAG_NS  MS_TO_NS(60)
#define TURN_UJ 2000000.0 /* of rapl:package-0 */
#define BACK_NS MS_TO_NS(500)

struct sensor_truth {
    volatile size_t len;
    struct {
        int64_t t_ns;
        double power_w; /* from then on */
    } at[STEPS];
};

enum {
    GOOD,
    SLOW,
    FROZEN,
    SAG_IN,
    SAG_CURR,
    MILLI,
    WRAPS,
    RESET,
    PLAIN,
    LEAVER,
    FILES,
};

static const struct {
    const char *folder, *name, *file;
    const char *more, *value; /* another file of it */
} files[FILES] = {
    { "hwmon/hwmon7", "good", "power1_input", "power1_label", "VDD_IN" },
    { "hwmon/hwmon3", "slow", "power1_input", NULL, NULL },
    { "hwmon/hwmon0", "frozen", "power1_input", NULL, NULL },
    { "hwmon/hwmon1", "sag", "in1_input", NULL, NULL },
    { "hwmon/hwmon1", "sag", "curr1_input", NULL, NULL },
    { "hwmon/hwmon2", "milli", "power1_input", NULL, NULL },
    { "powercap/intel-rapl:0", "package-0", "energy_uj", "max_energy_range_uj",
      "2000000" },
    { "powercap/intel-rapl:1", "reset", "energy_uj", "max_energy_range_uj",
      "262143328850" },
    { "powercap/intel-rapl:2", "plain", "energy_uj", NULL, NULL },
    { "hwmon/hwmon4", "leaver", "power1_input", NULL, NULL },
};

/* A tool as the Jetson's prints: "... VDD_IN now/average ...". */
static const char tegrastats[] =
    "#!/bin/sh\nwhile sleep 0.02; do\n"
    "read -r uw <${0%/*}/class/hwmon/hwmon7/power1_input &&\n"
    "echo \"RAM 1903/7846MB (lfb 2x4MB) CPU [2%@345,off,off] GR3D_FREQ 0% \\\n"
    "VDD_IN $((uw / 1000))/2658 VDD_CPU 320/518 VDD_GPU 400/735\"\ndone\n";

static void put(const struct sensor_tree *t, const char *folder,
                const char *name, const char *text)
{
    char path[FS_PATH_MAX];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", t->dir, folder);
    assert_int_equal(fs_make_dirs(path, NULL), 0);
    snprintf(path, sizeof(path), "%s/%s/%s", t->dir, folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* As sysfs does: no reader ever sees half of a number. */
static void write_number(int fd, double number)
{
    char text[32];
    int len = snprintf(text, sizeof(text), "%-14.0f\n", number);

    if (pwrite(fd, text, (size_t)len, 0) != len)
        abort();
}

struct mover {
    int fds[FILES];
    char load[FS_PATH_MAX], leaver[FS_PATH_MAX];
    double energy_uj, back_uj, power_w;
    int64_t last_ns, slow_ns, back_ns;
    bool loaded;
    struct sensor_truth *truth;
};

/* What is right of the load at any time. */
static void move_true(struct mover *m, int64_t now, size_t step)
{
    m->energy_uj += m->power_w * 1e6 * NS_TO_S(now - m->last_ns);
    m->back_uj += m->power_w * 1e6 * NS_TO_S(now - m->last_ns);
    m->last_ns = now;
    m->loaded = !access(m->load, F_OK);
    m->power_w = (m->loaded ? SENSOR_TREE_HIGH_W : SENSOR_TREE_LOW_W) +
                 0.001 * (double)(step * 7 % 11);
    if (m->truth->len < STEPS) {
        m->truth->at[m->truth->len].t_ns = now;
        m->truth->at[m->truth->len].power_w = m->power_w;
        m->truth->len++;
    }
    write_number(m->fds[GOOD], m->power_w * 1e6);
    write_number(m->fds[MILLI], m->power_w * 1e3);
    write_number(m->fds[WRAPS],
                 m->energy_uj -
                     TURN_UJ * (double)(int64_t)(m->energy_uj / TURN_UJ));
}

/* What sensors make of it that cannot be trusted. */
static void move_false(struct mover *m, int64_t now)
{
    bool sags = m->loaded && now % (6 * SAG_NS) < SAG_NS;

    if (now - m->slow_ns >= SLOW_NS) {
        m->slow_ns = now;
        write_number(m->fds[SLOW], m->power_w * 1e6);
    }
    if (!m->loaded)
        write_number(m->fds[FROZEN], m->power_w * 1e6);
    if (m->loaded)
        (void)unlink(m->leaver);
    else
        write_number(m->fds[LEAVER], m->power_w * 1e6);
    write_number(m->fds[SAG_IN], sags ? 300 : 5000);
    write_number(m->fds[SAG_CURR], m->power_w / 5 * 1e3);
    if (now - m->back_ns >= BACK_NS) {
        m->back_ns = now;
        m->back_uj = 0;
    }
    write_number(m->fds[RESET], m->back_uj);
    write_number(m->fds[PLAIN], m->back_uj);
}

static void move(const struct sensor_tree *t)
{
    struct mover m = { .truth = t->truth, .last_ns = clock_unix_ns() };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fs_join(m.load, sizeof(m.load), t->dir, "load");
    for (size_t i = 0; i < FILES; i++) {
        char path[FS_PATH_MAX];

        snprintf(path, sizeof(path), "%s/class/%s/%s", t->dir, files[i].folder,
                 files[i].file);
        m.fds[i] = open(path, O_WRONLY | O_CLOEXEC);
        if (i == LEAVER)
            strcpy(m.leaver, path);
    }
    for (size_t step = 0;; step++) {
        int64_t now = clock_unix_ns();

        move_true(&m, now, step);
        move_false(&m, now);
        nanosleep(&(struct timespec){ .tv_nsec = STEP_NS }, NULL);
    }
}

void sensor_tree_start(struct sensor_tree *t)
{
    char path[FS_PATH_MAX];

    strcpy(t->dir, "/tmp/labsweep-tree-XXXXXX");
    assert_non_null(mkdtemp(t->dir));
    t->truth = mmap(NULL, sizeof(*t->truth), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(t->truth != MAP_FAILED);
    for (size_t i = 0; i < FILES; i++) {
        snprintf(path, sizeof(path), "class/%s", files[i].folder);
        put(t, path, "name", files[i].name);
        put(t, path, files[i].file, "2000000       \n");
        if (files[i].more)
            put(t, path, files[i].more, files[i].value);
    }
    put(t, ".", "tegrastats", tegrastats);
    fs_join(path, sizeof(path), t->dir, "tegrastats");
    assert_int_equal(chmod(path, 0755), 0);
    t->process = fork();
    if (!t->process)
        move(t);
}

void sensor_tree_end(struct sensor_tree *t)
{
    char line[128];

    kill(t->process, SIGKILL);
    waitpid(t->process, NULL, 0);
    munmap(t->truth, sizeof(*t->truth));
    snprintf(line, sizeof(line), "rm -r %s", t->dir);
    assert_int_equal(system(line), 0);
}

double sensor_tree_energy_j(const struct sensor_tree *t, int64_t start_ns,
                            int64_t end_ns)
{
    const struct sensor_truth *all = t->truth;
    double energy_j = 0;

    for (size_t i = 0; i < all->len; i++) {
        int64_t from = all->at[i].t_ns;
        int64_t to = i + 1 < all->len ? all->at[i + 1].t_ns : end_ns;

        from = from > start_ns ? from : start_ns;
        to = to < end_ns ? to : end_ns;
        if (to > from)
            energy_j += all->at[i].power_w * NS_TO_S(to - from);
    }
    return energy_j;
}

void sensor_tree_load(const struct sensor_tree *t, int64_t *ret_start_ns,
                      int64_t *ret_end_ns)
{
    const struct sensor_truth *all = t->truth;
    const double middle_w = (SENSOR_TREE_LOW_W + SENSOR_TREE_HIGH_W) / 2;

    *ret_start_ns = *ret_end_ns = 0;
    for (size_t i = 1; i < all->len; i++) {
        bool before = all->at[i - 1].power_w > middle_w;
        bool now = all->at[i].power_w > middle_w;

        if (now && !before)
            *ret_start_ns = all->at[i].t_ns;
        if (before && !now)
            *ret_end_ns = all->at[i].t_ns;
    }
}
