/* coordinator.c - the loop: hear, write down, think, act */
#include "orchestrator/coordinator.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/log.h"
#include "orchestrator/coordinator_state.h"
#include "orchestrator/signals.h"

#define DRAIN_MAX     512 /* frames between two syncs */
#define WAIT_NS       MS_TO_NS(200)
#define GATHER_NS     MS_TO_NS(2)   /* least time between two syncs */
#define LOOK_NS       MS_TO_NS(500) /* stop file, silent workers */
#define BEAT_NS       NS_PER_S
#define NOTIFY_WAIT_S 10.0 /* for people's commands, at the end */

/* The plan's boards in the inventory of the documents. */
static int find_boards(struct coordinator *co, struct err *err)
{
    size_t count = plan_boards(co->setup->plan);
    struct plan_board board;

    co->boards = calloc(count + 1, sizeof(co->boards[0]));
    if (!co->boards)
        return err_set(err, ERR_NOMEM, "no memory for boards");
    for (size_t i = 0; i < count; i++) {
        plan_board_at(co->setup->plan, i, &board);
        co->boards[i] =
            inventory_board(co->setup->documents->inventory, board.name);
        if (!co->boards[i])
            return err_set(err, ERR_FORMAT,
                           "the plan names board '%s', the inventory does not",
                           board.name);
    }
    return 0;
}

static void name_campaign(struct coordinator *co)
{
    char host[128] = "", dir[PATH_MAX];

    gethostname(host, sizeof(host) - 1);
    if (!realpath(co->setup->dir, dir))
        snprintf(dir, sizeof(dir), "%s", co->setup->dir);
    snprintf(co->campaign, sizeof(co->campaign), "%s:%s", host, dir);
    for (char *c = co->campaign; *c; c++)
        if (*c == '\n')
            *c = '?';
}

static int prepare(struct coordinator *co, struct err *err)
{
    const struct coordinator_setup *setup = co->setup;
    int rc;

    name_campaign(co);

    co->peers_len = link_peers(setup->link);
    co->peers = calloc(co->peers_len, sizeof(co->peers[0]));
    co->notify = (struct notify){ .command = setup->notify, .dir = setup->dir };
    if (events_open(setup->events_path, &co->events, err))
        return ERR_IO;
    co->prints = fingerprints_create(setup->documents, setup->bin_dir,
                                     setup->project_dir);
    if (!co->peers || !co->prints)
        return err_set(err, ERR_NOMEM, "no memory for the coordinator");
    co->publisher = (struct publisher){
        .dir = setup->dir,
        .bin_dir = setup->bin_dir,
        .published_size = journal_size(setup->journal),
    };
    rc = find_boards(co, err);
    if (!rc)
        rc = result_layouts_own(&co->layouts, err);
    if (!rc && setup->campaign)
        rc = known_copy(&co->known, campaign_known(setup->campaign), err);
    if (!rc)
        rc = sched_create(setup->plan, &setup->settings, &co->sched, err);
    for (size_t i = 0; !rc && i < plan_boards(setup->plan); i++)
        sched_set_site(co->sched, (uint32_t)i, co->boards[i]->site);
    if (!rc && setup->hints)
        rc = sched_hint(co->sched, setup->hints, err);
    if (!rc && setup->campaign)
        rc = coordinator_replay(co, err);
    return rc;
}

/* Take in what is there, waiting at most 'wait_ns' for the first frame; what
 * comes within GATHER_NS of the last sync joins it in the next one, for
 * lanes with short cells hold some in hand. */
static int drain(struct coordinator *co, int64_t wait_ns, struct err *err)
{
    struct buf frame = { 0 };
    uint32_t peer = 0;
    int rc = 0;

    for (int i = 0; !rc && i < DRAIN_MAX; i++) {
        rc = link_receive(co->setup->link, wait_ns, &peer, &frame, err);
        if (!rc)
            rc = coordinator_hear(co, peer, &frame, err);
        wait_ns = co->settled_ns + GATHER_NS - clock_mono_ns();
        if (wait_ns < 0)
            wait_ns = 0;
    }
    buf_free(&frame);
    return rc == ERR_TIMEOUT ? 0 : rc;
}

/* On disk first, then acknowledged and acted upon. */
static int settle(struct coordinator *co, struct err *err)
{
    struct journal *journal = co->setup->journal;
    int rc = 0;

    do {
        rc = coordinator_record_unrun(co, err);
        if (!rc && journal_needs_sync(journal))
            rc = journal_sync(journal, err);
        if (!rc)
            rc = coordinator_act(co, err);
        if (!rc) /* for `status`: what was handed out just now */
            rc = journal_flush(journal, err);
        co->settled_ns = clock_mono_ns();
    } while (!rc && co->unrun.len);
    return rc;
}

static int look_for_silence(struct coordinator *co, int64_t now,
                            struct err *err)
{
    size_t left = 0;
    int rc = 0;

    for (uint32_t i = 0; !rc && i < co->peers_len; i++) {
        struct peer *peer = &co->peers[i];
        struct event down = { .kind = EVENT_WORKER_DOWN, .worker = i };

        left += peer->up && !peer->lost;
        if (!peer->up || peer->lost ||
            NS_TO_S(now - peer->heard_ns) < co->setup->silence_s)
            continue;
        peer->lost = co->setup->link->lost = true;
        left--;
        log_line(LOG_ERROR, "coordinator",
                 "worker %s is silent since %.0f s, its boards move",
                 peer->name, NS_TO_S(now - peer->heard_ns));
        coordinator_tell(co, "worker lost", peer->name, NULL);
        coordinator_notify(co, "worker", peer->name,
                           "it fell silent, its boards move");
        rc = coordinator_think(co, &down, err);
    }
    if (!rc && !left)
        rc = err_set(err, ERR_IO, "no worker is left");
    return rc;
}

static void publish_if_due(struct coordinator *co)
{
    uint64_t size = journal_size(co->setup->journal);
    struct err err;

    if (publisher_reap(&co->publisher, false, &err))
        log_line(LOG_WARN, "coordinator", "%s", err.text);
    if (publisher_due(&co->publisher, size) &&
        publisher_start(&co->publisher, size, &err))
        log_line(LOG_WARN, "coordinator", "%s", err.text);
}

/* What time alone brings: heartbeats, a wish to stop, silent workers, a
 * publication, quarantine's end. */
static int tend(struct coordinator *co, struct err *err)
{
    struct event tick = { .kind = EVENT_TICK };
    int64_t now = clock_mono_ns();
    int rc = coordinator_think(co, &tick, err);

    if (!rc && now - co->looked_ns >= LOOK_NS) {
        co->looked_ns = now;
        rc = coordinator_look_for_wishes(co, err);
        if (!rc)
            rc = look_for_silence(co, now, err);
        publish_if_due(co);
    }
    if (!rc && now - co->beat_ns >= BEAT_NS) {
        co->beat_ns = now;
        for (uint32_t i = 0; !rc && i < co->peers_len; i++)
            if (!co->peers[i].lost)
                rc = coordinator_send(co, i, WIRE_BEAT, NULL, 0, err);
    }
    return rc;
}

static int64_t wait_of(const struct coordinator *co)
{
    int64_t until = sched_wake_ns(co->sched), now = clock_mono_ns();

    if (co->unrun.len)
        return 0;
    if (until == INT64_MAX || until - now > WAIT_NS)
        return WAIT_NS;
    return until > now ? until - now : 0;
}

static size_t workers_up(const struct coordinator *co)
{
    size_t up = 0;

    for (size_t i = 0; i < co->peers_len; i++)
        up += co->peers[i].up;
    return up;
}

/* Name the ranks that have not greeted.  One that does later gets the boards
 * that are opened from then on. */
static void name_mute(struct coordinator *co)
{
    char text[64];

    for (size_t i = 0; i < co->peers_len; i++) {
        if (co->peers[i].up)
            continue;
        snprintf(text, sizeof(text), "rank %zu has not greeted within %g s",
                 i + 1, co->setup->silence_s);
        log_line(LOG_WARN, "coordinator", "%s, the sweep begins without it",
                 text);
        snprintf(co->peers[i].name, sizeof(co->peers[i].name), "rank %zu",
                 i + 1);
        coordinator_tell(co, "worker lost", co->peers[i].name, text);
        coordinator_notify(co, "worker", co->peers[i].name, text);
    }
}

/* Boards are opened once every rank has greeted, so that all get their
 * share; who does not in time is named and not waited for. */
static int gather_workers(struct coordinator *co, struct err *err)
{
    int64_t until = clock_mono_ns() + S_TO_NS(co->setup->silence_s);
    struct event start = { .kind = EVENT_START };
    int rc = 0;

    while (!rc && workers_up(co) < co->peers_len && clock_mono_ns() < until &&
           signals_wish() == SIGNALS_NONE)
        rc = drain(co, WAIT_NS, err);
    if (rc)
        return rc;
    if (signals_wish() == SIGNALS_NONE)
        name_mute(co);
    if (!workers_up(co))
        return err_set(err, ERR_IO, "no worker said hello");
    return coordinator_think(co, &start, err);
}

static int send_setup(struct coordinator *co, struct err *err)
{
    struct buf text = { 0 };
    int rc = documents_to_json(co->setup->documents, &text, err);

    for (uint32_t i = 0; !rc && i < co->peers_len; i++)
        rc = coordinator_send(co, i, WIRE_SETUP, text.data, text.len, err);
    buf_free(&text);
    return rc;
}

/* Nobody is waited for: what runs is written down as not ended. */
static int abandon(struct coordinator *co, struct err *err)
{
    struct event stop = { .kind = EVENT_STOP, .cancel = true };
    int rc = coordinator_think(co, &stop, err);

    for (uint32_t i = 0; !rc && i < co->peers_len; i++) {
        struct event down = { .kind = EVENT_WORKER_DOWN, .worker = i };

        rc = coordinator_think(co, &down, err);
    }
    return rc;
}

static int sweep(struct coordinator *co, struct err *err)
{
    int rc = send_setup(co, err);

    if (!rc)
        rc = coordinator_watch_begin(co, err);
    if (!rc) /* boards that are held are not opened at all */
        rc = coordinator_look_for_wishes(co, err);
    if (!rc)
        rc = gather_workers(co, err);
    while (!rc && !sched_done(co->sched) && signals_wish() != SIGNALS_END) {
        rc = settle(co, err);
        if (!rc)
            rc = drain(co, wait_of(co), err);
        if (!rc)
            rc = tend(co, err);
        if (!rc)
            rc = coordinator_watch(co, err);
    }
    if (!rc && signals_wish() == SIGNALS_END)
        rc = abandon(co, err);
    if (!rc)
        rc = settle(co, err);
    coordinator_watch_end(co);
    return rc;
}

static void release(struct coordinator *co)
{
    sched_destroy(co->sched);
    fingerprints_destroy(co->prints);
    VEC_FREE(&co->actions.list);
    VEC_FREE(&co->unrun);
    result_layouts_free(&co->layouts);
    known_free(&co->known);
    buf_free(&co->frame);
    buf_free(&co->payload);
    buf_free(&co->record);
    events_close(&co->events);
    control_free(&co->control);
    view_free(&co->view);
    free(co->watched);
    free(co->peers);
    free(co->boards);
}

void coordinator_dismiss(struct link *link)
{
    struct buf frame = { 0 };

    /* one byte: a rank is gone, so leave without waiting for all */
    wire_frame(WIRE_QUIT, 0, "1", link->lost, &frame);
    for (uint32_t i = 0; !link->dismissed && i < link_peers(link); i++)
        link_send(link, i, frame.data, frame.len, NULL);
    link_flush(link, NULL);
    link->dismissed = true;
    buf_free(&frame);
}

int coordinator_run(const struct coordinator_setup *setup,
                    struct coordinator_result *ret_result, struct err *err)
{
    struct coordinator co = { .setup = setup };
    int rc = prepare(&co, err);

    if (!rc) {
        rc = sweep(&co, err);
        sched_counts(co.sched, &ret_result->counts);
        ret_result->stopped = sched_stopping(co.sched, &ret_result->why);
        ret_result->signal = signals_last();
    }
    if (!rc && co.held.code) {
        rc = co.held.code;
        if (err)
            *err = co.held;
    }
    /* a rank that never greeted would not leave MPI with us either */
    setup->link->lost |= co.peers && workers_up(&co) < co.peers_len;
    coordinator_dismiss(setup->link);
    if (signals_wish() != SIGNALS_END) { /* else there is no time to wait */
        publisher_reap(&co.publisher, true, NULL);
        notify_reap(&co.notify, NOTIFY_WAIT_S);
    }
    release(&co);
    return rc;
}
