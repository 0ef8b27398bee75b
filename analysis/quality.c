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

const char *quality_unit_name(const struct quality_input *in, size_t u,
                              char *text, size_t size)
{
    size_t first = in->units.member[in->units.start[u]];

    return point_unit(&in->points->at[first], text, size);
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

static int classes_make(struct quality_input *in, struct err *err)
{
    int rc = classes_create(in->points, CLASSES_BY_UNIT, &in->units, err);

    if (!rc)
        rc = classes_create(in->points, CLASSES_BY_SETTING, &in->settings, err);
    if (!rc)
        rc = classes_create(in->points, CLASSES_BY_NETWORK, &in->networks, err);
    return rc;
}

int quality_check(const struct points *points, const struct dataset *dataset,
                  const char *where, const struct facts *facts,
                  struct findings *ret_findings, struct err *err)
{
    struct estimate *estimates = calloc(points->len + 1, sizeof(*estimates));
    struct quality_input in = { .points = points,
                                .cells = dataset->cells,
                                .facts = facts,
                                .estimates = estimates };
    struct findings findings = { 0 };
    int rc = 0;

    if (!estimates)
        rc = err_set(err, ERR_NOMEM, "no memory to check %zu points",
                     points->len);
    if (!rc)
        rc = select_rows(in.cells, where, &in.rows, err);
    if (!rc)
        rc = estimate_points(points, facts, SCOPE_KIND_COMP, estimates, err);
    if (!rc)
        rc = classes_make(&in, err);
    if (!rc)
        rc = observations_create(points, &in.observations, err);
    if (!rc)
        rc = ask_all(&in, &findings, err);
    if (!rc && findings.len)
        qsort(findings.at, findings.len, sizeof(findings.at[0]), worse_first);
    select_free(&in.rows);
    classes_free(&in.units);
    classes_free(&in.settings);
    classes_free(&in.networks);
    observations_free(&in.observations);
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
