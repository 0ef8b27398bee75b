/* quality.c - every rule asked, findings in order */
#include "analysis/quality.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"

static const struct quality_rule rules[] = {
#define RULE(name, weight, help)                                               \
    { #name, help, QUALITY_##weight, quality_##name },
#include "analysis/quality_rules.def"
#undef RULE
};

const struct quality_rule *quality_rule_at(size_t i)
{
    return i < ARRAY_LEN(rules) ? &rules[i] : NULL;
}

const char *quality_weight_word(enum quality_weight weight)
{
    switch (weight) {
    case QUALITY_NOTE:
        return "note";
    case QUALITY_DOUBT:
        return "doubt";
    case QUALITY_WRONG:
        break;
    }
    return "wrong";
}

int quality_add(struct findings *findings, const char *subject, size_t cells,
                size_t of, struct err *err, const char *fmt, ...)
{
    struct finding finding = { .cells = cells, .of = of };
    va_list args;

    snprintf(finding.subject, sizeof(finding.subject), "%s", subject);
    va_start(args, fmt);
    vsnprintf(finding.text, sizeof(finding.text), fmt, args);
    va_end(args);
    if (!VEC_PUSH(findings, finding))
        return err_set(err, ERR_NOMEM, "no memory for findings");
    return 0;
}

static bool same_unit(const struct point *p, const struct point *q)
{
    return !strcmp(p->platform, q->platform) && !strcmp(p->op_mode, q->op_mode);
}

static size_t number_units(const struct points *points, size_t *unit,
                           size_t *unit_first)
{
    size_t units = 0;

    for (size_t i = 0; i < points->len; i++) {
        size_t u = i && same_unit(&points->at[i], &points->at[i - 1])
                       ? unit[i - 1]
                       : 0;

        while (u < units &&
               !same_unit(&points->at[i], &points->at[unit_first[u]]))
            u++;
        if (u == units)
            unit_first[units++] = i;
        unit[i] = u;
    }
    return units;
}

static int worse_first(const void *a, const void *b)
{
    const struct finding *p = a, *q = b;

    if (p->weight != q->weight)
        return p->weight < q->weight ? 1 : -1;
    return (p->cells < q->cells) - (p->cells > q->cells);
}

static int ask_all(const struct quality_input *in, struct findings *findings,
                   struct err *err)
{
    int rc = 0;

    for (size_t r = 0; !rc && r < ARRAY_LEN(rules); r++) {
        size_t from = findings->len;

        rc = rules[r].find(in, findings, err);
        for (size_t i = from; i < findings->len; i++) {
            findings->at[i].rule = rules[r].name;
            findings->at[i].weight = rules[r].weight;
        }
    }
    return rc;
}

int quality_check(const struct points *points, const struct facts *facts,
                  struct findings *ret_findings, struct err *err)
{
    size_t n = points->len + 1;
    size_t *unit = calloc(n, sizeof(*unit)), *first = calloc(n, sizeof(*first));
    struct estimate *estimates = calloc(n, sizeof(*estimates));
    struct findings findings = { 0 };
    struct quality_input in = { points, facts, estimates, unit, first, 0 };
    int rc = 0;

    if (!unit || !first || !estimates)
        rc = err_set(err, ERR_NOMEM, "no memory to check %zu points",
                     points->len);
    if (!rc)
        rc = estimate_points(points, facts, SCOPE_KIND_COMP, estimates, err);
    if (!rc) {
        in.units = number_units(points, unit, first);
        rc = ask_all(&in, &findings, err);
    }
    if (!rc && findings.len)
        qsort(findings.at, findings.len, sizeof(findings.at[0]), worse_first);
    free(unit);
    free(first);
    free(estimates);
    if (rc)
        quality_free(&findings);
    else
        *ret_findings = findings;
    return rc;
}

void quality_free(struct findings *findings)
{
    VEC_FREE(findings);
}
