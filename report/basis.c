/* basis.c - repeats, power scopes and weights of all points together */
#include "report/basis.h"

#include <string.h>

#define WORDS_MAX    64
#define WORDS_SHOWN  3
#define DIGEST_SHOWN 8

/* Distinct words, in order of appearance; beyond WORDS_MAX only counted. */
struct words {
    const char *at[WORDS_MAX];
    size_t len;
    bool more;
};

static void words_put(struct words *words, const char *word)
{
    if (!*word)
        return;
    for (size_t i = 0; i < words->len; i++)
        if (!strcmp(words->at[i], word))
            return;
    if (words->len == WORDS_MAX)
        words->more = true;
    else
        words->at[words->len++] = word;
}

static void words_print(const struct words *words, size_t most, int width,
                        struct buf *out)
{
    for (size_t i = 0; i < words->len && i < most; i++)
        buf_printf(out, "%s%.*s", i ? ", " : "", width, words->at[i]);
    if (words->len > most || words->more)
        buf_printf(out, ", ...");
}

static void repeats_print(size_t least, size_t most, struct buf *out)
{
    if (most <= 1)
        buf_printf(out, "one repeat, so no interval");
    else if (least == most)
        buf_printf(out, "mean of %zu repeats, 95 %% interval", most);
    else
        buf_printf(out,
                   "mean of %zu to %zu repeats, 95 %% interval where there "
                   "are two",
                   least, most);
}

void basis_print(const struct report_data *data, struct buf *out)
{
    size_t least = SIZE_MAX, most = 0;

    for (size_t s = 0; s < data->len; s++)
        for (size_t i = 0; i < data->sources[s].points.len; i++) {
            const struct point *p = &data->sources[s].points.at[i];

            least = p->repeats < least ? p->repeats : least;
            most = p->repeats > most ? p->repeats : most;
        }
    repeats_print(least, most, out);
    buf_printf(out, "; ");
    basis_print_origin(data, out);
}

void basis_print_origin(const struct report_data *data, struct buf *out)
{
    struct words scopes = { 0 }, models = { 0 };

    for (size_t s = 0; s < data->len; s++)
        for (size_t i = 0; i < data->sources[s].points.len; i++) {
            words_put(&scopes, data->sources[s].points.at[i].power_scope);
            words_put(&models, data->sources[s].points.at[i].model);
        }
    buf_printf(out, "power scope: ");
    words_print(&scopes, WORDS_MAX, 64, out);
    if (!scopes.len)
        buf_printf(out, "not said");
    buf_printf(out, "; weights by digest: ");
    words_print(&models, WORDS_SHOWN, DIGEST_SHOWN, out);
    if (!models.len)
        buf_printf(out, "not said");
    else if (models.len > WORDS_SHOWN)
        buf_printf(out, " (%zu%s)", models.len, models.more ? " or more" : "");
}
