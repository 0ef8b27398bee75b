/* fuzz_lines.c - lines of a vendor's tool, whatever they are */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/lines.h"
#include "tests/fuzz/fuzz.h"

static int each(void *ctx, const double *values)
{
    (void)ctx;
    if (isinf(values[0]) || isinf(values[1]))
        abort();
    return 0;
}

void fuzz_one(const uint8_t *data, size_t size)
{
    static struct power_source sources[2] = {
        { .path = "(VDD_IN|POM_5V_IN) ([0-9]+)(mW)?/", .scale = 1e-3 },
        { .path = "^[^,]*, *([0-9.]+)", .scale = 1 },
    };
    char line[LINES_LINE_MAX];
    size_t len = size < sizeof line - 1 ? size : sizeof line - 1;
    struct lines lines;

    if (lines_compile(sources, 2, &lines, NULL))
        abort();
    memcpy(line, data, len);
    line[len] = 0;
    lines_take(&lines, line, each, NULL);
    lines_free(&lines);
}
