/* figures.c - the table of figures */
#include "report/figures.h"

#include <string.h>

#include "core/embed.h"
#include "core/vec.h"

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
