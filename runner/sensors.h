/* sensors.h - finds power, temperature and energy files in sysfs by name
 *
 * The numbers in /sys/class/hwmon/hwmon3 change from boot to boot, so a
 * selector names the device and the channel instead:
 *   hwmon:NAME/power1_input   a file of the device whose `name` is NAME
 *   hwmon:NAME:LABEL          its channel whose `*_label` is LABEL
 *   hwmon:NAME@1-0040/FILE    of several of that name the one that sits there
 *                             on its bus (SENSORS_ADDRESS_MAX)
 *   iio:NAME/in_power0_raw    the same for industrial I/O devices
 *   iio:NAME:LABEL
 *   rapl:NAME                 energy_uj of the powercap domain of that name
 */
#ifndef RUNNER_SENSORS_H
#define RUNNER_SENSORS_H

#include <stddef.h>

#include "runner/fail.h"
#include "runner/jout.h"

#define SENSORS_PATH_MAX    512
#define SENSORS_ADDRESS_MAX 64 /* where a device sits: "1-0040" of I2C */

/* Turn a path or a selector into the path of a readable file.  'sys' is
 * where sysfs lies, normally "/sys".  Returns 0, or -1: FAIL_SENSOR (not
 * there, or two of that name), FAIL_USAGE (a broken selector). */
int sensors_resolve(const char *sys, const char *selector,
                    char ret_path[SENSORS_PATH_MAX], struct fail *fail);

/* Read a number from a file.  Returns 0, or -1 if it cannot be read. */
int sensors_read(const char *path, double *ret_value);

/* The same through a descriptor that is kept from reading to reading (-1: none
 * yet): sysfs makes its files anew whenever they are read from the start.  A
 * file that could not be read is opened again.  Give it back with
 * sensors_let_go(). */
int sensors_read_kept(int *fd, const char *path, double *ret_value);
/* Let go of a file in whose place another stands, which is then opened. */
void sensors_follow(int *fd);
void sensors_let_go(int *fd);

/* The range of an energy counter before it wraps (max_energy_range_uj beside
 * the file), in the file's unit; 0 if it is not said. */
double sensors_range(const char *path);

/* Append to an array of 'j' an object for each sensor file found: kind,
 * device, address, channel, label, path, and selector, which has the address
 * where several devices share the name.  hwmon, iio and RAPL. */
void sensors_list(const char *sys, struct jout *j);

#endif
