/* numbers.h - numbers as people read them */
#ifndef REPORT_NUMBERS_H
#define REPORT_NUMBERS_H

#include "report/sheet.h"

#define NUMBER_TEXT_MAX 48

/* Write 'value' into 'text' (NUMBER_TEXT_MAX bytes): "3.85 M/s", "26.6 uJ",
 * "98.86", with the unit behind it if 'unit' is not "".  NaN is "-".
 * Returns 'text'. */
char *number_format(double value, enum sheet_form form, const char *unit,
                    char *text);

/* number_format() with a prefix: 4 significant digits. */
char *number_si(double value, const char *unit, char *text);

#endif
