/* platform.h - a kind of hardware: its numbers, each with where it is from */
#ifndef INVENTORY_PLATFORM_H
#define INVENTORY_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/json.h"
#include "experiments/pool.h"

enum platform_type {
    PLATFORM_CPU,
    PLATFORM_GPU,
    PLATFORM_FPGA,
    PLATFORM_TPU,
    PLATFORM_VLIW,
};

enum platform_engine {
    PLATFORM_BATCHED,   /* weights read once a batch */
    PLATFORM_PER_IMAGE, /* weights read once an image */
    PLATFORM_DATAFLOW,  /* weights stay, images stream through */
};

enum platform_place {
    PLATFORM_DRAM,
    PLATFORM_ON_CHIP,
};

enum fact_kind {
    FACT_DATA_SHEET,
    FACT_PUBLISHED, /* in the published data set, as it stands there */
    FACT_CORRECTED, /* a published number put right; source says how */
    FACT_DERIVED,   /* computed from other facts; source says how */
    FACT_COPIED,    /* taken over from another platform */
    FACT_MEASURED,
};

/* A number in SI and where it is from; 'next' are other sources' numbers
 * for the same thing, the first is the one to use. */
struct fact {
    double value;
    const char *source;
    enum fact_kind kind;
    const struct fact *next;
};

struct platform_peak {
    const char *precision;
    const struct fact *op_s; /* op/s */
};

/* What an op mode gives; the numbers of platforms without op modes stand in
 * the one named "default". */
struct platform_mode {
    const char *name, *help;
    const struct fact *bandwidth_byte_s; /* NULL: not known */
    const struct fact *clock_hz;         /* NULL: not known */
    const struct platform_peak *peaks;
    size_t peaks_len;
};

struct platform_storage {
    const char *precision;
    int bits; /* that a weight takes in memory */
};

/* Facts are NULL where they are not known. */
struct platform {
    const char *name, *help;
    enum platform_type type;
    enum platform_engine engine;
    enum platform_place weights, activations, state;
    const struct platform_storage *storage;
    size_t storage_len;
    const struct fact *on_chip_memory_bytes, *on_chip_bandwidth_byte_s;
    const struct fact *memory_bytes, *tdp_w;
    const struct platform_mode *modes;
    size_t modes_len;
    const char *const *aliases; /* other names in published data */
    size_t aliases_len;
};

/* Parse one member of "platforms" into 'pool'; its key is the name.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int platform_parse(const struct json *at, struct pool *pool,
                   struct platform *ret_platform, struct err *err);

/* The mode of that name, borrowed; NULL if the platform has none such. */
const struct platform_mode *platform_mode(const struct platform *platform,
                                          const char *name);

/* Peak of a mode at a precision, borrowed; NULL if not known. */
const struct fact *platform_peak(const struct platform_mode *mode,
                                 const char *precision);

/* Bits a weight takes in memory: what the platform says, else
 * 'weight_bits'. */
int platform_storage_bits(const struct platform *platform,
                          const char *precision, int weight_bits);

/* "CPU", "GPU", ...; "batched", "per_image", "dataflow"; "dram", "on_chip";
 * "data sheet", "published", ... */
const char *platform_type_word(enum platform_type type);
const char *platform_engine_word(enum platform_engine engine);
const char *platform_place_word(enum platform_place place);
const char *fact_kind_word(enum fact_kind kind);

#endif
