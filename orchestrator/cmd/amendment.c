/* amendment.c - the files of a campaign exchanged, and its plan laid over */
#include "orchestrator/cmd/amendment.h"
#include "workers/collect/collect.h"
#include "workers/meter/meter.h"

#include <stdio.h>
#include <string.h>

int amendment_make(const struct campaign *campaign, const char *experiment_path,
                   const char *inventory_path, struct amendment *ret_amendment,
                   struct err *err)
{
    const char *text = campaign_documents(campaign);
    struct amendment made = { 0 };
    struct documents held = { 0 };
    struct plan *grown = NULL;
    int rc = documents_from_json(text, strlen(text), &held, err);

    if (!rc)
        rc = documents_load_over(&held, experiment_path, inventory_path,
                                 &made.documents, err);
    if (!rc)
        rc = collect_check_inventory(made.documents.inventory, err);
    if (!rc)
        rc = meter_check_all(made.documents.inventory, err);
    if (!rc)
        rc = plan_create(made.documents.experiment, made.documents.inventory,
                         &grown, err);
    if (!rc)
        rc = plan_amend(campaign_plan(campaign), grown, &made.plan,
                        &made.change, err);
    documents_close(&held);
    if (rc)
        amendment_free(&made);
    else
        *ret_amendment = made;
    return rc;
}

void amendment_free(struct amendment *amendment)
{
    documents_close(&amendment->documents);
    plan_destroy(amendment->plan);
    amendment->plan = NULL;
    plan_change_free(&amendment->change);
}

char *amendment_say(const struct amendment *amendment, char text[160])
{
    const struct plan_change *c = &amendment->change;
    int at = snprintf(text, 160, "%zu cells kept, %zu added, %zu retired",
                      c->kept, c->added, c->retired_len);

    if (c->opened)
        at += snprintf(text + at, 160 - (size_t)at, ", %zu na ones can run",
                       c->opened);
    if (c->closed)
        snprintf(text + at, 160 - (size_t)at, ", %zu are na now", c->closed);
    return text;
}
