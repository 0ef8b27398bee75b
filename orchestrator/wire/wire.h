/* wire.h - what coordinator and workers say to each other, as bytes
 *
 * A frame is a head (magic, version, type, sequence, length) and a payload.
 * Everything is little endian, every length is checked, and a frame of
 * another version is refused by name.  A worker numbers its frames; the
 * coordinator acknowledges them in order, after they are on disk.
 */
#ifndef ORCHESTRATOR_WIRE_WIRE_H
#define ORCHESTRATOR_WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "experiments/op_point.h"

#define WIRE_VERSION   3
#define WIRE_HEAD      20
#define WIRE_FRAME_MAX (1u << 30)

enum wire_type {
    WIRE_HELLO = 1, /* worker: who it is */
    WIRE_SETUP,     /* coordinator: the campaign's documents */
    WIRE_OPEN,      /* coordinator: open a lane to a board */
    WIRE_RUN,       /* coordinator: run a cell on a board */
    WIRE_CLOSE,     /* coordinator: restore and end a lane */
    WIRE_CANCEL,    /* coordinator: end what runs on a board */
    WIRE_ACK,       /* coordinator: all frames up to a number are on disk */
    WIRE_QUIT,      /* coordinator: the sweep is over */
    WIRE_BEAT,      /* both: alive */
    WIRE_LANE,      /* worker: a lane's report */
};

struct wire_head {
    enum wire_type type;
    uint64_t sequence; /* of the sender, from 1 */
    uint32_t len;      /* of the payload, bytes */
};

/* A lane's report on its way; texts and payload are borrowed. */
struct wire_lane {
    uint32_t board;
    uint8_t kind; /* enum lane_report_kind */
    uint8_t status;
    bool transport_failed;
    uint32_t attempt;
    uint64_t cell;
    double duration_s;
    char text[512];
    char mode[64];
    const uint8_t *payload; /* an encoded struct result */
    size_t payload_len;
};

struct wire_run {
    uint32_t board, attempt;
    uint64_t cell;
    char fingerprint[65];
    struct op_point point; /* the first 'axes' values count */
    size_t axes;
};

struct wire_open {
    uint32_t board; /* the plan's index, by which it is called from now on */
    char name[192]; /* the inventory's name for it */
    char restore_mode[64];
    char campaign[256];   /* HOST:FOLDER, for the lease */
    uint8_t lease;        /* enum lease_policy */
    const uint8_t *known; /* what known_encode() wrote; borrowed */
    size_t known_len;
};

struct wire_hello {
    char worker[64]; /* host and process */
    char software[32];
    char site[64]; /* where its host is: --site, or the host's name */
};

/* Append a head; the payload of head->len bytes follows. */
void wire_head_encode(const struct wire_head *head, struct buf *out);
/* Returns 0, ERR_FORMAT (magic, version, type, or len beyond the limit). */
int wire_head_decode(const void *data, size_t len, struct wire_head *ret_head,
                     struct err *err);

/* Append a whole frame. */
void wire_frame(enum wire_type type, uint64_t sequence, const void *payload,
                size_t len, struct buf *out);

/* Payloads: append one, or read one whole; trailing bytes are refused.
 * Decoders return 0 or ERR_FORMAT; what they borrow lives as 'data'. */
void wire_hello_encode(const struct wire_hello *hello, struct buf *out);
int wire_hello_decode(const void *data, size_t len,
                      struct wire_hello *ret_hello, struct err *err);
void wire_open_encode(const struct wire_open *open, struct buf *out);
int wire_open_decode(const void *data, size_t len, struct wire_open *ret_open,
                     struct err *err);
void wire_run_encode(const struct wire_run *run, struct buf *out);
int wire_run_decode(const void *data, size_t len, struct wire_run *ret_run,
                    struct err *err);
void wire_lane_encode(const struct wire_lane *lane, struct buf *out);
int wire_lane_decode(const void *data, size_t len, struct wire_lane *ret_lane,
                     struct err *err);
/* A board's index (CLOSE, CANCEL) or a sequence number (ACK). */
void wire_number_encode(uint64_t number, struct buf *out);
int wire_number_decode(const void *data, size_t len, uint64_t *ret_number,
                       struct err *err);

#endif
