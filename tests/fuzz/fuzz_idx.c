/* fuzz_idx.c - image and label files, and request lines, whatever they are */
#include <stdlib.h>
#include <string.h>

#include "runner/idx.h"
#include "runner/jin.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    const uint8_t *found;
    struct jin jin;
    size_t count;
    char *line;

    if (!idx_images(data, size, "fuzz", &found, &count, NULL) &&
        found + count * IDX_PIXELS != data + size)
        abort();
    if (!idx_labels(data, size, "fuzz", &found, &count, NULL))
        for (size_t i = 0; i < count; i++)
            if (found[i] > 9)
                abort();
    line = malloc(size + 1);
    if (!line)
        return;
    memcpy(line, data, size);
    line[size] = 0;
    if (!jin_parse(line, &jin, NULL))
        for (size_t i = 0; i < jin.pairs; i++)
            if (strlen(jin.pair[i].key) > size)
                abort();
    free(line);
}
