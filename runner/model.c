/* model.c - loads weights and images, checks them, packs for a kernel */
#include "runner/model.h"

#include <stdlib.h>
#include <string.h>

#include "runner/idx.h"
#include "runner/mem.h"
#include "runner/now.h"
#include "runner/ptq.h"

static int load_labels(const char *path, struct dataset *set, struct fail *fail)
{
    size_t len, count;

    if (mem_read_file(path, "labels", IDX_MAX, &set->label_file, &len, fail) ||
        idx_labels(set->label_file, len, path, &set->labels, &count, fail))
        return -1;
    if (count != set->count)
        return fail_set(fail, FAIL_FORMAT, "%s has %zu labels for %zu images",
                        path, count, set->count);
    sha256_bytes(set->label_file, len, set->labels_sha256);
    return 0;
}

int dataset_load(const char *images, const char *labels,
                 struct dataset *ret_set, struct fail *fail)
{
    int64_t start = now_mono_ns();
    struct dataset set = { 0 };
    size_t len;
    int rc =
        mem_read_file(images, "images", IDX_MAX, &set.image_file, &len, fail);

    if (!rc)
        rc = idx_images(set.image_file, len, images, &set.pixels, &set.count,
                        fail);
    if (!rc) {
        sha256_bytes(set.image_file, len, set.images_sha256);
        if (labels)
            rc = load_labels(labels, &set, fail);
    }
    if (rc) {
        dataset_clear(&set);
        return rc;
    }
    set.load_s = (double)(now_mono_ns() - start) * 1e-9;
    *ret_set = set;
    return 0;
}

void dataset_clear(struct dataset *set)
{
    free(set->image_file);
    free(set->label_file);
    memset(set, 0, sizeof *set);
}

int model_pack(const struct net *net, const struct kernel *kernel,
               const struct dataset *set, struct model *ret_model,
               struct fail *fail)
{
    struct model model = { .precision = kernel->precision, .kernel = kernel };
    struct net derived = { 0 };
    int rc = 0;

    model.width = net->layer[0].n;
    model.params = net_params(net);
    memcpy(model.trainer, net->trainer, sizeof model.trainer);
    if (kernel->precision == PRECISION_INT8) {
        rc = ptq_int8(net, set->pixels, set->count, kernel, &derived, fail);
        net = &derived;
    }
    for (unsigned i = 0; !rc && i < NET_LAYERS; i++)
        rc = kernel_layer_pack(kernel, &net->layer[i], &model.layer[i], fail);
    net_clear(&derived);
    if (rc)
        model_clear(&model);
    else
        *ret_model = model;
    return rc;
}

static int check_file(const char *weights, const char *sha256,
                      const char *expect, const struct net *net,
                      enum precision precision, struct fail *fail)
{
    if (expect && strcmp(sha256, expect))
        return fail_set(fail, FAIL_FORMAT,
                        "weights %s have SHA-256 %s, expected %s", weights,
                        sha256, expect);
    if (net->bits != precision_file_bits(precision))
        return fail_set(fail, FAIL_FORMAT,
                        "weights %s have %u bits, %s needs a file of %u",
                        weights, net->bits, precision_name(precision),
                        precision_file_bits(precision));
    return 0;
}

int model_load(const char *weights, const char *expect,
               const struct kernel *kernel, const struct dataset *set,
               struct model *ret_model, struct fail *fail)
{
    int64_t start = now_mono_ns();
    char sha256[SHA256_HEX];
    struct net net = { 0 };
    uint8_t *data = NULL;
    size_t len;
    int rc = mem_read_file(weights, "weights", NET_FILE_MAX, &data, &len, fail);

    if (!rc)
        rc = net_parse(data, len, weights, &net, fail);
    if (!rc) {
        sha256_bytes(data, len, sha256);
        rc = check_file(weights, sha256, expect, &net, kernel->precision, fail);
    }
    free(data);
    if (!rc)
        rc = model_pack(&net, kernel, set, ret_model, fail);
    net_clear(&net);
    if (rc)
        return rc;
    memcpy(ret_model->weights_sha256, sha256, sizeof sha256);
    ret_model->load_s = (double)(now_mono_ns() - start) * 1e-9;
    return 0;
}

void model_clear(struct model *model)
{
    for (unsigned i = 0; i < NET_LAYERS; i++)
        kernel_layer_clear(&model->layer[i]);
    memset(model, 0, sizeof *model);
}
