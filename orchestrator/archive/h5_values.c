/* h5_values.c - chunks of numbers: inflated, unshuffled and widened at once */
#include "orchestrator/archive/h5_values.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "orchestrator/archive/h5_file.h"

#define CHUNK_BYTES_MAX (64u << 20) /* others are left to the library */

/* A data set of plain chunks, and room for one of them. */
struct plain {
    hid_t dataset;
    size_t width; /* of a number, bytes: 1, 4, 8 */
    size_t chunk; /* numbers of a chunk */
    uint8_t *raw; /* as stored */
    size_t raw_cap;
    uint8_t *shuffled; /* inflated: all first bytes, then all second ... */
};

/* The bytes of a number in the file; 0 if it is not as we store them. */
static size_t width_of(hid_t dataset, enum h5_values_kind kind)
{
    hid_t type = H5Dget_type(dataset);
    size_t width = 0;

    if (type < 0)
        return 0;
    if (kind == H5_VALUES_F64)
        width = H5Tequal(type, H5T_IEEE_F64LE) > 0 ? 8 : 0;
    else if (H5Tequal(type, H5T_STD_I64LE) > 0)
        width = 8;
    else if (H5Tequal(type, H5T_STD_I32LE) > 0)
        width = 4;
    else if (H5Tequal(type, H5T_STD_I8LE) > 0)
        width = 1;
    h5_close(type);
    return width;
}

static H5Z_filter_t filter_at(hid_t list, unsigned i)
{
    unsigned flags, config;
    size_t none = 0;

    return H5Pget_filter2(list, i, &flags, &none, NULL, 0, NULL, &config);
}

/* Numbers in a chunk; 0 if chunks are not of one row of shuffled, deflated
 * numbers. */
static size_t chunk_of(hid_t dataset)
{
    hid_t list = H5Dget_create_plist(dataset);
    hsize_t chunk = 0;

    if (list < 0)
        return 0;
    if (H5Pget_layout(list) != H5D_CHUNKED || H5Pget_nfilters(list) != 2 ||
        filter_at(list, 0) != H5Z_FILTER_SHUFFLE ||
        filter_at(list, 1) != H5Z_FILTER_DEFLATE ||
        H5Pget_chunk(list, 1, &chunk) != 1)
        chunk = 0;
    h5_close(list);
    return chunk <= CHUNK_BYTES_MAX ? (size_t)chunk : 0;
}

static bool plain_make(hid_t dataset, enum h5_values_kind kind,
                       struct plain *plain)
{
    size_t bytes;

    plain->dataset = dataset;
    plain->width = width_of(dataset, kind);
    plain->chunk = plain->width ? chunk_of(dataset) : 0;
    bytes = plain->width * plain->chunk;
    if (!bytes || bytes > CHUNK_BYTES_MAX)
        return false;
    plain->raw_cap = compressBound((uLong)bytes);
    plain->raw = malloc(plain->raw_cap);
    plain->shuffled = malloc(bytes);
    return plain->raw && plain->shuffled;
}

static void plain_free(struct plain *plain)
{
    free(plain->raw);
    free(plain->shuffled);
}

/* The stored bytes of the chunk that begins at row 'at'; false if it was
 * never written, was stored without the filters, or is too long. */
static bool raw_read(const struct plain *plain, hsize_t at, size_t *ret_len)
{
    hsize_t len = 0;
    uint32_t unfiltered = 0;

    if (H5Dget_chunk_storage_size(plain->dataset, &at, &len) < 0 || !len ||
        len > plain->raw_cap ||
        H5Dread_chunk(plain->dataset, H5P_DEFAULT, &at, &unfiltered,
                      plain->raw) < 0 ||
        unfiltered)
        return false;
    *ret_len = (size_t)len;
    return true;
}

/* Swap the bits of 'a' under 'mask' << 'by' with those of 'b' under 'mask'. */
static inline void swap_bits(uint64_t *a, uint64_t *b, unsigned by,
                             uint64_t mask)
{
    uint64_t both = ((*a >> by) ^ *b) & mask;

    *a ^= both << by;
    *b ^= both;
}

/* Turn eight first bytes, eight second bytes ... into eight numbers: a matrix
 * of bytes over its diagonal (Warren, Hacker's Delight, 7-3). */
static inline void transpose_8(uint64_t m[8])
{
    for (size_t i = 0; i < 8; i += 2)
        swap_bits(&m[i], &m[i + 1], 8, UINT64_C(0x00ff00ff00ff00ff));
    for (size_t i = 0; i < 8; i += 4)
        for (size_t k = i; k < i + 2; k++)
            swap_bits(&m[k], &m[k + 2], 16, UINT64_C(0x0000ffff0000ffff));
    for (size_t k = 0; k < 4; k++)
        swap_bits(&m[k], &m[k + 4], 32, UINT64_C(0x00000000ffffffff));
}

static uint64_t number_8(const uint8_t *from, size_t chunk)
{
    uint64_t number = 0;

    for (size_t k = 8; k-- > 0;)
        number = number << 8 | from[k * chunk];
    return number;
}

/* Numbers of eight bytes are copied bit by bit, be they whole or not; eight
 * at a time where the machine keeps low bytes first, as the file does. */
static void widen_8(const uint8_t *from, size_t chunk, size_t n, uint8_t *to)
{
    uint64_t m[8];
    size_t i = 0;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; i + 8 <= n; i += 8) {
        for (size_t k = 0; k < 8; k++)
            memcpy(&m[k], from + k * chunk + i, 8);
        transpose_8(m);
        memcpy(to + 8 * i, m, sizeof(m));
    }
#endif
    for (; i < n; i++) {
        m[0] = number_8(from + i, chunk);
        memcpy(to + 8 * i, m, 8);
    }
}

static void widen_4(const uint8_t *from, size_t chunk, size_t n, int64_t *to)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *at = from + i;

        to[i] = (int32_t)((uint32_t)at[0] | (uint32_t)at[chunk] << 8 |
                          (uint32_t)at[2 * chunk] << 16 |
                          (uint32_t)at[3 * chunk] << 24);
    }
}

static void widen_1(const uint8_t *from, size_t n, int64_t *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (int8_t)from[i];
}

/* Inflate the chunk in 'raw' and put its first 'n' numbers to 'to'. */
static bool chunk_decode(const struct plain *plain, size_t raw_len, size_t n,
                         void *to)
{
    uLongf len = (uLongf)(plain->width * plain->chunk);

    if (uncompress(plain->shuffled, &len, plain->raw, (uLong)raw_len) != Z_OK ||
        len != plain->width * plain->chunk)
        return false;
    if (plain->width == 8)
        widen_8(plain->shuffled, plain->chunk, n, to);
    else if (plain->width == 4)
        widen_4(plain->shuffled, plain->chunk, n, to);
    else
        widen_1(plain->shuffled, n, to);
    return true;
}

/* All chunks; false if one is not plain after all, or damaged: the library
 * then has the word. */
static bool plain_read(const struct plain *plain, size_t rows, bool look,
                       uint64_t *into)
{
    for (size_t at = 0; at < rows; at += plain->chunk) {
        size_t n = rows - at < plain->chunk ? rows - at : plain->chunk, len;

        if (!raw_read(plain, at, &len))
            return false;
        if (!look && !chunk_decode(plain, len, n, into + at))
            return false;
    }
    return true;
}

int h5_values_read(hid_t dataset, const char *name, size_t rows,
                   enum h5_values_kind kind, bool look, void *into,
                   struct err *err)
{
    hid_t type = kind == H5_VALUES_F64 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
    struct plain plain = { 0 };
    bool done = plain_make(dataset, kind, &plain) &&
                plain_read(&plain, rows, look, into);

    plain_free(&plain);
    if (done ||
        H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, into) >= 0)
        return 0;
    return h5_fail(err, ERR_FORMAT, "cannot read '%s'", name);
}
