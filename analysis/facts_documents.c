/* facts_documents.c - from an inventory's platforms to rows of facts */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/ceiling.h"
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

/* The documents of one archive, and those added before. */
struct facts_kept {
    struct documents documents;
    struct facts_kept *next;
};

void facts_kept_free(struct facts_kept *kept)
{
    while (kept) {
        struct facts_kept *next = kept->next;

        documents_close(&kept->documents);
        free(kept);
        kept = next;
    }
}

/* A platform of which no peak is known: its type, to be named with. */
static int add_bare(struct facts *facts, const struct platform *platform,
                    struct err *err)
{
    const struct platform_mode mode = { .name = "default" };
    const struct platform_peak peak = { .precision = "" };

    return add(facts, platform, &mode, &peak, err);
}

static int add_platforms(struct facts *facts, const struct inventory *inventory,
                         struct err *err)
{
    int rc = 0;

    for (size_t p = 0; !rc && inventory && p < inventory->platforms_len; p++) {
        const struct platform *platform = &inventory->platforms[p];
        size_t from = facts->platforms_len;

        for (size_t m = 0; m < platform->modes_len; m++)
            for (size_t k = 0; !rc && k < platform->modes[m].peaks_len; k++)
                rc = add(facts, platform, &platform->modes[m],
                         &platform->modes[m].peaks[k], err);
        if (!rc && facts->platforms_len == from)
            rc = add_bare(facts, platform, err);
    }
    return rc;
}

/* Keep what was made of 'rc', or give it back. */
static int keep(struct facts *facts, struct facts_kept *own_kept, int rc,
                struct err *err)
{
    if (rc) {
        free(own_kept);
        return rc;
    }
    own_kept->next = facts->kept;
    facts->kept = own_kept;
    return add_platforms(facts, own_kept->documents.inventory, err);
}

int facts_add_documents(struct facts *facts, const char *documents_json,
                        struct err *err)
{
    struct facts_kept *kept;

    if (!documents_json || !*documents_json)
        return 0;
    kept = calloc(1, sizeof(*kept));
    if (!kept)
        return err_set(err, ERR_NOMEM, "no memory for documents");
    return keep(facts, kept,
                documents_from_json(documents_json, strlen(documents_json),
                                    &kept->documents, err),
                err);
}

int facts_add_files(struct facts *facts, const char *experiment_path,
                    const char *inventory_path, struct err *err)
{
    struct facts_kept *kept = calloc(1, sizeof(*kept));

    if (!kept)
        return err_set(err, ERR_NOMEM, "no memory for documents");
    return keep(
        facts, kept,
        documents_load(experiment_path, inventory_path, &kept->documents, err),
        err);
}

static const struct topology *find_topology(const struct facts *facts,
                                            const char *name)
{
    for (const struct facts_kept *k = facts->kept; k; k = k->next) {
        const struct experiment *experiment = k->documents.experiment;

        for (size_t i = 0; experiment && i < experiment->topologies_len; i++)
            if (!strcmp(experiment->topologies[i].name, name))
                return experiment->topologies[i].topology;
    }
    return NULL;
}

static double elements_in(const struct topology_layer *layer)
{
    return (double)layer->in_channels * (double)layer->in_width *
           (double)layer->in_height;
}

static double elements_out(const struct topology_layer *layer)
{
    return (double)layer->out_channels * (double)layer->out_width *
           (double)layer->out_height;
}

/* A network known by its counts alone: as one layer whose activations are
 * free, so that bounds stay bounds. */
static bool network_of_counts(const struct topology *topology,
                              double pruning_pct, struct network *network)
{
    struct topology_counts counts;

    if (topology_count(topology, pruning_pct, &counts, NULL))
        return false;
    *network = (struct network){ .ops_image = (double)counts.ops_image,
                                 .params = (double)counts.params,
                                 .layers = 1 };
    return true;
}

bool facts_network(const struct facts *facts, const char *topology,
                   double pruning_pct, struct network *ret_network)
{
    const struct topology *found =
        facts ? find_topology(facts, topology) : NULL;
    struct network network = { 0 };
    struct topology_layer layer;
    int rc = 0;

    for (size_t i = 0; found; i++) {
        rc = topology_layer_at(found, i, pruning_pct, &layer, NULL);
        if (rc)
            break;
        if (!i)
            network.inputs = elements_in(&layer);
        network.hidden += network.outputs; /* of the layer before */
        network.outputs = elements_out(&layer);
        network.widest =
            fmax(network.widest, elements_in(&layer) + elements_out(&layer));
        network.ops_image += 2 * (double)layer.macs;
        network.params += (double)layer.params;
        network.layers += layer.params > 0;
    }
    if (rc != ERR_NOT_FOUND)
        return false;
    if (!(network.layers > 0) &&
        !network_of_counts(found, pruning_pct, &network))
        return false;
    *ret_network = network;
    return true;
}
