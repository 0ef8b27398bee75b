/* quality.h - what is odd about measurements, found by rules
 *
 * Rules look at numbers only, never at names: the same ones find the traps
 * of published data and the slips of one's own.
 */
#ifndef ANALYSIS_QUALITY_H
#define ANALYSIS_QUALITY_H

#include <stddef.h>

#include "analysis/classes.h"
#include "analysis/estimate.h"
#include "analysis/facts.h"
#include "analysis/observations.h"
#include "analysis/points.h"
#include "analysis/select.h"
#include "core/err.h"

enum quality_weight {
    QUALITY_NOTE,  /* to know when reading the numbers */
    QUALITY_DOUBT, /* the numbers may not mean what they say */
    QUALITY_WRONG, /* they cannot all be right */
};

/* One finding: a rule, what it is about, and a sentence with numbers. */
struct finding {
    const char *rule;
    enum quality_weight weight;
    char subject[192]; /* "TX2 maxn", "U96 and ZCU104" */
    size_t cells, of;  /* op points concerned, of those looked at */
    char text[320];
};

struct findings {
    struct finding *at;
    size_t len, cap;
};

/* What rules look at. */
struct quality_input {
    const struct points *points;
    const struct table *cells;                /* of their dataset */
    struct rows rows;                         /* of cells: those asked for */
    const struct facts *facts;                /* may be NULL */
    const struct estimate *estimates;         /* compute scope, a row a point */
    struct classes units, settings, networks; /* classes.h */
    struct observations observations;
};

/* for (QUALITY_EACH(m, in->units, u)): member[m] is each point of a class. */
#define QUALITY_EACH(m, classes, c)                                            \
    size_t m = (classes).start[c];                                             \
    m < (classes).start[(c) + 1];                                              \
    m++

/* What the u-th of 'units' is called (point_unit()), written to 'text'. */
const char *quality_unit_name(const struct quality_input *in, size_t u,
                              char *text, size_t size);

/* A rule; 'find' appends its findings and returns 0 or ERR_NOMEM. */
struct quality_rule {
    const char *name, *help;
    enum quality_weight weight;
    int (*find)(const struct quality_input *in, struct findings *findings,
                struct err *err);
};

/* The i-th rule; NULL beyond the last. */
const struct quality_rule *quality_rule_at(size_t i);

/* All findings of the points of 'dataset' that meet 'where' (select_rows()),
 * and of its cells that made none, worst first.  Returns 0 and findings for
 * quality_free(); ERR_USAGE, ERR_NOMEM. */
int quality_check(const struct points *points, const struct dataset *dataset,
                  const char *where, const struct facts *facts,
                  struct findings *ret_findings, struct err *err);
void quality_free(struct findings *findings);

/* Append one finding; 'fmt' makes its sentence.  Its rule and weight are
 * quality_check()'s to set.  Returns 0 or ERR_NOMEM. */
int quality_add(struct findings *findings, const char *subject, size_t cells,
                size_t of, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* "note", "doubt", "wrong". */
const char *quality_weight_word(enum quality_weight weight);

/* The rules of quality_rules.def. */
#define RULE(name, weight, help)                                               \
    int quality_##name(const struct quality_input *in,                         \
                       struct findings *findings, struct err *err);
#include "analysis/quality_rules.def"
#undef RULE

#endif
