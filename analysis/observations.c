/* observations.c - rows of cells and of sentinel attempts, by op point */
#include "analysis/observations.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "core/vec.h"

#define NOWHERE SIZE_MAX

/* Columns of a table that an observation is read from. */
struct from {
    const struct table_column *board, *start, *fps[SCOPE_KINDS];
};

static struct from from_make(const struct table *table)
{
    return (struct from){ table_find(table, "board"),
                          table_find(table, "start_unix_ns"),
                          { table_find(table, "fps_comp"),
                            table_find(table, "fps_sys") } };
}

static int add(struct observations *all, const struct from *from, size_t row,
               struct observation o, int64_t *first_ns, struct err *err)
{
    int64_t start = table_i64(from->start, row);

    o.fps = table_f64(from->fps[SCOPE_KIND_COMP], row);
    if (isnan(o.fps))
        o.fps = table_f64(from->fps[SCOPE_KIND_SYS], row);
    if (!(o.fps > 0))
        return 0;
    o.board = table_text(from->board, row);
    if (start != COLUMN_I64_MISSING && *first_ns == COLUMN_I64_MISSING)
        *first_ns = start;
    o.t_s = start == COLUMN_I64_MISSING ? (double)NAN
                                        : (double)(start - *first_ns) / 1e9;
    if (!VEC_PUSH(all, o))
        return err_set(err, ERR_NOMEM, "no memory for observations");
    return 0;
}

static int add_cells(const struct points *points, const struct classes *ops,
                     struct observations *all, size_t *point_of_row,
                     int64_t *first_ns, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < points->len; i++) {
        const struct point *p = &points->at[i];
        struct from from = from_make(p->dataset->cells);

        for (size_t r = 0; !rc && r < p->repeats; r++) {
            point_of_row[p->rows[r]] = i;
            rc = add(all, &from, p->rows[r],
                     (struct observation){ .op = ops->of[i], .point = i },
                     first_ns, err);
        }
    }
    return rc;
}

static int add_sentinels(const struct classes *ops,
                         const struct dataset *dataset,
                         struct observations *all, const size_t *point_of_row,
                         int64_t *first_ns, struct err *err)
{
    const struct table *attempts = dataset->attempts;
    const struct table_column *why =
        attempts ? table_find(attempts, "sentinel") : NULL;
    struct from from;
    int rc = 0;

    if (!why)
        return 0;
    from = from_make(attempts);
    for (size_t r = 0; !rc && r < attempts->rows; r++) {
        int64_t cell = table_i64(table_find(attempts, "cell"), r);

        if (!*table_text(why, r) || cell < 0 ||
            (uint64_t)cell >= dataset->cells->rows ||
            point_of_row[cell] == NOWHERE ||
            table_i64(table_find(attempts, "status"), r) != STATUS_OK)
            continue;
        rc = add(all, &from, r,
                 (struct observation){ .op = ops->of[point_of_row[cell]],
                                       .point = point_of_row[cell],
                                       .sentinel = true },
                 first_ns, err);
    }
    return rc;
}

static int by_op(const void *a, const void *b)
{
    const struct observation *p = a, *q = b;

    if (p->op != q->op)
        return p->op < q->op ? -1 : 1;
    return (p->t_s > q->t_s) - (p->t_s < q->t_s);
}

int observations_create(const struct points *points,
                        struct observations *ret_observations, struct err *err)
{
    const struct dataset *dataset = points->len ? points->at[0].dataset : NULL;
    size_t rows = dataset ? dataset->cells->rows : 0;
    size_t *point_of_row = malloc((rows + 1) * sizeof(*point_of_row));
    struct observations all = { 0 };
    struct classes ops = { 0 };
    int64_t first_ns = COLUMN_I64_MISSING;
    int rc = point_of_row
                 ? classes_create(points, CLASSES_BY_OP, &ops, err)
                 : err_set(err, ERR_NOMEM, "no memory for observations");

    for (size_t i = 0; !rc && i < rows; i++)
        point_of_row[i] = NOWHERE;
    if (!rc)
        rc = add_cells(points, &ops, &all, point_of_row, &first_ns, err);
    if (!rc && dataset)
        rc = add_sentinels(&ops, dataset, &all, point_of_row, &first_ns, err);
    if (all.len)
        qsort(all.at, all.len, sizeof(*all.at), by_op);
    all.ops = ops.count;
    classes_free(&ops);
    free(point_of_row);
    if (rc)
        observations_free(&all);
    else
        *ret_observations = all;
    return rc;
}

void observations_free(struct observations *observations)
{
    VEC_FREE(observations);
}
