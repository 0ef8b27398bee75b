/* golden.h - one saved log, read by one shipped adapter */
#ifndef TESTS_UNIT_GOLDEN_GOLDEN_H
#define TESTS_UNIT_GOLDEN_GOLDEN_H

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "hdf5_schema/columns.h"
#include "workers/collect/collect.h"

/* What came of a case: rc and err of the first thing that went wrong, the
 * row, and samples "lat_comp" and "lat_sys". */
struct golden {
    char what[256]; /* file and name of the case */
    int rc;
    struct err err;
    struct attempt_row row;
    double *samples[2];
    size_t samples_len[2];
};

/* Read the case at 'at' of a cases.json in folder 'dir':
 *
 * name, adapter   what it shows; a file of inventory/adapters
 * outputs         [{"job", "stdout", "stderr"}], files beside; or just
 *                 "stdout" and "stderr" for an adapter's only job
 * replace         [["from", "to"], ...], each of which must be there
 * all_optional    there: nothing need be printed, so that none is spoilt
 * set             names that expressions need: {"batch": 4}
 * part            "accuracy": its rules instead; "op_mode", "tool_version":
 *                 see golden_probe()
 *
 * 'spoil' (may be NULL) makes of each text, which ends with a zero, another
 * one.  Fails the test if the case itself is broken; golden_free() it. */
void golden_read(const char *dir, const struct json *at,
                 void (*spoil)(const char *text, struct buf *out),
                 struct golden *g);
void golden_free(struct golden *g);

/* False unless the case is of what an adapter asks a board beside its jobs:
 * "part" is "op_mode" (read) or "tool_version".  Then rc and err are set and
 * 'text' is what its pattern takes from the output. */
bool golden_probe(const char *dir, const struct json *at, struct golden *g,
                  char *text, size_t size);

/* Parse an adapter's file for adapter_destroy(); fails the test if it is
 * none. */
struct adapter *golden_adapter(const char *path);

#endif
