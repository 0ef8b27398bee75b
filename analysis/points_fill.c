/* points_fill.c - the columns of repeats folded, a block of points at a time */
#include "analysis/points_fill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/efficiency.h"
#include "core/vec.h"

#define BLOCK     256 /* points: they stay in cache from column to column */
#define REACH_MAX 32  /* repeats whose interval's reach is known beforehand */

/* Columns of a cell table that points read, and where their values go. */
static const struct {
    const char *name;
    size_t offset;
} labels[] = {
    { "topology", offsetof(struct point, topology) },
    { "dataset", offsetof(struct point, images) },
    { "platform", offsetof(struct point, platform) },
    { "op_mode", offsetof(struct point, op_mode) },
    { "precision", offsetof(struct point, precision) },
    { "provenance", offsetof(struct point, provenance) },
    { "board", offsetof(struct point, board) },
    { "model_digest", offsetof(struct point, model) },
    { "prediction_hash", offsetof(struct point, predictions) },
};

/* The same in all repeats; 'otherwise' where it is missing. */
static const struct {
    const char *name;
    size_t offset;
    double otherwise;
} numbers[] = {
    { "pruning_factor_pct", offsetof(struct point, pruning_pct), 100 },
    { "batch", offsetof(struct point, batch), 1 },
    { "threads", offsetof(struct point, threads), 1 },
    { "streams", offsetof(struct point, streams), 1 },
    { "ops_image", offsetof(struct point, ops_image), (double)NAN },
    { "params", offsetof(struct point, params), (double)NAN },
    { "weight_bits", offsetof(struct point, weight_bits), (double)NAN },
    { "accuracy_images", offsetof(struct point, accuracy_images), (double)NAN },
};

#define IN_SCOPE(kind, field)                                                  \
    (offsetof(struct point, scope) + (kind) * sizeof(struct point_scope) +     \
     offsetof(struct point_scope, field))
#define NO_HALF SIZE_MAX

/* Means over repeats, and half the interval of some. */
static const struct {
    const char *name;
    size_t offset, half;
    bool metered; /* of repeats whose meters see the same alone */
} means[] = {
    { "fps_comp", IN_SCOPE(0, fps), IN_SCOPE(0, fps_half), false },
    { "lat_comp_s", IN_SCOPE(0, lat), IN_SCOPE(0, lat_half), false },
    { "fps_sys", IN_SCOPE(1, fps), IN_SCOPE(1, fps_half), false },
    { "lat_sys_s", IN_SCOPE(1, lat), IN_SCOPE(1, lat_half), false },
    { "top1_pct", offsetof(struct point, top1_pct), NO_HALF, false },
    { "power_base_w", offsetof(struct point, base_w), NO_HALF, true },
    { "power_idle_w", offsetof(struct point, idle_w), NO_HALF, true },
    { "power_full_w", offsetof(struct point, full_w),
      offsetof(struct point, full_half), true },
    { "energy_image_j", offsetof(struct point, energy_image_j),
      offsetof(struct point, energy_half), true },
};

/* The repeats of one point, rows of the table. */
struct repeats {
    const uint32_t *rows;
    size_t len;
};

/* Points side by side, and room for what is worked out of one. */
struct block {
    struct point *at;
    size_t len;
    struct repeats all[BLOCK], metered[BLOCK];
    uint32_t *some; /* rows of those whose repeats are not all metered alike */
    double *values;
    double reach[REACH_MAX]; /* reach_of() so many repeats */
};

static void *field_at(const struct block *block, size_t i, size_t offset)
{
    return (char *)&block->at[i] + offset;
}

/* What is the same in all repeats, from the first. */
static void put_labels(const struct block *block,
                       const struct table_column *column, size_t offset)
{
    for (size_t i = 0; i < block->len; i++)
        *(const char **)field_at(block, i, offset) =
            table_text(column, block->at[i].row);
}

static void put_numbers(const struct block *block,
                        const struct table_column *column, size_t offset,
                        double otherwise)
{
    for (size_t i = 0; i < block->len; i++) {
        double value = table_f64(column, block->at[i].row);

        *(double *)field_at(block, i, offset) =
            isnan(value) ? otherwise : value;
    }
}

/* The values of a column that are there, their count and mean. */
static inline size_t gather(const struct repeats *repeats,
                            const struct table_column *column, double *values,
                            double *ret_mean)
{
    bool plain = column->type == COLUMN_F64;
    double total = 0;
    size_t n = 0;

    for (size_t i = 0; i < repeats->len; i++) {
        uint32_t row = repeats->rows[i];
        double value = plain ? column->f64[row] : table_f64(column, row);

        if (isnan(value))
            continue;
        total += value;
        values[n++] = value;
    }
    if (n > STATS_FEW)
        total = stats_sum(values, n);
    *ret_mean = n ? total / (double)n : (double)NAN;
    return n;
}

/* Half an interval over the root of the sum of squares. */
static double reach_of(size_t n)
{
    return stats_reach(n) / sqrt((double)n - 1);
}

/* Means, and half their intervals unless 'half' is NO_HALF. */
static void put_means(const struct block *block, const struct repeats *repeats,
                      const struct table_column *column, size_t offset,
                      size_t half)
{
    for (size_t i = 0; i < block->len; i++) {
        double mean;
        size_t n = gather(&repeats[i], column, block->values, &mean);

        *(double *)field_at(block, i, offset) = mean;
        if (half != NO_HALF)
            *(double *)field_at(block, i, half) =
                (n < REACH_MAX ? block->reach[n] : reach_of(n)) *
                sqrt(stats_squares(block->values, n, mean));
    }
}

/* The same of a column that is not there. */
static void put_missing(const struct block *block, size_t offset, size_t half)
{
    for (size_t i = 0; i < block->len; i++) {
        *(double *)field_at(block, i, offset) = (double)NAN;
        if (half != NO_HALF)
            *(double *)field_at(block, i, half) = (double)NAN;
    }
}

/* The repeats whose meters see what the first known one's sees: a mean of a
 * module's power and of a wall's would be neither.  Where that is not all of
 * them they are listed at 'some', which moves on. */
static struct repeats of_one_scope(const struct repeats *all,
                                   const struct table_column *scope,
                                   uint32_t **some)
{
    struct repeats same = { *some, 0 };
    int64_t first = -1;

    for (size_t i = 0; scope && i < all->len; i++) {
        int64_t at = table_i64(scope, all->rows[i]);

        if (first < 0)
            first = at;
        if (at >= 0 && at == first)
            (*some)[same.len++] = all->rows[i];
    }
    if (!same.len || same.len == all->len)
        return *all;
    *some += same.len;
    return same;
}

/* Energy of an image where none was integrated.  Only who published so divides
 * power by compute throughput alone: ours is of a whole window. */
static void put_energy(struct point *point)
{
    for (size_t k = strcmp(point->provenance, "published") ? SCOPE_KIND_SYS : 0;
         k < SCOPE_KINDS; k++)
        if (isnan(point->energy_image_j))
            point->energy_image_j =
                efficiency_energy_image_j(point->full_w, point->scope[k].fps);
}

/* Who the points of a block are: those of the groups from 'group' on. */
static void block_begin(struct block *block, const struct dataset *dataset,
                        const struct group_rows *lists, size_t group,
                        const struct table_column *power_scope)
{
    uint32_t *some = block->some;

    for (size_t i = 0; i < block->len; i++) {
        size_t start = lists->start[group + i];
        struct repeats all = { lists->at + start,
                               lists->start[group + i + 1] - start };

        block->all[i] = all;
        block->metered[i] = of_one_scope(&all, power_scope, &some);
        block->at[i].dataset = dataset;
        block->at[i].row = all.rows[0];
        block->at[i].repeats = (uint32_t)all.len;
        block->at[i].rows = all.rows;
        block->at[i].power_scope =
            table_text(power_scope, block->metered[i].rows[0]);
    }
}

/* Every other field of them. */
static void block_fill(const struct block *block, const struct table *cells)
{
    for (size_t k = 0; k < ARRAY_LEN(labels); k++)
        put_labels(block, table_find(cells, labels[k].name), labels[k].offset);
    for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
        put_numbers(block, table_find(cells, numbers[k].name),
                    numbers[k].offset, numbers[k].otherwise);
    for (size_t k = 0; k < ARRAY_LEN(means); k++) {
        const struct table_column *column = table_find(cells, means[k].name);

        if (column)
            put_means(block, means[k].metered ? block->metered : block->all,
                      column, means[k].offset, means[k].half);
        else
            put_missing(block, means[k].offset, means[k].half);
    }
    for (size_t i = 0; i < block->len; i++)
        put_energy(&block->at[i]);
}

/* The rows of the block, and of the point, that has most of them. */
static void find_most(const struct groups *groups,
                      const struct group_rows *lists, size_t *ret_block,
                      size_t *ret_point)
{
    *ret_block = *ret_point = 0;
    for (size_t g = 0; g < groups->count; g++) {
        size_t end = g + BLOCK < groups->count ? g + BLOCK : groups->count;
        size_t point = lists->start[g + 1] - lists->start[g];
        size_t block = lists->start[end] - lists->start[g];

        if (point > *ret_point)
            *ret_point = point;
        if (g % BLOCK == 0 && block > *ret_block)
            *ret_block = block;
    }
}

int points_fill(const struct dataset *dataset, const struct groups *groups,
                const struct group_rows *lists, struct point *at,
                struct err *err)
{
    const struct table_column *power_scope =
        table_find(dataset->cells, "power_scope");
    struct block *block = calloc(1, sizeof(*block));
    size_t in_block, in_point;
    int rc = 0;

    find_most(groups, lists, &in_block, &in_point);
    if (block) {
        for (size_t n = 0; n < REACH_MAX; n++)
            block->reach[n] = reach_of(n);
        block->values = malloc((in_point + 1) * sizeof(double));
        block->some = malloc((in_block + 1) * sizeof(uint32_t));
    }
    if (!block || !block->values || !block->some)
        rc = err_set(err, ERR_NOMEM, "no memory for %zu repeats", in_block);
    for (size_t g = 0; !rc && g < groups->count; g += BLOCK) {
        block->at = &at[g];
        block->len = groups->count - g < BLOCK ? groups->count - g : BLOCK;
        block_begin(block, dataset, lists, g, power_scope);
        block_fill(block, dataset->cells);
    }
    if (block) {
        free(block->values);
        free(block->some);
    }
    free(block);
    return rc;
}
