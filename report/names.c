/* names.c - panels, labels and archives called so that none are mistaken */
#include "report/names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "core/text.h"

/* A unit as one archive has it with one provenance. */
struct holding {
    const struct report_source *source;
    const struct point *point; /* the first */
    bool shared;               /* another holding is of the same unit */
    bool by_name;              /* ... and of the same provenance */
};

static bool same_unit(const struct point *p, const struct point *q)
{
    return text_equal(p->platform, q->platform) &&
           text_equal(p->op_mode, q->op_mode);
}

static struct holding *find(const struct report_data *data,
                            const struct report_source *source,
                            const struct point *point)
{
    for (size_t i = 0; i < data->holdings_len; i++) {
        struct holding *h = &data->holdings[i];

        if (h->source == source && same_unit(h->point, point) &&
            text_equal(h->point->provenance, point->provenance))
            return h;
    }
    return NULL;
}

static int hold(struct report_data *data, const struct report_source *source,
                const struct point *point, struct err *err)
{
    struct holding *grown;

    if (find(data, source, point))
        return 0;
    grown = realloc(data->holdings, (data->holdings_len + 1) * sizeof(*grown));
    if (!grown)
        return err_set(err, ERR_NOMEM, "no memory for names");
    data->holdings = grown;
    grown[data->holdings_len++] = (struct holding){ source, point, 0, 0 };
    return 0;
}

static void compare(struct report_data *data)
{
    for (size_t i = 0; i < data->holdings_len; i++)
        for (size_t k = 0; k < data->holdings_len; k++) {
            struct holding *a = &data->holdings[i], *b = &data->holdings[k];

            if (i == k || !same_unit(a->point, b->point))
                continue;
            a->shared = true;
            a->by_name |=
                text_equal(a->point->provenance, b->point->provenance);
        }
}

int names_prepare(struct report_data *data, struct err *err)
{
    const struct point *first = NULL;
    int rc = 0;

    for (size_t s = 0; !rc && s < data->len; s++) {
        const struct report_source *source = &data->sources[s];
        const struct classes *groups = source->points.groups;

        for (size_t g = 0; !rc && g < groups->count; g++) {
            const struct point *p =
                &source->points.at[groups->member[groups->start[g]]];

            first = first ? first : p;
            data->networks |= !text_equal(first->topology, p->topology);
            data->images |= !text_equal(first->images, p->images);
            rc = hold(data, source, p, err);
        }
    }
    if (!rc)
        compare(data);
    return rc;
}

void names_free(struct report_data *data)
{
    free(data->holdings);
}

char *name_apart(const struct report_data *data,
                 const struct report_source *source, const struct point *point,
                 char *text, size_t size)
{
    const struct holding *h = find(data, source, point);

    *text = '\0';
    if (h && h->shared)
        snprintf(text, size, " (%s)",
                 h->by_name ? report_source_name(source) : point->provenance);
    return text;
}

/* ", CNV" where there are several networks, ", ImageNet" where there are
 * several data sets. */
static void put_network(const struct report_data *data,
                        const struct point *point, struct buf *out)
{
    if (data->networks && *point->topology)
        buf_printf(out, ", %s", point->topology);
    if (data->images && *point->images)
        buf_printf(out, ", %s", point->images);
}

static char *take(struct buf *from, char *text, size_t size)
{
    snprintf(text, size, "%s", buf_text(from));
    buf_free(from);
    return text;
}

char *name_panel(const struct report_data *data,
                 const struct report_source *source, const struct point *point,
                 bool metered, char *text, size_t size)
{
    struct buf name = { 0 };
    char part[512];

    buf_printf(&name, "%s", point_unit(point, part, sizeof(part)));
    if (metered && *point->power_scope)
        buf_printf(&name, ", %s", point->power_scope);
    put_network(data, point, &name);
    buf_printf(&name, "%s",
               name_apart(data, source, point, part, sizeof(part)));
    return take(&name, text, size);
}

char *name_label(const struct report_data *data, const struct point *point,
                 char *text, size_t size)
{
    struct buf name = { 0 };
    char label[256];

    buf_printf(&name, "%s", point_label(point, label, sizeof(label)));
    put_network(data, point, &name);
    return take(&name, text, size);
}

void name_begin(const struct report_data *data,
                const struct report_source *source, const char *word,
                struct buf *out)
{
    const char *name = report_source_name(source);
    const char *provenance =
        source->points.len ? source->points.at[0].provenance : "";

    if (data->len < 2) {
        buf_printf(out, "%s", word);
        return;
    }
    buf_printf(out, "%s", name);
    if (!strstr(name, provenance))
        buf_printf(out, " (%s)", provenance);
    buf_printf(out, ": ");
    if (*word)
        buf_printf(out, "%c%s", tolower((unsigned char)*word), word + 1);
}
