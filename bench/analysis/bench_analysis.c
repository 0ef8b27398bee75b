/* bench_analysis.c - analysis at size, a line a step: name, seconds of wall and
 * of processor, result
 *
 *     bench_analysis ARCHIVE [read]
 *
 * The steps of peer.py on the same archive, each from the same columns in
 * memory to the same result, whose sum is the last word: read (columns
 * and their labels); points (means over repeats, intervals); and from points
 * the best batches and their front, efficiencies and box plots; the overview
 * from cells.  Nothing is worked out before its step, nothing left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "analysis/efficiency.h"
#include "analysis/estimate.h"
#include "analysis/groups.h"
#include "analysis/predict.h"
#include "analysis/weights.h"
#include "core/clock.h"
#include "orchestrator/archive/h5_reader.h"
#include "report/report_data.h"

static void must(int rc, const struct err *err)
{
    if (!rc)
        return;
    fprintf(stderr, "bench_analysis: %s\n", err->text);
    exit(1);
}

/* When a step began: wall and processor time, ns. */
struct start {
    int64_t wall_ns, cpu_ns;
};

static int64_t ns_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000000 + (int64_t)time.tv_usec * 1000;
}

/* Processor time of this process and the children it waited for. */
static int64_t cpu_ns(void)
{
    struct rusage own, children;

    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return ns_of(own.ru_utime) + ns_of(own.ru_stime) +
           ns_of(children.ru_utime) + ns_of(children.ru_stime);
}

static struct start begin(void)
{
    return (struct start){ clock_mono_ns(), cpu_ns() };
}

/* What passed since 'start', which it becomes. */
static void end(struct start *start)
{
    start->wall_ns = clock_mono_ns() - start->wall_ns;
    start->cpu_ns = cpu_ns() - start->cpu_ns;
}

static void say(const char *name, const struct start *took, double result)
{
    printf("%s %.6f %.6f %.10g\n", name, NS_TO_S(took->wall_ns),
           NS_TO_S(took->cpu_ns), result);
    fflush(stdout);
}

/* A peak and a bandwidth for every platform and mode of the archive. */
static void facts_make(const struct dataset *dataset, struct facts *facts)
{
    static const char *const keys[] = { "platform", "op_mode", "precision",
                                        NULL };
    const struct table *cells = dataset->cells;
    struct rows rows;
    struct groups groups;
    struct err err = { 0 };

    must(select_rows(cells, NULL, &rows, &err), &err);
    must(groups_create(cells, &rows, keys, &groups, &err), &err);
    for (size_t g = 0; g < groups.count; g++) {
        struct platform_facts row = { .peak_op_s = 1e12, .bw_byte_s = 2e10 };
        char *const to[] = { row.platform, row.op_mode, row.precision };

        for (size_t k = 0; keys[k]; k++)
            strcpy(to[k],
                   table_text(table_find(cells, keys[k]), groups.first[g]));
        must(facts_add_platform(facts, &row, &err), &err);
    }
    groups_free(&groups);
    select_free(&rows);
}

/* Sum of a column of numbers, where 'scope' is "" or the row's. */
static double column_sum(const struct sheet *sheet, const char *name,
                         const char *scope)
{
    size_t column = sheet_find(sheet, name), at = sheet_find(sheet, "scope");
    double sum = 0;

    for (size_t r = 0; r < sheet_rows(sheet); r++)
        if (!*scope || !strcmp(sheet_text_at(sheet, r, at), scope))
            sum += sheet_number_at(sheet, r, column);
    return sum;
}

static void bench_points(const struct dataset *dataset, struct points *points)
{
    struct err err = { 0 };
    struct start start = begin();
    double sum = 0;

    must(points_create(dataset, NULL, points, &err), &err);
    end(&start);
    for (size_t i = 0; i < points->len; i++)
        sum += points->at[i].scope[SCOPE_KIND_COMP].fps;
    say("points", &start, sum);
}

static void bench_pareto(const struct points *points)
{
    size_t *sets = calloc(points->len + 1, sizeof(*sets)), *best, len, n_sets;
    bool *front = calloc(points->len + 1, sizeof(*front));
    struct err err = { 0 };
    struct start start = begin();
    double sum = 0;

    must(weights_sets(points, sets, &n_sets, &err), &err);
    must(points_best(points, SCOPE_KIND_COMP, &best, &len, &err), &err);
    must(points_front(points, best, len, SCOPE_KIND_COMP, sets, front, &err),
         &err);
    for (size_t i = 0; i < len; i++)
        if (front[i])
            sum += points->at[best[i]].scope[SCOPE_KIND_COMP].fps;
    end(&start);
    say("pareto", &start, sum);
    free(sets);
    free(front);
    free(best);
}

static void bench_efficiency(const struct points *points,
                             const struct facts *facts)
{
    size_t *best, len;
    struct err err = { 0 };
    struct start start = begin();
    double sum = 0, peak, bandwidth;

    must(points_best(points, SCOPE_KIND_COMP, &best, &len, &err), &err);
    for (size_t i = 0; i < len; i++) {
        const struct point *p = &points->at[best[i]];

        estimate_roof(p, facts, &peak, &bandwidth);
        sum += efficiency_pct(p->scope[SCOPE_KIND_COMP].fps,
                              predict_seed(peak, bandwidth, p->ops_image,
                                           p->params, p->weight_bits));
    }
    end(&start);
    say("efficiency", &start, sum);
    free(best);
}

static void bench_table(const struct report_data *data, const char *name,
                        const char *column, const char *scope)
{
    struct err err = { 0 };
    struct sheet *sheet = NULL;
    struct start start = begin();

    must(report_table_find(name)->make(data, &sheet, &err), &err);
    end(&start);
    say(name, &start, column_sum(sheet, column, scope));
    sheet_destroy(sheet);
}

int main(int argc, char **argv)
{
    struct dataset *dataset = NULL;
    struct facts facts = { 0 };
    struct report_data data = { 0 };
    struct points points;
    struct err err = { 0 };
    struct start start = begin();

    if (argc < 2)
        must(ERR_USAGE, &(struct err){ .text = "usage: bench_analysis FILE" });
    must(archive_read(argv[1], 0, &dataset, &err), &err);
    end(&start);
    say(argc > 2 ? "read-alone" : "read", &start, (double)dataset->cells->rows);
    if (argc > 2) {
        dataset_destroy(dataset);
        return 0;
    }
    bench_points(dataset, &points);
    facts_make(dataset, &facts);
    bench_pareto(&points);
    bench_efficiency(&points, &facts);
    points_free(&points);
    must(report_data_create((const struct dataset *const[]){ dataset }, 1,
                            &facts, NULL, REPORT_WHOLE, &data, &err),
         &err);
    bench_table(&data, "boxes", "median", "compute");
    bench_table(&data, "overview", "ok", "");
    report_data_free(&data);
    facts_free(&facts);
    dataset_destroy(dataset);
    return 0;
}
