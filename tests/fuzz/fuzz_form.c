/* fuzz_form.c - tables, lines of JSON and Python dictionaries, whatever a
 * tool printed; what is taken for a value must be JSON
 */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "workers/collect/clean.h"
#include "workers/collect/form.h"
#include "workers/collect/literal.h"

static void read_form(enum adapter_form form, const struct buf *text,
                      bool array)
{
    struct json_doc *doc = NULL;

    if (!form_read(form, (const char *)text->data, text->len, array, &doc,
                   NULL)) {
        struct json root = json_root(doc);

        if (!json_there(&root))
            abort();
        json_doc_destroy(doc);
    }
}

static void read_literal(const struct buf *text)
{
    struct json_doc *doc = NULL;
    struct buf out = { 0 };
    size_t end = 0;

    if (!literal_to_json((const char *)text->data, text->len, 0, &out, &end,
                         NULL)) {
        if (end > text->len ||
            json_doc_parse(out.data, out.len, "literal", &doc, NULL))
            abort();
        json_doc_destroy(doc);
    }
    buf_free(&out);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct buf clean = { 0 };

    collect_clean(&clean, data, size);
    buf_text(&clean);
    for (int array = 0; array < 2; array++)
        for (int form = 0; form <= ADAPTER_FORM_TABLE; form++)
            read_form((enum adapter_form)form, &clean, array);
    if (clean.len)
        read_literal(&clean);
    buf_free(&clean);
}
