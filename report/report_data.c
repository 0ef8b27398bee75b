/* report_data.c - what every table of a report starts from */
#include "report/report_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/weights.h"
#include "core/vec.h"
#include "report/names.h"

static const struct report_table tables[] = {
#define TABLE(name, in_page, help)                                             \
    { #name, in_page, help, report_table_##name },
#include "report/tables.def"
#undef TABLE
};

const struct report_table *report_table_at(size_t i)
{
    return i < ARRAY_LEN(tables) ? &tables[i] : NULL;
}

const struct report_table *report_table_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        if (!strcmp(tables[i].name, name))
            return &tables[i];
    return NULL;
}

static const char *title_of(const struct dataset *dataset)
{
    return dataset->title ? dataset->title : "";
}

/* The folder of a campaign, or the path of an archive by itself. */
static void put_folder(struct buf *out, const char *path)
{
    static const char file[] = "/archive.h5";
    size_t len = path ? strlen(path) : 0, tail = sizeof(file) - 1;

    if (len > tail && !strcmp(path + len - tail, file))
        len -= tail;
    buf_put(out, path ? path : "", len);
}

static int source_name(const struct dataset *const *datasets, size_t n,
                       size_t which, char **ret_name, struct err *err)
{
    const char *title = title_of(datasets[which]);
    struct buf text = { 0 };
    bool alone = *title;

    for (size_t i = 0; i < n; i++)
        alone = alone && (i == which || strcmp(title_of(datasets[i]), title));
    if (alone) {
        buf_printf(&text, "%s", title);
    } else {
        buf_printf(&text, "%s%s", title, *title ? " (" : "");
        put_folder(&text, datasets[which]->path);
        buf_printf(&text, "%s", *title ? ")" : "");
    }
    *ret_name = strdup(buf_text(&text));
    buf_free(&text);
    return *ret_name ? 0 : err_set(err, ERR_NOMEM, "no memory for a name");
}

const char *report_source_name(const struct report_source *source)
{
    return source->name;
}

int report_table_make(const struct report_data *data,
                      const struct sheet_column *columns, report_put_f *put,
                      struct sheet **ret_sheet, struct err *err)
{
    struct sheet *sheet = sheet_create(columns);
    int rc = sheet ? 0 : err_set(err, ERR_NOMEM, "no memory for a table");

    for (size_t s = 0; !rc && s < data->len; s++)
        rc = put(sheet, data, &data->sources[s], err);
    if (rc)
        sheet_destroy(sheet);
    else
        *ret_sheet = sheet;
    return rc;
}

static bool rows_same(const struct sheet *sheet, size_t a, size_t b)
{
    const struct sheet_column *columns = sheet_columns(sheet);

    for (size_t c = 0; columns[c].name; c++) {
        if (!strcmp(columns[c].name, "source"))
            continue;
        if (columns[c].kind == SHEET_TEXT) {
            if (strcmp(sheet_text_at(sheet, a, c), sheet_text_at(sheet, b, c)))
                return false;
        } else {
            if (!stats_same(sheet_number_at(sheet, a, c),
                            sheet_number_at(sheet, b, c)))
                return false;
        }
    }
    return true;
}

static bool is_news(const struct sheet *sheet, size_t row, const void *ctx)
{
    (void)ctx;
    for (size_t r = 0; r < row; r++)
        if (rows_same(sheet, r, row))
            return false;
    return true;
}

int report_table_make_distinct(const struct report_data *data,
                               const struct sheet_column *columns,
                               report_put_f *put, struct sheet **ret_sheet,
                               struct err *err)
{
    const char *names[SHEET_COLUMNS_MAX + 1] = { 0 };
    struct sheet *whole;
    int rc = report_table_make(data, columns, put, &whole, err);

    if (rc)
        return rc;
    for (size_t c = 0; columns[c].name; c++)
        names[c] = columns[c].name;
    *ret_sheet = sheet_pick(whole, names, is_news, NULL);
    sheet_destroy(whole);
    return *ret_sheet ? 0 : err_set(err, ERR_NOMEM, "no memory for a table");
}

bool report_points_bounded(const struct report_data *data)
{
    size_t total = 0;

    for (size_t i = 0; i < data->len; i++)
        total += data->sources[i].points.len;
    return total > REPORT_ROWS_MAX && !data->whole;
}

size_t report_rows_max(const struct report_data *data)
{
    return data->whole ? SIZE_MAX : REPORT_ROWS_MAX;
}

bool report_keeps(const struct report_data *data,
                  const struct report_source *source, enum scope_kind scope,
                  size_t i)
{
    size_t len = source->best_len[scope];
    size_t room = (data->whole ? SIZE_MAX : REPORT_BEST_MAX) / data->len;

    if (len <= room || source->front[scope][i])
        return true;
    return (i + 1) * room / len != i * room / len; /* len > room */
}

double report_weights_set(const struct report_source *source,
                          const struct point *point)
{
    if (source->n_sets < 2)
        return (double)NAN;
    return (double)source->sets[point - source->points.at] + 1;
}

const char *report_front_of(const struct report_data *data,
                            const struct report_source *source,
                            const struct point *point, char *text, size_t size)
{
    double set = report_weights_set(source, point);
    char weights[40] = "";

    if (!data->any_weights && !isnan(set))
        snprintf(weights, sizeof(weights), ", weights %g", set);
    snprintf(text, size, "%s, %s, %s, %s%s", report_source_name(source),
             point->provenance, point->topology, point->images, weights);
    return text;
}

/* The sets that fronts are apart by; NULL if they need not be. */
static const size_t *sets_of(const struct report_data *data,
                             const struct report_source *source)
{
    return data->any_weights ? NULL : source->sets;
}

int report_fields(const struct report_data *data,
                  const struct report_source *source, const size_t *places,
                  size_t len, size_t *ret_fields, struct err *err)
{
    return points_fields(&source->points, places, len, sets_of(data, source),
                         ret_fields, err);
}

static int points_prepare(struct report_source *source,
                          const struct dataset *dataset, const char *where,
                          struct err *err)
{
    int rc = points_create(dataset, where, &source->points, err);

    source->dataset = dataset;
    if (rc)
        return rc;
    source->sets = calloc(source->points.len + 1, sizeof(*source->sets));
    if (!source->sets)
        return err_set(err, ERR_NOMEM, "no memory for sets of weights");
    return weights_sets(&source->points, source->sets, &source->n_sets, err);
}

static int source_prepare(const struct report_data *data,
                          struct report_source *source,
                          const struct dataset *dataset, struct err *err)
{
    int rc = points_prepare(source, dataset, data->where, err);

    for (enum scope_kind k = 0; !rc && k < SCOPE_KINDS; k++) {
        rc = points_best(&source->points, k, &source->best[k],
                         &source->best_len[k], err);
        if (rc)
            break;
        source->front[k] = calloc(source->best_len[k] + 1, sizeof(bool));
        if (!source->front[k])
            rc = err_set(err, ERR_NOMEM, "no memory for a front");
        else
            rc = points_front(&source->points, source->best[k],
                              source->best_len[k], k, sets_of(data, source),
                              source->front[k], err);
    }
    return rc;
}

int report_data_create(const struct dataset *const *datasets, size_t n,
                       const struct facts *facts, const char *where,
                       unsigned flags, struct report_data *ret_data,
                       struct err *err)
{
    struct report_data data = {
        .len = n,
        .where = where,
        .whole = flags & REPORT_WHOLE,
        .any_weights = flags & REPORT_ANY_WEIGHTS,
    };
    int rc = 0;

    data.sources = calloc(n + 1, sizeof(*data.sources));
    if (!data.sources)
        return err_set(err, ERR_NOMEM, "no memory for %zu archives", n);
    for (size_t i = 0; !rc && i < n; i++)
        rc = source_name(datasets, n, i, &data.sources[i].name, err);
    for (size_t i = 0; facts && i < n; i++)
        data.sources[i].facts = &facts[i];
    for (size_t i = 0; !rc && i < n; i++)
        rc = source_prepare(&data, &data.sources[i], datasets[i], err);
    if (!rc)
        rc = names_prepare(&data, err);
    if (rc)
        report_data_free(&data);
    else
        *ret_data = data;
    return rc;
}

void report_data_free(struct report_data *data)
{
    for (size_t i = 0; data && data->sources && i < data->len; i++) {
        struct report_source *source = &data->sources[i];

        free(source->name);
        points_free(&source->points);
        free(source->sets);
        for (size_t k = 0; k < SCOPE_KINDS; k++) {
            free(source->best[k]);
            free(source->front[k]);
        }
    }
    if (data) {
        names_free(data);
        free(data->sources);
        memset(data, 0, sizeof(*data));
    }
}
