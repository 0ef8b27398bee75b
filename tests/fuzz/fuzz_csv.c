/* fuzz_csv.c - comma-separated values of anybody */
#include <string.h>

#include "orchestrator/archive/csv.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    struct csv *csv;
    size_t all = 0;

    if (csv_parse(data, size, "fuzz", &csv, NULL))
        return;
    for (size_t r = 0; r < csv_rows(csv); r++)
        for (size_t c = 0; c < csv_columns(csv); c++)
            all += strlen(csv_field(csv, r, c));
    if (all > size)
        __builtin_trap();
    csv_destroy(csv);
}
