/* h5_predictions.c - the classes that networks answered, from raw output */
#include "orchestrator/archive/h5_predictions.h"

#include <stdlib.h>
#include <string.h>

#include "core/vec.h"
#include "orchestrator/archive/h5_file.h"
#include "orchestrator/archive/h5_read.h"

#define CLASSES_MAX (1 << 26) /* of one network, against absurd lengths */
#define LISTS_MAX   4096

static bool is_held(const struct dataset *dataset, const char *hash)
{
    return dataset_predictions(dataset, hash) != NULL;
}

/* The text of one list, for free(); NULL if it cannot be read. */
static char *classes_read(hid_t text, int64_t offset, int64_t len)
{
    hsize_t start = (hsize_t)offset, count = (hsize_t)len;
    hid_t space = H5Dget_space(text);
    hid_t memory = H5Screate_simple(1, &count, NULL);
    char *classes = malloc((size_t)len + 1);

    if (classes && (H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL,
                                        &count, NULL) < 0 ||
                    H5Dread(text, H5T_NATIVE_UINT8, memory, space, H5P_DEFAULT,
                            classes) < 0)) {
        free(classes);
        classes = NULL;
    }
    if (classes)
        classes[len] = '\0';
    h5_close(memory);
    h5_close(space);
    return classes;
}

static int list_add(struct dataset *dataset, hid_t text, const char *hash,
                    int64_t offset, int64_t len, struct err *err)
{
    struct predictions *list = &dataset->predictions[dataset->n_predictions];

    list->classes = classes_read(text, offset, len);
    if (!list->classes)
        return h5_fail(err, ERR_FORMAT, "cannot read predictions at %lld",
                       (long long)offset);
    list->hash = strdup(hash);
    if (!list->hash) {
        free(list->classes);
        return err_set(err, ERR_NOMEM, "no memory for predictions");
    }
    list->len = (size_t)len;
    dataset->n_predictions++;
    return 0;
}

static int lists_read(struct dataset *dataset, const struct table *raw,
                      hid_t text, size_t bytes, struct err *err)
{
    const struct table_column *stream = table_find(raw, "stream");
    const struct table_column *hashes =
        table_find(dataset->attempts, "prediction_hash");
    int rc = 0;

    for (size_t r = 0; !rc && r < raw->rows; r++) {
        int64_t attempt = table_i64(table_find(raw, "attempt_row"), r);
        int64_t offset = table_i64(table_find(raw, "offset"), r);
        int64_t len = table_i64(table_find(raw, "length"), r);
        const char *hash;

        if (strcmp(table_text(stream, r), "predictions") != 0 || attempt < 0 ||
            (uint64_t)attempt >= dataset->attempts->rows || offset < 0 ||
            len < 1 || len > CLASSES_MAX || (uint64_t)len > bytes ||
            (uint64_t)offset > bytes - (uint64_t)len)
            continue;
        hash = table_text(hashes, (size_t)attempt);
        if (*hash && !is_held(dataset, hash) &&
            dataset->n_predictions < LISTS_MAX)
            rc = list_add(dataset, text, hash, offset, len, err);
    }
    return rc;
}

int h5_predictions_read(hid_t file, struct dataset *dataset, struct err *err)
{
    hid_t text = H5I_INVALID_HID;
    struct table *raw = NULL;
    size_t bytes = 0;
    int rc;

    if (H5Lexists(file, "raw_output", H5P_DEFAULT) <= 0)
        return 0;
    dataset->predictions = calloc(LISTS_MAX, sizeof(*dataset->predictions));
    rc = dataset->predictions
             ? h5_table_read(file, "raw_output", "raw_row", 0, &raw, err)
             : err_set(err, ERR_NOMEM, "no memory for predictions");
    if (!rc)
        rc = h5_open_1d(file, "raw_text/text", &text, &bytes, err);
    if (!rc)
        rc = lists_read(dataset, raw, text, bytes, err);
    h5_close(text);
    table_destroy(raw);
    return rc;
}
