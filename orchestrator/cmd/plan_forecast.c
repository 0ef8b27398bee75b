/* plan_forecast.c - a scheduler that is asked before anything runs */
#include "orchestrator/cmd/plan_forecast.h"

#include <stdlib.h>

#include "orchestrator/cmd/hints.h"

static int ask_scheduler(const struct plan *plan,
                         const struct sched_settings *settings,
                         const struct hints *hints, double *ret_total_s,
                         struct err *err)
{
    struct sched_counts counts;
    struct sched *sched;
    int rc = sched_create(plan, settings, &sched, err);

    if (rc)
        return rc;
    rc = sched_hint(sched, &hints->values, err);
    if (!rc) {
        sched_counts(sched, &counts);
        *ret_total_s = counts.remaining_s;
    }
    sched_destroy(sched);
    return rc;
}

int plan_forecast(const struct options *options,
                  const struct documents *documents, struct plan *plan,
                  struct plan_forecast *ret_forecast, struct err *err)
{
    struct sched_settings settings = sched_defaults();
    struct plan_forecast forecast = { .learnt = 0 };
    struct hints hints = { .selected = 0 };
    int rc = hints_settings(options, documents->experiment, &settings, err);

    if (!rc)
        rc = hints_make(options, documents->experiment, documents->inventory,
                        plan, NULL, &hints, err);
    if (!rc)
        rc = ask_scheduler(plan, &settings, &hints, &forecast.total_s, err);
    if (!rc)
        rc = plan_expect(plan, hints.expected_s, err);
    for (size_t i = 0; !rc && i < plan_cells(plan); i++)
        forecast.learnt += !plan_cell_na(plan, i) && hints.expected_s[i] > 0;
    if (!rc) { /* the list is handed on */
        forecast.expected_s = hints.expected_s;
        hints.expected_s = NULL;
        *ret_forecast = forecast;
    }
    hints_free(&hints);
    return rc;
}

void plan_forecast_free(struct plan_forecast *forecast)
{
    free(forecast->expected_s);
    forecast->expected_s = NULL;
}
