/* import_columns.h - which published column is which of ours */
#ifndef ORCHESTRATOR_ARCHIVE_IMPORT_COLUMNS_H
#define ORCHESTRATOR_ARCHIVE_IMPORT_COLUMNS_H

#include <stddef.h>

enum import_target {
    IMPORT_AXIS,    /* a fixed axis of axes.def */
    IMPORT_ATTEMPT, /* a column of an attempt */
    IMPORT_POWER,   /* a column of a power row */
    IMPORT_IGNORED, /* follows from the others */
};

struct import_column {
    const char *published; /* as in the header line, without blanks around */
    enum import_target target;
    const char *column;    /* ours */
    double divide;         /* a number is divided by it: 1000 for ms into s */
    const char *qutibench; /* the name that `export --format qutibench`
                              writes, NULL where that is another row's */
};

extern const struct import_column import_columns[];
extern const size_t import_columns_len;

/* The row of a published name, compared without case and blanks around;
 * NULL if unknown. */
const struct import_column *import_column_find(const char *published);

#endif
