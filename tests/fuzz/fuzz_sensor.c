/* fuzz_sensor.c - what a sensor's file or an energy counter may say */
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdio.h>

#include "runner/power.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    static int file = -1;
    static struct power_source source;
    uint8_t record[24 + 8];
    double value = 0, again = 0;
    int fd = -1;

    if (file < 0) {
        file = memfd_create("sensor", MFD_CLOEXEC);
        source = (struct power_source){ .fd = -1, .unit = 'J', .range = 2e6 };
        snprintf(source.path, sizeof(source.path), "/proc/self/fd/%d", file);
    }
    if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    if (!sensors_read(source.path, &value) && !isfinite(value))
        abort();
    if (!sensors_read_kept(&fd, source.path, &again) && again != value)
        abort();
    sensors_let_go(&fd);
    source.scale = 1e-6;
    source.last = 1e6;
    power_sample(&source, 1, false, record);
    sensors_let_go(&source.fd);
}
