/* tiles_emulated.h - the tile unit in plain C, as Intel's manual has it
 *
 * Stands in for tiles_amx.h, so that the AMX kernel's own source runs on any
 * CPU (SDM volume 2: LDTILECFG, TILELOADD, TDPBUSD, TILESTORED).  It fails the
 * test where the unit would fault: a register that has no shape, or shapes
 * that do not fit each other.
 */
#ifndef TESTS_UNIT_RUNNER_TILES_EMULATED_H
#define TESTS_UNIT_RUNNER_TILES_EMULATED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/kernels/tiles_shape.h"

static struct tiles_unit {
    struct tiles_shape shape;
    uint8_t data[TILES][TILES_ROWS][TILES_ROW];
} unit;

static void tiles_check(size_t t)
{
    assert_int_equal(unit.shape.palette, 1);
    assert_in_range(unit.shape.rows[t], 1, TILES_ROWS);
    assert_in_range(unit.shape.row_bytes[t], 1, TILES_ROW);
}

static void tiles_configure(const struct tiles_shape *shape)
{
    memset(&unit, 0, sizeof unit);
    unit.shape = *shape;
}

static void tiles_release(void)
{
    memset(&unit, 0, sizeof unit);
}

static void tiles_zero(size_t t)
{
    tiles_check(t);
    memset(unit.data[t], 0, sizeof unit.data[t]);
}

static void tiles_load(size_t t, const void *from, size_t stride)
{
    tiles_zero(t);
    for (size_t r = 0; r < unit.shape.rows[t]; r++)
        memcpy(unit.data[t][r], (const uint8_t *)from + r * stride,
               unit.shape.row_bytes[t]);
}

static void tiles_store(size_t t, void *to, size_t stride)
{
    tiles_check(t);
    for (size_t r = 0; r < unit.shape.rows[t]; r++)
        memcpy((uint8_t *)to + r * stride, unit.data[t][r],
               unit.shape.row_bytes[t]);
}

static void tiles_dot(size_t sum, size_t a, size_t b)
{
    size_t rows = unit.shape.rows[sum], depth = unit.shape.row_bytes[a] / 4;

    tiles_check(sum);
    tiles_check(a);
    tiles_check(b);
    assert_int_equal(unit.shape.rows[a], rows);
    assert_int_equal(unit.shape.rows[b], depth);
    assert_int_equal(unit.shape.row_bytes[b], unit.shape.row_bytes[sum]);
    for (size_t m = 0; m < rows; m++)
        for (size_t n = 0; n < unit.shape.row_bytes[sum] / 4u; n++) {
            int32_t acc;

            memcpy(&acc, unit.data[sum][m] + 4 * n, 4);
            for (size_t k = 0; k < 4 * depth; k++)
                acc += unit.data[a][m][k] *
                       (int8_t)unit.data[b][k / 4][4 * n + k % 4];
            memcpy(unit.data[sum][m] + 4 * n, &acc, 4);
        }
}

#endif
