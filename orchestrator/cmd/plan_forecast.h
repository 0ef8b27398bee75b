/* plan_forecast.h - how long a plan is likely to take */
#ifndef ORCHESTRATOR_CMD_PLAN_FORECAST_H
#define ORCHESTRATOR_CMD_PLAN_FORECAST_H

#include "core/err.h"
#include "inventory/documents.h"
#include "orchestrator/cmd/options.h"
#include "orchestrator/sched/plan.h"

struct plan_forecast {
    float *expected_s; /* of each cell, by --history; 0: as planned */
    size_t learnt;     /* cells to be run that --history knows of */
    double total_s;    /* to the end, as the scheduler forecasts it */
};

/* Read --history, put what it says into the plan's totals and forecast the
 * sweep with the switches that adapters declare.  Returns 0 and a forecast
 * for plan_forecast_free(); as hints_make(). */
int plan_forecast(const struct options *options,
                  const struct documents *documents, struct plan *plan,
                  struct plan_forecast *ret_forecast, struct err *err);
void plan_forecast_free(struct plan_forecast *forecast);

#endif
