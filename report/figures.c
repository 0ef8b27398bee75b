/* figures.c - the table of figures */
#include "report/figures.h"

#include <string.h>

#include "core/embed.h"
#include "core/vec.h"
#include "report/basis.h"

#define FIGURE(id, table, heading, absent) EMBEDDED(figure_##id);
#include "report/figures.def"
#undef FIGURE

static const struct figure figures[] = {
#define FIGURE(id, table, heading, absent)                                     \
    { #id, #table, heading, absent, figure_##id, caption_##id },
#include "report/figures.def"
#undef FIGURE
};

const struct figure *figure_at(size_t i)
{
    return i < ARRAY_LEN(figures) ? &figures[i] : NULL;
}

const struct figure *figure_find(const char *id)
{
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        if (!strcmp(figures[i].id, id))
            return &figures[i];
    return NULL;
}

void figure_print_spec(const struct figure *figure,
                       const struct report_data *data, struct buf *out)
{
    static const struct {
        const char *token;
        void (*print)(const struct report_data *data, struct buf *out);
    } words[] = { { "\"BASIS\"", basis_print },
                  { "\"ORIGIN\"", basis_print_origin } };

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const char *at = strstr(figure->spec, words[i].token);
        struct buf text = { 0 };

        if (!at)
            continue;
        words[i].print(data, &text);
        buf_put(out, figure->spec, (size_t)(at - figure->spec));
        sheet_quote(out, buf_text(&text));
        at += strlen(words[i].token);
        buf_put(out, at, strlen(at));
        buf_free(&text);
        return;
    }
    buf_put(out, figure->spec, strlen(figure->spec));
}
