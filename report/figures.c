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
    static const char token[] = "\"BASIS\"";
    const char *at = strstr(figure->spec, token);
    struct buf basis = { 0 };

    if (!at) {
        buf_put(out, figure->spec, strlen(figure->spec));
        return;
    }
    basis_print(data, &basis);
    buf_put(out, figure->spec, (size_t)(at - figure->spec));
    sheet_quote(out, buf_text(&basis));
    buf_put(out, at + sizeof(token) - 1, strlen(at + sizeof(token) - 1));
    buf_free(&basis);
}
