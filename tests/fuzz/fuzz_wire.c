/* fuzz_wire.c - frames from the other side, whatever they are */
#include "core/buf.h"
#include "orchestrator/wire/wire.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    struct wire_head head;
    struct wire_hello hello;
    struct wire_open open;
    struct wire_run run;
    struct wire_lane lane;
    uint64_t number;

    wire_head_decode(data, size, &head, NULL);
    wire_hello_decode(data, size, &hello, NULL);
    wire_open_decode(data, size, &open, NULL);
    wire_run_decode(data, size, &run, NULL);
    wire_lane_decode(data, size, &lane, NULL);
    wire_number_decode(data, size, &number, NULL);
}
