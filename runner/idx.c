/* idx.c - reads IDX files, trusting nothing in them */
#include "runner/idx.h"

#define MAGIC_IMAGES 0x803u
#define MAGIC_LABELS 0x801u

static uint32_t load_be(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

/* The checks both kinds share: magic, count, and exact length. */
static int check_head(const uint8_t *data, size_t len, const char *name,
                      uint32_t magic, size_t head, size_t each,
                      struct fail *fail)
{
    uint64_t count;

    if (len < head)
        return fail_set(fail, FAIL_FORMAT,
                        "%s has %zu bytes, an IDX head needs %zu", name, len,
                        head);
    if (load_be(data) != magic)
        return fail_set(fail, FAIL_FORMAT,
                        "%s begins with 0x%08x, expected IDX magic 0x%08x",
                        name, load_be(data), magic);
    count = load_be(data + 4);
    if (count == 0)
        return fail_set(fail, FAIL_FORMAT, "%s holds nothing", name);
    if (len - head != count * each)
        return fail_set(fail, FAIL_FORMAT,
                        "%s has %zu bytes, its head promises %llu", name, len,
                        (unsigned long long)(head + count * each));
    return 0;
}

int idx_images(const uint8_t *data, size_t len, const char *name,
               const uint8_t **ret_pixels, size_t *ret_count, struct fail *fail)
{
    if (check_head(data, len, name, MAGIC_IMAGES, 16, IDX_PIXELS, fail))
        return -1;
    if (load_be(data + 8) != 28 || load_be(data + 12) != 28)
        return fail_set(fail, FAIL_FORMAT,
                        "%s holds %u x %u images, expected 28 x 28", name,
                        load_be(data + 8), load_be(data + 12));
    *ret_pixels = data + 16;
    *ret_count = load_be(data + 4);
    return 0;
}

int idx_labels(const uint8_t *data, size_t len, const char *name,
               const uint8_t **ret_labels, size_t *ret_count, struct fail *fail)
{
    if (check_head(data, len, name, MAGIC_LABELS, 8, 1, fail))
        return -1;
    for (size_t i = 8; i < len; i++)
        if (data[i] > 9)
            return fail_set(fail, FAIL_FORMAT,
                            "%s: label %zu is %u, expected 0 to 9", name, i - 8,
                            data[i]);
    *ret_labels = data + 8;
    *ret_count = load_be(data + 4);
    return 0;
}
