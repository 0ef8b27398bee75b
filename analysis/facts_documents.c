/* facts_documents.c - from an inventory's platforms to rows of facts */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/facts.h"
#include "inventory/documents.h"

static double fact_value(const struct fact *fact)
{
    return fact ? fact->value : (double)NAN;
}

static enum engine_kind engine_of(const struct platform *platform)
{
    switch (platform->engine) {
    case PLATFORM_PER_IMAGE:
        return ENGINE_PER_IMAGE;
    case PLATFORM_DATAFLOW:
        return ENGINE_DATAFLOW;
    case PLATFORM_BATCHED:
        break;
    }
    return ENGINE_BATCHED;
}

static int add(struct facts *facts, const struct platform *platform,
               const struct platform_mode *mode,
               const struct platform_peak *peak, struct err *err)
{
    struct platform_facts row = {
        .engine = engine_of(platform),
        .pinned = platform->weights == PLATFORM_ON_CHIP,
        .peak_op_s = fact_value(peak->op_s),
        .bw_byte_s = fact_value(mode->bandwidth_byte_s),
        .on_chip_bytes = fact_value(platform->on_chip_memory_bytes),
        .on_chip_bw_byte_s = fact_value(platform->on_chip_bandwidth_byte_s),
        .tdp_w = fact_value(platform->tdp_w),
        .storage_bits = platform_storage_bits(platform, peak->precision, 0),
    };

    snprintf(row.platform, sizeof(row.platform), "%s", platform->name);
    snprintf(row.type, sizeof(row.type), "%s",
             platform_type_word(platform->type));
    snprintf(row.op_mode, sizeof(row.op_mode), "%s", mode->name);
    snprintf(row.precision, sizeof(row.precision), "%s", peak->precision);
    if (peak->op_s) {
        snprintf(row.peak_kind, sizeof(row.peak_kind), "%s",
                 fact_kind_word(peak->op_s->kind));
        snprintf(row.source, sizeof(row.source), "%s",
                 peak->op_s->source ? peak->op_s->source : "");
    }
    return facts_add_platform(facts, &row, err);
}

int facts_add_documents(struct facts *facts, const char *documents_json,
                        struct err *err)
{
    struct documents documents = { 0 };
    int rc;

    if (!documents_json || !*documents_json)
        return 0;
    rc = documents_from_json(documents_json, strlen(documents_json), &documents,
                             err);
    if (rc)
        return rc;
    for (size_t p = 0;
         !rc && documents.inventory && p < documents.inventory->platforms_len;
         p++) {
        const struct platform *platform = &documents.inventory->platforms[p];

        for (size_t m = 0; m < platform->modes_len; m++)
            for (size_t k = 0; !rc && k < platform->modes[m].peaks_len; k++)
                rc = add(facts, platform, &platform->modes[m],
                         &platform->modes[m].peaks[k], err);
    }
    documents_close(&documents);
    return rc;
}
