/* entry.h - a meter's entry from a text, and whoever waits for the meter */
#ifndef TESTS_UNIT_METER_ENTRY_H
#define TESTS_UNIT_METER_ENTRY_H

#include "core/json.h"
#include "workers/meter/meter.h"

struct entry {
    struct board_meter config;
    struct board_meter_source sources[2];
    struct json_doc *doc;
};

/* An entry named "m" with options from a JSON text; fails the test if that is
 * none.  Free 'doc' with json_doc_destroy(). */
void entry_make(struct entry *e, const char *driver, double period_s,
                const char *options);

/* Add a source, two at most. */
void entry_source(struct entry *e, const char *path, const char *quantity,
                  double factor);

/* Run a meter that reads by the worker until it ended or has 'wanted'
 * readings, 40 s at most. */
void entry_pump(struct meter *m, size_t wanted);

#endif
