/* bench_analysis.c - analysis at size, a line a step: name, seconds
 *
 *     bench_analysis ARCHIVE
 *
 * The steps of peer.py on the same archive: read; points (means over
 * repeats); and from points the front, efficiencies and box plots; the
 * overview from cells.
 */
#include <stdio.h>
#include <stdlib.h>

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

static int64_t say(const char *name, int64_t start_ns)
{
    printf("%s %.6f\n", name, NS_TO_S(clock_mono_ns() - start_ns));
    fflush(stdout);
    return clock_mono_ns();
}

static void table(const struct report_data *data, const char *name)
{
    struct err err = { 0 };
    struct sheet *sheet = NULL;

    must(report_table_find(name)->make(data, &sheet, &err), &err);
    if (!sheet_rows(sheet))
        must(ERR_FORMAT, &(struct err){ .text = "a table is empty" });
    sheet_destroy(sheet);
}

/* A peak and a bandwidth for every platform of the archive. */
static void facts_make(const struct dataset *dataset, struct facts *facts)
{
    const struct table_column *platform =
        table_find(dataset->cells, "platform");
    const struct table_column *precision =
        table_find(dataset->cells, "precision");
    struct err err = { 0 };

    for (size_t i = 0; i < platform->n_labels; i++)
        for (size_t k = 0; k < precision->n_labels; k++) {
            struct platform_facts row = { .peak_op_s = 1e12,
                                          .bw_byte_s = 2e10 };

            snprintf(row.platform, sizeof(row.platform), "%s",
                     platform->labels[i]);
            snprintf(row.precision, sizeof(row.precision), "%s",
                     precision->labels[k]);
            must(facts_add_platform(facts, &row, &err), &err);
        }
}

int main(int argc, char **argv)
{
    struct dataset *dataset = NULL;
    struct facts facts = { 0 };
    struct report_data data = { 0 };
    struct points points;
    struct err err = { 0 };
    int64_t start = clock_mono_ns();

    if (argc != 2)
        must(ERR_USAGE, &(struct err){ .text = "usage: bench_analysis FILE" });
    must(archive_read(argv[1], 0, &dataset, &err), &err);
    start = say("read", start);
    must(points_create(dataset, NULL, &points, &err), &err);
    say("points", start);
    points_free(&points);
    facts_make(dataset, &facts);
    must(report_data_create((const struct dataset *const[]){ dataset }, 1,
                            &facts, NULL, &data, &err),
         &err);
    start = clock_mono_ns();
    for (enum scope_kind k = 0; k <= SCOPE_KIND_COMP; k++) {
        size_t *places, len;
        bool *front;

        must(points_best(&data.sources[0].points, k, &places, &len, &err),
             &err);
        front = calloc(len + 1, sizeof(*front));
        must(points_front(&data.sources[0].points, places, len, k, front, &err),
             &err);
        free(front);
        free(places);
    }
    start = say("pareto", start);
    table(&data, "best");
    start = say("efficiency", start);
    table(&data, "boxes");
    start = say("boxes", start);
    table(&data, "overview");
    say("overview", start);
    report_data_free(&data);
    facts_free(&facts);
    dataset_destroy(dataset);
    return 0;
}
