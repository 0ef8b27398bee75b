/* test_kernels.c - every kernel of this CPU against plain sums */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/cpu.h"
#include "runner/kernels/kernel.h"
#include "runner/kernels/panel.h"
#include "runner/mem.h"
#include "tests/unit/runner/tiles_emulated.h"

/* The AMX kernel's own source, over an emulated tile unit. */
static kernel_pack_f emulated_pack;
static kernel_layer_f emulated_layer;
#define TILES_NAME(x) emulated_##x
#include "runner/kernels/tiles_amx.inc"

struct shape {
    size_t n, k, rows;
};

/* Whole blocks, odd ends, single rows, and tiles of every height. */
static const struct shape shapes[] = {
    { 10, 784, 1 },   { 64, 64, 2 },    { 65, 63, 3 },    { 1, 1, 1 },
    { 130, 100, 5 },  { 256, 784, 7 },  { 100, 257, 12 }, { 77, 65, 13 },
    { 64, 1024, 19 }, { 10, 2048, 25 }, { 70, 130, 33 },  { 130, 70, 80 },
};
/* The deepest layer there may be: 16-bit lanes must not overflow. */
static const struct shape deep = { 64, NET_WIDTH_MAX, 6 };

enum fill {
    FILL_RANDOM,
    FILL_TOP,
    FILL_BOTTOM
};

static uint64_t seed;

static uint32_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 20);
}

static int8_t level(enum fill fill, unsigned bits)
{
    int top = (1 << (bits - 1)) - 1;

    switch (fill) {
    case FILL_RANDOM:
        return (int8_t)((int)(draw() % (1u << bits)) - top - 1);
    case FILL_TOP:
        return (int8_t)top;
    case FILL_BOTTOM:
        return (int8_t)(-top - 1);
    }
    return 0;
}

/* A layer whose epilogue cannot leave 32 bits. */
static void layer_make(struct net_layer *layer, const struct shape *shape,
                       unsigned bits, enum fill fill)
{
    *layer = (struct net_layer){ .n = shape->n, .k = shape->k, .bits = bits };
    assert_int_equal(net_layer_alloc(layer, NULL), 0);
    layer->shift = 18 + draw() % 4;
    for (size_t i = 0; bits <= 8 && i < layer->n * layer->k; i++)
        layer->w[i] = level(fill, bits);
    for (size_t j = 0; bits <= 8 && j < layer->n; j++) {
        int64_t reach = net_reach(layer, j) + 1;
        int64_t limit = 2000000000 / reach;

        layer->mul[j] = (int32_t)((int64_t)draw() % (2 * limit + 1) - limit);
        layer->add[j] = (int32_t)(draw() % 100000000) - 50000000;
    }
    for (size_t i = 0; bits > 8 && i < layer->n * layer->k; i++) {
        uint16_t half = (uint16_t)(draw() & 0xffff);

        layer->half[i] = (half & 0x7c00) == 0x7c00 ? 0x3c00 : half;
        layer->half[i] &= 0xbfff; /* below 2: sums stay exact enough */
    }
    for (size_t j = 0; bits > 8 && j < layer->n; j++)
        layer->bias[j] = (float)(draw() % 1000) / 500 - 1;
}

static void layer_free(struct net_layer *layer)
{
    free(layer->w);
    free(layer->mul);
    free(layer->add);
    free(layer->half);
    free(layer->bias);
}

static int64_t sum_of(const struct net_layer *layer, size_t j,
                      const uint8_t *row)
{
    int64_t sum = 0;

    for (size_t i = 0; i < layer->k; i++)
        sum += layer->w[j * layer->k + i] * row[i];
    return sum;
}

/* The level of value 'i' in a row as a kernel stores it. */
static unsigned stored(enum act_form form, const void *row, size_t i,
                       unsigned bits)
{
    const uint64_t *planes = row;
    unsigned value = 0;

    if (form == ACT_U8)
        return ((const uint8_t *)row)[i];
    for (unsigned b = 0; b < bits; b++)
        value |= (unsigned)(planes[i / 64 * bits + b] >> (i % 64) & 1) << b;
    return value;
}

/* A packed layer, its input rows, and what the kernel makes of them. */
struct bench {
    struct kernel_layer packed;
    uint8_t *levels; /* [rows][k] */
    uint8_t *in, *out;
    int32_t *raw;
    size_t in_row, out_row;
};

static void bench_open(struct bench *b, const struct kernel *kernel,
                       const struct net_layer *layer, size_t rows,
                       enum fill fill)
{
    unsigned bits = layer->bits, top = bits < 8 ? (1u << bits) - 1 : 255;

    assert_int_equal(kernel_layer_pack(kernel, layer, &b->packed, NULL), 0);
    b->in_row = act_bytes(kernel->form, b->packed.kp, bits);
    b->out_row = act_bytes(kernel->form, b->packed.np, bits);
    b->levels = malloc(rows * layer->k);
    b->in = mem_alloc(rows * b->in_row);
    b->out = mem_alloc(rows * b->out_row);
    b->raw = mem_alloc(rows * b->packed.np * 4);
    assert_true(b->levels && b->in && b->out && b->raw);
    memset(b->out, 0xa5, rows * b->out_row);
    for (size_t i = 0; i < rows * layer->k; i++)
        b->levels[i] =
            (uint8_t)(fill == FILL_RANDOM ? draw() % (top + 1) : top);
    for (size_t r = 0; r < rows; r++)
        act_store(kernel->form, b->levels + r * layer->k, layer->k, bits,
                  b->in + r * b->in_row);
    kernel->layer(&b->packed, b->in, NULL, b->raw, rows, 0,
                  b->packed.np / KERNEL_BLOCK);
    /* in two parts, as two threads would */
    kernel->layer(&b->packed, b->in, b->out, NULL, rows, 0, 1);
    kernel->layer(&b->packed, b->in, b->out, NULL, rows, 1,
                  b->packed.np / KERNEL_BLOCK);
}

static void bench_close(struct bench *b)
{
    kernel_layer_clear(&b->packed);
    free(b->levels);
    free(b->in);
    free(b->out);
    free(b->raw);
}

static void check_integers(const struct kernel *kernel,
                           const struct shape *shape, enum fill fill)
{
    unsigned bits = precision_bits(kernel->precision);
    struct net_layer layer;
    struct bench b;

    layer_make(&layer, shape, bits, fill);
    bench_open(&b, kernel, &layer, shape->rows, fill);
    for (size_t r = 0; r < shape->rows; r++)
        for (size_t j = 0; j < b.packed.np; j++) {
            bool there = j < layer.n;
            int64_t sum = there ? sum_of(&layer, j, b.levels + r * layer.k) : 0;
            int64_t y =
                there ? (layer.mul[j] * sum + layer.add[j]) >> layer.shift : 0;
            int64_t top = (1 << bits) - 1;
            int64_t want = y < 0 ? 0 : y > top ? top : y;
            unsigned got = stored(kernel->form, b.out + r * b.out_row, j, bits);

            if (b.raw[r * b.packed.np + j] != sum || got != want)
                fail_msg("%s %s, %zu x %zu, row %zu of %zu, neuron %zu: sum "
                         "%d for %lld, level %u for %lld",
                         kernel->name, precision_name(kernel->precision),
                         layer.n, layer.k, r, shape->rows, j,
                         b.raw[r * b.packed.np + j], (long long)sum, got,
                         (long long)want);
        }
    bench_close(&b);
    layer_free(&layer);
}

/* Halves have 11 bits, floats 24. */
static double tolerance(const struct kernel *kernel)
{
    return kernel->features & CPU_FP16 ? 4e-3 : 1e-5;
}

static void check_floats(const struct kernel *kernel, const struct shape *shape)
{
    struct net_layer layer;
    struct bench b;

    layer_make(&layer, shape, 16, FILL_RANDOM);
    bench_open(&b, kernel, &layer, shape->rows, FILL_RANDOM);
    for (size_t r = 0; r < shape->rows; r++)
        for (size_t j = 0; j < layer.n; j++) {
            double sum = (double)layer.bias[j], size = 1;
            double most = tolerance(kernel);
            const float *raw = (const float *)(const void *)b.raw;
            const float *out =
                (const float *)(const void *)(b.out + r * b.out_row);
            double got = (double)raw[r * b.packed.np + j];

            for (size_t i = 0; i < layer.k; i++) {
                double part = (double)net_half(layer.half[j * layer.k + i]) *
                              b.levels[r * layer.k + i] / 255;

                sum += part;
                size += part < 0 ? -part : part;
            }
            if (!(got - sum < size * most && sum - got < size * most))
                fail_msg("%s %s, %zu x %zu, neuron %zu: %.9g for %.9g",
                         kernel->name, precision_name(kernel->precision),
                         layer.n, layer.k, j, got, sum);
            assert_true((double)out[j] == (got > 0 ? got : 0));
        }
    bench_close(&b);
    layer_free(&layer);
}

static void every_kernel_agrees_with_plain_sums(void **state)
{
    unsigned features = cpu_features(), tried = 0;
    const struct kernel *k;

    (void)state;
    seed = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; (k = kernel_at(i)); i++) {
        if (k->features & ~features)
            continue;
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
            if (k->form == ACT_F32)
                check_floats(k, &shapes[s]);
            else
                check_integers(k, &shapes[s], FILL_RANDOM);
        tried++;
    }
    assert_true(tried >= PRECISIONS);
}

static void sums_at_their_limits_stay_exact(void **state)
{
    unsigned features = cpu_features();
    const struct kernel *k;

    (void)state;
    for (size_t i = 0; (k = kernel_at(i)); i++) {
        if (k->features & ~features || k->form == ACT_F32)
            continue;
        check_integers(k, &deep, FILL_TOP);
        check_integers(k, &deep, FILL_BOTTOM);
    }
}

static void the_amx_kernel_is_exact_on_an_emulated_unit(void **state)
{
    static const enum precision precisions[] = { PRECISION_INT2, PRECISION_INT4,
                                                 PRECISION_INT8 };

    (void)state;
    seed = 0x2545f4914f6cdd1du;
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
        const struct kernel k = { .name = "emulated amx",
                                  .precision = precisions[i],
                                  .form = ACT_U8,
                                  .pack = emulated_pack,
                                  .layer = emulated_layer };

        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
            check_integers(&k, &shapes[s], FILL_RANDOM);
        check_integers(&k, &deep, FILL_TOP);
        check_integers(&k, &deep, FILL_BOTTOM);
    }
}

static void every_precision_has_a_portable_kernel(void **state)
{
    const struct kernel *k;

    (void)state;
    for (unsigned p = 0; p < PRECISIONS; p++) {
        assert_int_equal(
            kernel_choose("portable", (enum precision)p, 0, 1, &k, NULL), 0);
        assert_int_equal(k->precision, p);
        assert_int_equal(kernel_choose(NULL, (enum precision)p, 0, 1, &k, NULL),
                         0);
    }
}

static void a_kernel_that_cannot_run_is_refused(void **state)
{
    const struct kernel *k;
    struct fail fail;

    (void)state;
    assert_int_equal(kernel_choose("nosuch", PRECISION_INT2, ~0u, 1, &k, &fail),
                     -1);
    assert_int_equal(fail.code, FAIL_KERNEL);
    for (size_t i = 0; (k = kernel_at(i)); i++) {
        const struct kernel *got;

        if (!k->features)
            continue;
        assert_int_equal(
            kernel_choose(k->name, k->precision, 0, 1, &got, &fail), -1);
        assert_int_equal(fail.code, FAIL_KERNEL);
        assert_non_null(strstr(fail.text, "lacks"));
    }
}

static void every_row_of_the_table_is_whole(void **state)
{
    const struct kernel *a, *b;

    (void)state;
    for (size_t i = 0; (a = kernel_at(i)); i++) {
        assert_true(a->name && a->help && a->pack && a->layer);
        assert_true(a->batch_min >= 1);
        for (size_t j = 0; j < i; j++) {
            b = kernel_at(j);
            assert_false(b->precision == a->precision &&
                         !strcmp(b->name, a->name));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_agrees_with_plain_sums),
        cmocka_unit_test(sums_at_their_limits_stay_exact),
        cmocka_unit_test(the_amx_kernel_is_exact_on_an_emulated_unit),
        cmocka_unit_test(every_precision_has_a_portable_kernel),
        cmocka_unit_test(a_kernel_that_cannot_run_is_refused),
        cmocka_unit_test(every_row_of_the_table_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
