/* fuzz_propose.c - what a board tells of itself, made into an entry */
#include <stdlib.h>

#include "orchestrator/cmd/boards_propose.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    static const struct platform platform = { .name = "P" };
    static const struct board board = { .name = "b",
                                        .host = "h",
                                        .platform = &platform,
                                        .transport = "ssh",
                                        .sysfs = "/sys" };
    struct json_doc *doc = NULL;
    struct json_value *entry;
    struct buf text = { 0 };
    struct json root;

    if (json_doc_parse((const char *)data, size, "info", &doc, NULL))
        return;
    root = json_root(doc);
    entry = boards_propose(&board, &root);
    if (!entry || json_print(entry, false, &text, NULL))
        abort();
    buf_free(&text);
    json_value_destroy(entry);
    json_doc_destroy(doc);
}
