/* worker.c - lanes' reports out, the coordinator's wishes in */
#include "workers/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/vec.h"
#include "hdf5_schema/columns.h"
#include "inventory/documents.h"
#include "orchestrator/wire/known.h"
#include "orchestrator/wire/wire.h"
#include "workers/lane.h"

#define WAIT_NS    MS_TO_NS(500)
#define BEAT_NS    NS_PER_S
#define SILENCE_NS (120 * NS_PER_S)

/* A report on its way out, already a payload. */
struct report {
    uint32_t board;
    enum lane_report_kind kind;
    uint64_t cell;
    uint32_t attempt;
    int status;
    struct buf payload;
};

/* A board's lane, and what its callback needs. */
struct berth {
    struct worker *worker;
    uint32_t board; /* index in the plan, as the coordinator says it */
    struct lane *lane;
    struct lane_setup setup;
    char restore_mode[64], campaign[256];
    struct lane_lease_setup lease;
    struct known_facts known;
    bool down; /* said so; CLOSED is no news then */
};

/* Sent and not yet acknowledged. */
struct unacked {
    uint64_t sequence;
    struct berth *intent; /* of a LANE_MODE_INTENT */
    uint64_t cell;
    uint32_t attempt;
    int status; /* of a LANE_RESULT, else -1 */
};

struct worker {
    const struct worker_setup *setup;
    struct documents documents;
    bool ready; /* documents are here */
    bool quit;
    VEC(struct berth *) berths;
    pthread_mutex_t lock; /* of reports */
    VEC(struct report) reports;
    size_t reports_head; /* the first that was not sent */
    VEC(struct unacked) unacked;
    uint64_t sequence;
    int64_t heard_ns, beat_ns;
    struct buf frame;
    FILE *log;
};

static int send_frame(struct worker *w, enum wire_type type,
                      const void *payload, size_t len, struct err *err)
{
    buf_clear(&w->frame);
    wire_frame(type, ++w->sequence, payload, len, &w->frame);
    if (buf_failed(&w->frame))
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    return link_send(w->setup->link, 0, w->frame.data, w->frame.len, err);
}

/* On a lane's thread: queue the report for the thread that may speak. */
static void on_report(void *ctx, const struct lane_report *from)
{
    struct berth *berth = ctx;
    struct worker *w = berth->worker;
    bool first, facts = from->kind == LANE_READY || from->kind == LANE_FACTS;
    struct report report = { .board = berth->board,
                             .kind = from->kind,
                             .cell = from->cell,
                             .attempt = from->attempt,
                             .status = from->status };
    struct wire_lane lane = {
        .board = berth->board,
        .kind = (uint8_t)from->kind,
        .status = (uint8_t)from->status,
        .transport_failed = from->transport_failed,
        .attempt = from->attempt,
        .cell = from->cell,
        .duration_s = from->duration_s,
        /* a board's facts are longer than a sentence */
        .payload = facts ? (const uint8_t *)from->text : from->payload,
        .payload_len = facts ? strlen(from->text) : from->len,
    };

    if (from->kind == LANE_STARTED)
        return; /* whom it was handed out to is known: half of all frames */
    if (!facts)
        snprintf(lane.text, sizeof(lane.text), "%s", from->text);
    snprintf(lane.mode, sizeof(lane.mode), "%s", from->mode);
    wire_lane_encode(&lane, &report.payload);
    pthread_mutex_lock(&w->lock);
    first = w->reports.len == 0;
    if (!VEC_PUSH(&w->reports, report))
        buf_free(&report.payload);
    pthread_mutex_unlock(&w->lock);
    if (first) /* else it is awake already */
        link_wake(w->setup->link);
}

static struct berth *find_berth(const struct worker *w, uint64_t board)
{
    for (size_t i = 0; i < w->berths.len; i++)
        if (w->berths.at[i]->board == board)
            return w->berths.at[i];
    return NULL;
}

static void drop_berth(struct worker *w, struct berth *berth)
{
    for (size_t i = 0; i < w->unacked.len; i++)
        if (w->unacked.at[i].intent == berth)
            w->unacked.at[i].intent = NULL;
    for (size_t i = 0; i < w->berths.len; i++)
        if (w->berths.at[i] == berth)
            w->berths.at[i] = w->berths.at[--w->berths.len];
    lane_destroy(berth->lane);
    known_facts_free(&berth->known);
    free(berth);
}

static int remember(struct worker *w, const struct report *report,
                    struct err *err)
{
    struct unacked sent = { .sequence = w->sequence,
                            .cell = report->cell,
                            .attempt = report->attempt,
                            .status = -1 };

    if (report->kind == LANE_MODE_INTENT)
        sent.intent = find_berth(w, report->board);
    else if (report->kind == LANE_RESULT)
        sent.status = report->status;
    else
        return 0;
    if (!VEC_PUSH(&w->unacked, sent))
        return err_set(err, ERR_NOMEM, "no memory for a report");
    return 0;
}

static int send_report(struct worker *w, const struct report *report,
                       struct err *err)
{
    struct berth *berth = find_berth(w, report->board);
    bool news = !(berth && berth->down && report->kind == LANE_CLOSED);
    int rc = 0;

    if (buf_failed(&report->payload))
        return err_set(err, ERR_NOMEM, "no memory for a report");
    if (news)
        rc = send_frame(w, WIRE_LANE, report->payload.data, report->payload.len,
                        err);
    if (!rc && news)
        rc = remember(w, report, err);
    if (berth && (report->kind == LANE_DOWN || report->kind == LANE_HELD)) {
        berth->down = true;
        lane_close(berth->lane);
    }
    if (berth && report->kind == LANE_CLOSED)
        drop_berth(w, berth);
    return rc;
}

static int send_reports(struct worker *w, struct err *err)
{
    int rc = 0;

    for (;;) {
        struct report report;
        bool some;

        pthread_mutex_lock(&w->lock);
        some = w->reports.len > 0;
        if (some) {
            report = w->reports.at[w->reports_head++];
            if (w->reports_head == w->reports.len)
                w->reports_head = w->reports.len = 0;
        }
        pthread_mutex_unlock(&w->lock);
        if (!some)
            return rc;
        if (!rc)
            rc = send_report(w, &report, err);
        buf_free(&report.payload);
    }
}

/* Tell the coordinator that a lane could not even start. */
static int send_down(struct worker *w, uint32_t board, const char *why,
                     struct err *err)
{
    struct wire_lane lane = { .board = board, .kind = LANE_DOWN };
    struct buf payload = { 0 };
    int rc;

    snprintf(lane.text, sizeof(lane.text), "%s", why);
    wire_lane_encode(&lane, &payload);
    rc = send_frame(w, WIRE_LANE, payload.data, payload.len, err);
    buf_free(&payload);
    return rc;
}

static int on_open(struct worker *w, const void *payload, size_t len,
                   struct err *err)
{
    const struct board *board = NULL;
    struct wire_open open;
    struct berth *berth;
    struct err why;
    int rc = wire_open_decode(payload, len, &open, err);

    if (rc)
        return rc;
    if (w->ready)
        board = inventory_board(w->documents.inventory, open.name);
    if (!board || find_berth(w, open.board))
        return err_set(err, ERR_FORMAT, "asked to open board %u, '%s'",
                       open.board, open.name);
    berth = calloc(1, sizeof(*berth));
    if (!berth || !VEC_PUSH(&w->berths, berth)) {
        free(berth);
        return err_set(err, ERR_NOMEM, "no memory for a lane");
    }
    rc = known_decode(open.known, open.known_len, &berth->known, err);
    if (rc) {
        drop_berth(w, berth);
        return rc;
    }
    berth->worker = w;
    berth->board = open.board;
    memcpy(berth->restore_mode, open.restore_mode, sizeof(open.restore_mode));
    memcpy(berth->campaign, open.campaign, sizeof(open.campaign));
    berth->lease = (struct lane_lease_setup){
        .policy = (enum lease_policy)open.lease,
        .campaign = berth->campaign,
        .expiry_s = LANE_LEASE_EXPIRY_S,
    };
    berth->setup = (struct lane_setup){
        .experiment = w->documents.experiment,
        .inventory = w->documents.inventory,
        .board = board,
        .bin_dir = w->setup->bin_dir,
        .project_dir = w->setup->project_dir,
        .worker_name = w->setup->name,
        .restore_mode = berth->restore_mode,
        .lease = &berth->lease,
        .known = &berth->known,
        .report = on_report,
        .ctx = berth,
    };
    if (!lane_open(&berth->setup, &berth->lane, &why))
        return 0;
    drop_berth(w, berth);
    return send_down(w, open.board, why.text, err);
}

static int on_run(struct worker *w, const void *payload, size_t len,
                  struct err *err)
{
    struct berth *berth;
    struct lane_job job;
    struct wire_run run;
    int rc = wire_run_decode(payload, len, &run, err);

    if (rc)
        return rc;
    berth = find_berth(w, run.board);
    if (!berth) /* the lane went down meanwhile; the coordinator knows */
        return 0;
    job.cell = run.cell;
    job.attempt = run.attempt;
    job.point = run.point;
    memcpy(job.fingerprint, run.fingerprint, sizeof(job.fingerprint));
    rc = lane_submit(berth->lane, &job);
    return rc == ERR_NOMEM ? err_set(err, rc, "no memory for a cell") : 0;
}

static void log_acknowledged(struct worker *w, const struct unacked *sent)
{
    if (!w->log || sent->status < 0)
        return;
    fprintf(w->log, "%llu %u %s\n", (unsigned long long)sent->cell,
            sent->attempt, columns_flag_word("status", sent->status));
    fflush(w->log);
}

static int on_ack(struct worker *w, const void *payload, size_t len,
                  struct err *err)
{
    uint64_t upto;
    size_t kept = 0;
    int rc = wire_number_decode(payload, len, &upto, err);

    for (size_t i = 0; !rc && i < w->unacked.len; i++) {
        const struct unacked *sent = &w->unacked.at[i];

        if (sent->sequence > upto) {
            w->unacked.at[kept++] = *sent;
            continue;
        }
        log_acknowledged(w, sent);
        if (sent->intent)
            lane_mode_acknowledged(sent->intent->lane);
    }
    if (!rc)
        w->unacked.len = kept;
    return rc;
}

static int on_board(struct worker *w, enum wire_type type, const void *payload,
                    size_t len, struct err *err)
{
    uint64_t board;
    int rc = wire_number_decode(payload, len, &board, err);
    struct berth *berth = rc ? NULL : find_berth(w, board);

    if (berth && type == WIRE_CLOSE)
        lane_close(berth->lane);
    else if (berth)
        lane_cancel(berth->lane);
    return rc;
}

static int on_setup(struct worker *w, const void *payload, size_t len,
                    struct err *err)
{
    int rc;

    if (w->ready)
        return err_set(err, ERR_FORMAT, "a second set-up");
    rc = documents_from_json(payload, len, &w->documents, err);
    w->ready = !rc;
    return rc;
}

static int on_frame(struct worker *w, const struct buf *frame, struct err *err)
{
    const uint8_t *payload = frame->data + WIRE_HEAD;
    struct wire_head head;
    int rc = wire_head_decode(frame->data, frame->len, &head, err);

    if (!rc && head.len != frame->len - WIRE_HEAD)
        rc = err_set(err, ERR_FORMAT, "a frame of %zu bytes says %u",
                     frame->len - WIRE_HEAD, head.len);
    if (rc)
        return rc;
    w->heard_ns = clock_mono_ns();
    switch (head.type) {
    case WIRE_SETUP:
        return on_setup(w, payload, head.len, err);
    case WIRE_OPEN:
        return on_open(w, payload, head.len, err);
    case WIRE_RUN:
        return on_run(w, payload, head.len, err);
    case WIRE_CLOSE:
    case WIRE_CANCEL:
        return on_board(w, head.type, payload, head.len, err);
    case WIRE_ACK:
        return on_ack(w, payload, head.len, err);
    case WIRE_QUIT: /* with a byte: some rank is gone */
        w->quit = true;
        w->setup->link->lost = head.len > 0;
        return 0;
    case WIRE_BEAT:
        return 0;
    case WIRE_HELLO:
    case WIRE_LANE:
        break;
    }
    return err_set(err, ERR_FORMAT, "a worker's frame came to a worker");
}

static int say_hello(struct worker *w, struct err *err)
{
    struct wire_hello hello = { .software = LABSWEEP_VERSION };
    struct buf payload = { 0 };
    int rc;

    snprintf(hello.worker, sizeof(hello.worker), "%s", w->setup->name);
    snprintf(hello.site, sizeof(hello.site), "%s", w->setup->site);
    wire_hello_encode(&hello, &payload);
    rc = send_frame(w, WIRE_HELLO, payload.data, payload.len, err);
    buf_free(&payload);
    return rc;
}

static int tend(struct worker *w, struct err *err)
{
    int64_t now = clock_mono_ns();

    if (now - w->heard_ns > SILENCE_NS)
        return err_set(err, ERR_IO, "the coordinator is silent since %.0f s",
                       NS_TO_S(now - w->heard_ns));
    if (now - w->beat_ns < BEAT_NS)
        return 0;
    w->beat_ns = now;
    return send_frame(w, WIRE_BEAT, NULL, 0, err);
}

static int serve(struct worker *w, struct err *err)
{
    struct buf frame = { 0 };
    uint32_t peer;
    int rc = say_hello(w, err);

    w->heard_ns = w->beat_ns = clock_mono_ns();
    while (!rc && !w->quit && !w->setup->ended()) {
        rc = link_receive(w->setup->link, WAIT_NS, &peer, &frame, err);
        if (!rc)
            rc = on_frame(w, &frame, err);
        if (rc == ERR_TIMEOUT)
            rc = 0;
        if (!rc)
            rc = send_reports(w, err);
        if (!rc)
            rc = tend(w, err);
    }
    buf_free(&frame);
    return rc;
}

static void release(struct worker *w)
{
    for (size_t i = 0; i < w->berths.len; i++)
        lane_cancel(w->berths.at[i]->lane);
    while (w->berths.len)
        drop_berth(w, w->berths.at[w->berths.len - 1]);
    for (size_t i = w->reports_head; i < w->reports.len; i++)
        buf_free(&w->reports.at[i].payload);
    VEC_FREE(&w->berths);
    VEC_FREE(&w->reports);
    VEC_FREE(&w->unacked);
    buf_free(&w->frame);
    documents_close(&w->documents);
    if (w->log)
        fclose(w->log);
    pthread_mutex_destroy(&w->lock);
}

int worker_run(const struct worker_setup *setup, struct err *err)
{
    struct worker w = { .setup = setup, .lock = PTHREAD_MUTEX_INITIALIZER };
    int rc = 0;

    if (setup->log_path) {
        w.log = fopen(setup->log_path, "ae");
        if (!w.log)
            rc =
                err_set_errno(err, ERR_IO, "cannot open '%s'", setup->log_path);
    }
    if (!rc)
        rc = serve(&w, err);
    release(&w);
    return rc;
}
