/* facts.h - what is known of platforms and machines, flat: a row a roofline
 *
 * From inventories (what sheets say) and from boards (what was measured).
 */
#ifndef ANALYSIS_FACTS_H
#define ANALYSIS_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* How an engine meets its weights; see ceiling.h. */
enum engine_kind {
    ENGINE_BATCHED,   /* reads them once a batch */
    ENGINE_PER_IMAGE, /* reads them once an image */
    ENGINE_DATAFLOW,  /* keeps them, images stream through */
};

/* One (platform, op mode, precision); rates in op/s and byte/s, NaN where
 * not known. */
struct platform_facts {
    char platform[96], type[8], op_mode[64], precision[24];
    enum engine_kind engine;
    bool pinned; /* weights stay on the chip where they fit */
    double peak_op_s, bw_byte_s;
    double on_chip_bytes, on_chip_bw_byte_s, tdp_w;
    int storage_bits;   /* of a weight in memory; 0: those of the precision */
    char peak_kind[16]; /* "published", "copied", "measured", ... */
    char source[160];   /* of the peak */
};

/* A level of memory as measured on a board: working set and rate. */
struct machine_level {
    char board[96], platform[96], name[24]; /* "L2", "memory"; "": not said */
    double bytes, read_byte_s, copy_byte_s;
};

/* A peak as measured on a board. */
struct machine_peak {
    char board[96], platform[96], precision[24];
    double op_s;
};

struct network;
struct facts_kept; /* documents whose topologies are asked again */

struct facts {
    struct platform_facts *platforms;
    size_t platforms_len, platforms_cap;
    struct machine_level *levels; /* by board, working set rising */
    size_t levels_len, levels_cap;
    struct machine_peak *peaks;
    size_t peaks_len, peaks_cap;
    struct facts_kept *kept;
    bool rounded_ops; /* the seed's predictions by rounded operation counts */
};

/* Free all facts, and make them empty. */
void facts_free(struct facts *facts);

/* Add the platforms and topologies of what an archive keeps as documents (inventory/
 * documents.h).  Nothing is added where there is no inventory in it.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int facts_add_documents(struct facts *facts, const char *documents_json,
                        struct err *err);

/* The same from an experiment and an inventory file.  Also ERR_NOT_FOUND,
 * ERR_IO. */
int facts_add_files(struct facts *facts, const char *experiment_path,
                    const char *inventory_path, struct err *err);

/* Add the measured rooflines of an archive's boards: {NAME: {"platform",
 * "roofline": {"levels": [{"bytes", "level", "read_byte_s", "copy_byte_s"}],
 * "peaks": [{"precision", "op_s"}]}}}, or that as the member "boards"; the
 * inner object is what `labrunner roofline` prints.  Boards without one are
 * passed over.  Returns 0, ERR_FORMAT, ERR_NOMEM. */
int facts_add_boards(struct facts *facts, const char *boards_json,
                     struct err *err);

/* Add one row (copied).  Returns 0 or ERR_NOMEM. */
int facts_add_platform(struct facts *facts, const struct platform_facts *row,
                       struct err *err);

/* The row of a platform at an op mode ("" means "default") and precision,
 * borrowed; NULL if there is none. */
const struct platform_facts *facts_find(const struct facts *facts,
                                        const char *platform,
                                        const char *op_mode,
                                        const char *precision);

/* Fill 'ret_network' (ceiling.h) with a topology at a pruning factor; one
 * given by counts alone is one layer with free activations.  False if no document describes it, or it does not keep whole channels there. */
bool facts_network(const struct facts *facts, const char *topology,
                   double pruning_pct, struct network *ret_network);

/* Free what facts_add_documents() kept; part of facts_free(). */
void facts_kept_free(struct facts_kept *kept);

/* The roof over a platform at an op mode and precision: as stated, or where
 * that lacks a number as measured on its boards; NaN where neither knows. */
void facts_roof(const struct facts *facts, const char *platform,
                const char *op_mode, const char *precision,
                double *ret_peak_op_s, double *ret_bw_byte_s);

/* The measured peak of a platform at a precision (the first board's), and
 * the read rate of its largest working set: memory.  NaN if not measured. */
double facts_machine_peak(const struct facts *facts, const char *platform,
                          const char *precision);
double facts_machine_memory(const struct facts *facts, const char *platform);

/* The read rate of the smallest measured working set that holds 'bytes':
 * the cache they live in, or memory.  NaN if not measured. */
double facts_machine_read(const struct facts *facts, const char *platform,
                          double bytes);

#endif
