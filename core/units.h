/* units.h - units at the door: SI inside, conversion only here
 *
 * Symbols are UDUNITS's where it has one ("s", "ms", "W", "J", "GB" is 1e9
 * bytes); what we add: "op", "image", "percent".
 */
#ifndef CORE_UNITS_H
#define CORE_UNITS_H

#include "core/err.h"

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
