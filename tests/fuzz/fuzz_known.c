/* fuzz_known.c - what the coordinator says it knows of a board, any bytes */
#include "orchestrator/wire/known.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    struct known known = { .boards = { 0 } };
    struct result_layouts layouts;
    struct known_facts facts;

    if (!known_decode(data, size, &facts, NULL))
        known_facts_free(&facts);
    if (result_layouts_own(&layouts, NULL))
        return;
    known_learn(&known, &layouts, cursor_of(data, size), NULL);
    result_layouts_free(&layouts);
    known_free(&known);
}
