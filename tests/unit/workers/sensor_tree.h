/* sensor_tree.h - a tree shaped like sysfs whose sensors follow a load
 *
 * A process of the test's writes it: 2 W, and 5 W while the file "load" is
 * there, wandering by 10 mW.  What stood there and when is kept, so that the
 * energy of any window is known.
 */
#ifndef TESTS_UNIT_WORKERS_SENSOR_TREE_H
#define TESTS_UNIT_WORKERS_SENSOR_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SENSOR_TREE_LOW_W  2.0
#define SENSOR_TREE_HIGH_W 5.0

struct sensor_tree {
    char dir[64];
    struct sensor_truth *truth; /* shared with the process */
    pid_t process;
};

/* Under "DIR/class", with the sensors:
 *   hwmon:good/power1_input       uW, new every 2 ms
 *   hwmon:slow/power1_input       the same, new every 100 ms
 *   hwmon:frozen/power1_input     the same until the load comes, then still
 *   hwmon:sag/in1_input, curr1_input   5 V and the current of the power; the
 *                                 voltage falls to 0.3 V for 60 ms at times
 *   hwmon:milli/power1_input      mW
 *   hwmon:leaver/power1_input     the same until the load comes, then gone
 *   rapl:package-0                wraps at 2 J
 *   rapl:reset                    of 262 kJ, set back to 0 twice a second
 *   rapl:plain                    the same, tells no range
 * and "DIR/tegrastats", which prints such lines every 20 ms. */
void sensor_tree_start(struct sensor_tree *tree);
void sensor_tree_end(struct sensor_tree *tree);

/* The energy between two instants (ns since 1970), in J. */
double sensor_tree_energy_j(const struct sensor_tree *tree, int64_t start_ns,
                            int64_t end_ns);

/* When the last load came and went. */
void sensor_tree_load(const struct sensor_tree *tree, int64_t *ret_start_ns,
                      int64_t *ret_end_ns);

#endif
