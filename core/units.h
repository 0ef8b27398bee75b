/* units.h - units at the door: SI inside, conversion only here
 *
 * Symbols are UDUNITS's where it has one ("s", "ms", "W", "J", "GB" is 1e9
 * bytes); what we add: "op", "image", "percent".
 */
#ifndef CORE_UNITS_H
#define CORE_UNITS_H

#include <stdint.h>

#include "core/err.h"

/* Durations: int64 ns inside the program, double s where stored. */
#define NS_PER_S     INT64_C(1000000000)
#define MS_TO_NS(ms) ((int64_t)(ms)*INT64_C(1000000))
#define NS_TO_S(ns)  ((double)(ns)*1e-9)
#define S_TO_NS(s)   ((int64_t)((s)*1e9))

/* The factor that turns a number in 'unit' into 'base' ("ms" into "s":
 * 1e-3; "GOP/s" into "op/s": 1e9).  Returns 0, ERR_FORMAT if either is
 * unknown or they measure different things. */
int units_factor(const char *unit, const char *base, double *ret_factor,
                 struct err *err);

/* A number with its unit, "100 ms", "1.5s", "2 h", in 'base'.  A bare
 * number is refused, so that nobody guesses.  Returns 0, ERR_FORMAT. */
int units_parse(const char *text, const char *base, double *ret_value,
                struct err *err);

#endif
