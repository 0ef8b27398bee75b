/* fuzz_meter_entry.c - a meter's options, for every driver */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "workers/meter/meter.h"

static void check_all(const struct json *root)
{
    struct json path = json_get(root, "path"), unit = json_get(root, "unit");
    struct board_meter_source source = {
        .path = "", .unit = "W", .quantity = "power", .scale = 1, .factor = 1
    };
    struct board_meter config = {
        .name = "m", .period_s = 1, .options = *root, .sources = &source
    };

    json_opt_string(&path, &source.path, NULL);
    json_opt_string(&unit, &source.quantity, NULL);
    for (size_t i = 0; (config.driver = meter_driver_name(i)); i++)
        for (config.sources_len = 0; config.sources_len < 2;
             config.sources_len++)
            (void)meter_check(&config, NULL);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct json_doc *doc = NULL;
    struct json root, options;

    if (json_doc_parse((const char *)data, size, "entry", &doc, NULL))
        return;
    root = json_root(doc);
    options = json_get(&root, "options");
    check_all(&root);
    if (json_there(&options))
        check_all(&options);
    json_doc_destroy(doc);
}
