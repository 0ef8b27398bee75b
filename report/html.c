/* html.c - the page put together from its parts */
#include "report/html.h"

#include <string.h>

#include "core/clock_format.h"
#include "core/embed.h"
#include "core/vec.h"
#include "report/figures.h"
#include "report/page.h"
#include "report/report_data.h"
#include "report/summary.h"

#define DIGITS 7 /* of numbers in the page: enough for any figure */

EMBEDDED(report_page_html);
EMBEDDED(report_filter_js);
EMBEDDED(report_sections_js);
EMBEDDED(report_page_js);

/* What the data of a page are made of. */
struct parts {
    const struct report_data *data;
    const struct report_options *options;
};

/* Lines of 'text' as a JSON array of strings. */
static void put_lines(struct buf *out, struct buf *text)
{
    char *line = (char *)(uintptr_t)buf_text(text);
    bool first = true;

    buf_put_u8(out, '[');
    while (line && *line) {
        char *end = strchr(line, '\n');

        if (end)
            *end = '\0';
        if (!first)
            buf_put_u8(out, ',');
        sheet_quote(out, line);
        first = false;
        line = end ? end + 1 : NULL;
    }
    buf_put_u8(out, ']');
}

static int put_tables(const struct parts *parts, struct buf *out,
                      struct err *err)
{
    const struct report_table *table;
    int rc = 0;

    buf_printf(out, ",\n\"tables\":{");
    for (size_t i = 0; !rc && (table = report_table_at(i)); i++) {
        struct sheet *sheet = NULL;

        if (!table->in_page)
            continue;
        rc = table->make(parts->data, &sheet, err);
        if (rc)
            break;
        buf_printf(out, "%s\n\"%s\":", i ? "," : "", table->name);
        rc = sheet_print_compact(sheet, DIGITS, out, err);
        sheet_destroy(sheet);
    }
    buf_printf(out, "}");
    return rc;
}

/* The sentences of a figure in a scope. */
static void put_text(const struct figure *figure, struct report_data data,
                     enum scope_kind scope, const char *key, struct buf *out)
{
    struct buf text = { 0 };

    data.said = scope;
    figure->caption(&data, &text);
    buf_printf(out, ",\"%s\":", key);
    put_lines(out, &text);
    buf_free(&text);
}

static void put_figures(const struct parts *parts, struct buf *out)
{
    struct report_data whole = *parts->data; /* sentences count all rows */
    const struct figure *figure;

    whole.whole = true;
    buf_printf(out, ",\n\"figures\":[");
    for (size_t i = 0; (figure = figure_at(i)); i++) {
        buf_printf(out, "%s\n{\"id\":\"%s\",\"table\":\"%s\",\"heading\":",
                   i ? "," : "", figure->id, figure->table);
        sheet_quote(out, figure->heading);
        buf_printf(out, ",\"absent\":");
        sheet_quote(out, figure->absent);
        put_text(figure, whole, SCOPE_KIND_COMP, "text", out);
        put_text(figure, whole, SCOPE_KIND_SYS, "text_system", out);
        buf_printf(out, ",\"spec\":");
        figure_print_spec(figure, parts->data, out);
        buf_put_u8(out, '}');
    }
    buf_printf(out, "]");
}

static const char *page_title(const struct parts *parts)
{
    const char *title = parts->options->title;

    return title && *title ? title
                           : report_source_name(&parts->data->sources[0]);
}

/* How many groups have a best batch, of which a page may hold some only. */
static void put_groups(const struct report_data *data, struct buf *out)
{
    buf_printf(out, ",\n\"groups\":{");
    for (enum scope_kind k = 0; k < SCOPE_KINDS; k++) {
        size_t n = 0;

        for (size_t s = 0; s < data->len; s++)
            n += data->sources[s].best_len[k];
        buf_printf(out, "%s\"%s\":%zu", k ? "," : "", scope_kind_word(k), n);
    }
    buf_printf(out, "}");
}

static int put_data(const struct parts *parts, struct buf *out, struct err *err)
{
    struct buf lead = { 0 };
    char when[32];
    int rc;

    buf_printf(out, "{\"title\":");
    sheet_quote(out, page_title(parts));
    buf_printf(out, ",\"version\":\"%s\",\"generated\":", LABSWEEP_VERSION);
    sheet_quote(out,
                parts->options->generated_unix_ns
                    ? clock_format_utc(parts->options->generated_unix_ns, when)
                    : "");
    buf_printf(out, ",\"bounded\":%s",
               report_points_bounded(parts->data) ? "true" : "false");
    put_groups(parts->data, out);
    buf_printf(out, ",\"any_weights\":%s",
               parts->data->any_weights ? "true" : "false");
    buf_printf(out, ",\n\"lead\":");
    summary_lead(parts->data, &lead);
    put_lines(out, &lead);
    buf_free(&lead);
    buf_printf(out, ",\n\"sources\":");
    rc = summary_sources(parts->data, out, err);
    if (!rc)
        rc = put_tables(parts, out, err);
    put_figures(parts, out);
    buf_printf(out, "}\n");
    return rc;
}

int report_html(const struct dataset *const *datasets, size_t n,
                const struct report_options *options, struct buf *out,
                struct err *err)
{
    static const struct report_options none;
    struct report_data data;
    struct parts parts = { &data, options ? options : &none };
    struct buf json = { 0 };
    int rc;

    if (!n)
        return err_set(err, ERR_USAGE, "a report needs an archive");
    rc = report_data_create(datasets, n, parts.options->facts,
                            parts.options->where, parts.options->flags, &data,
                            err);
    if (rc)
        return rc;
    rc = put_data(&parts, &json, err);
    if (!rc)
        rc = page_print(&(struct page){ report_page_html,
                                        page_title(&parts),
                                        buf_text(&json),
                                        { report_filter_js, report_sections_js,
                                          report_page_js } },
                        out, err);
    buf_free(&json);
    report_data_free(&data);
    return rc;
}
