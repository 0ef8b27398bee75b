/* lane_lease.c - take, renew, tell, give back */
#include "workers/lane_lease.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/clock.h"
#include "workers/lease_show.h"

#define ASK_S        60.0 /* taking over may end processes first */
#define LOOK_AGAIN_S 2.0  /* while somebody else holds it */
#define ANNOUNCE_S   0.1  /* what runs longer is written down */
#define MARGIN_S     10.0

const struct lane_tag lane_lease_tag = { .kind = LANE_TAG_LEASE };

static const struct lane_lease_setup *setup_of(const struct lane_board *b)
{
    return b->setup->lease;
}

static bool is_leased(const struct lane_board *b)
{
    return b->lease.keeper.transport != NULL;
}

/* ---- who we are, and what we lease */

static void learn_words(struct lane_lease *l)
{
    char space[4096];
    struct passwd entry, *found = NULL;
    uint64_t random[2];

    if (l->token[0])
        return;
    getpwuid_r(getuid(), &entry, space, sizeof(space), &found);
    snprintf(l->owner, sizeof(l->owner), "%s", found ? entry.pw_name : "?");
    if (gethostname(l->host_name, sizeof(l->host_name) - 1))
        strcpy(l->host_name, "?");
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        random[0] = (uint64_t)clock_unix_ns();
    snprintf(l->token, sizeof(l->token), "%016llx%016llx",
             (unsigned long long)random[0], (unsigned long long)random[1]);
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || strchr("_-.", c);
}

/* A name for a folder and a list of words. */
static void put_plain(struct buf *out, const char *text)
{
    for (; *text; text++)
        buf_printf(out, is_plain(*text) ? "%c" : "%%%02x",
                   (unsigned char)*text);
}

static bool put_groups(struct buf *out, const char *const *groups, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        buf_printf(out, " group.");
        put_plain(out, groups[i]);
    }
    return len > 0;
}

/* The board and all that it shares.  True if it shares something. */
static bool put_names(const struct board *board, struct buf *out)
{
    bool shares;

    buf_printf(out, "board.");
    put_plain(out, board->name);
    shares = put_groups(out, board->exclusive, board->exclusive_len);
    for (size_t i = 0; i < board->meters_len; i++)
        shares |= put_groups(out, board->meters[i].groups,
                             board->meters[i].groups_len);
    return shares;
}

const char *lane_lease_host_dir(void)
{
    const char *dir = getenv("LABSWEEP_LEASE_DIR");

    return dir && *dir ? dir : "/tmp/labsweep-lease";
}

static void put_words(struct lane_board *b, struct lease_words *ret_words,
                      struct buf *names)
{
    struct lane_lease *l = &b->lease;
    struct buf name = { 0 };

    learn_words(l);
    put_names(b->setup->board, names);
    put_plain(&name, b->setup->board->name);
    snprintf(l->name, sizeof(l->name), "%.200s", buf_text(&name));
    buf_free(&name);
    *ret_words = (struct lease_words){
        .dir = l->dir,
        .token = l->token,
        .name = l->name,
        .campaign = setup_of(b) ? setup_of(b)->campaign : "",
        .owner = l->owner,
        .host = l->host_name,
        .reason = b->setup->experiment->name,
        .names = buf_text(names),
    };
}

/* ---- taking */

/* It is not the board that is silent: no reason to power-cycle that. */
static void blame_host(struct lane_board *b, struct err *err)
{
    b->lease.host_out = true;
    err_prefix(err, "the lease host");
}

/* The host that the inventory names; NULL: this machine. */
static const struct board *host_of(const struct lane_board *b)
{
    return b->setup->inventory ? b->setup->inventory->lease_host : NULL;
}

static int reach_host(struct lane_board *b, struct buf *dir, struct err *err)
{
    const struct board *at = host_of(b);
    struct transport **transport = &b->lease.host_transport;
    struct transport_target target = { 0 };
    int rc;

    if (at)
        target = lane_target(at, b->setup->experiment->measure.connect_limit_s);
    rc = transport_open(at ? at->transport : "local", &target, transport, err);
    if (!rc)
        rc = lease_resolve_dir(
            *transport, at ? at->lease_dir : lane_lease_host_dir(), dir, err);
    return rc;
}

/* Beside the boards' own leases, which may lie in the same folder. */
static int open_host(struct lane_board *b, const struct lease_words *words,
                     struct err *err)
{
    struct lease_words there = *words;
    struct buf dir = { 0 }, name = { 0 };
    int rc;

    if (b->lease.host.transport)
        return 0;
    rc = reach_host(b, &dir, err);
    buf_printf(&name, "shared.%s", words->name);
    there.dir = buf_text(&dir);
    there.name = buf_text(&name);
    if (!rc && (buf_failed(&dir) || buf_failed(&name)))
        rc = err_set(err, ERR_NOMEM, "no memory for a lease");
    if (!rc)
        rc = lease_keeper_open(&b->lease.host, b->lease.host_transport, NULL,
                               &there, err);
    if (rc) {
        blame_host(b, err);
        transport_close(b->lease.host_transport);
        b->lease.host_transport = NULL;
    }
    buf_free(&dir);
    buf_free(&name);
    return rc;
}

static int open_keepers(struct lane_board *b, struct err *err)
{
    struct buf names = { 0 };
    struct lease_words words;
    bool shares;
    int rc = 0;

    put_words(b, &words, &names);
    shares = strchr(words.names, ' ') != NULL;
    if (buf_failed(&names))
        rc = err_set(err, ERR_NOMEM, "no memory for a lease");
    if (!rc && shares)
        rc = open_host(b, &words, err);
    if (!rc)
        rc = lease_keeper_open(&b->lease.keeper, b->transport,
                               (void *)(uintptr_t)&lane_lease_tag, &words, err);
    buf_free(&names);
    return rc;
}

/* Say it once, not at every look. */
static void tell(struct lane_board *b, const char *before, const char *what,
                 const char *after)
{
    struct lane_lease *l = &b->lease;
    char text[sizeof(l->told_text)];

    snprintf(text, sizeof(text), "%s%.300s%s", before, what, after);
    if (!strcmp(text, l->told_text))
        return;
    memcpy(l->told_text, text, sizeof(text));
    b->note(b->ctx, text);
}

/* The dead or dispossessed one, and what is now our duty. */
static void inherit(struct lane_board *b, const struct lease *from)
{
    struct buf who = { 0 };

    lease_describe(from, &who);
    if (setup_of(b)->force)
        tell(b, "the lease of ", buf_text(&who), " was taken by force");
    else
        tell(b, "the lease of ", buf_text(&who),
             ", who is gone, was taken over");
    buf_free(&who);
    b->lease.left_moded = from->mode_changed;
    memcpy(b->lease.left_mode, from->mode, sizeof(from->mode));
}

static int refuse(struct lane_board *b, struct buf *answer,
                  const struct lease *by, struct err *err)
{
    struct buf who = { 0 };
    char word[16];
    int rc;

    if (!strcmp(lease_answer_word(answer, word), "busy")) {
        b->lease.busy = true;
        lease_describe(by, &who);
        rc = err_set(err, ERR_REFUSED, "is held by %s", buf_text(&who));
    } else {
        const char *why = strstr(buf_text(answer), "failed ");

        rc = err_set(err, ERR_REFUSED, "cannot be leased: %.200s",
                     why ? why + 7 : buf_text(answer));
        err->text[strcspn(err->text, "\n")] = 0;
    }
    buf_free(&who);
    return rc;
}

/* Ask one keeper.  On success ret_kept says whether it was ours all along,
 * else what was taken over is noted. */
static int take_one(struct lane_board *b, struct lease_keeper *k,
                    bool *ret_kept, struct err *err)
{
    const struct lane_lease_setup *s = setup_of(b);
    struct lease by = { 0 };
    struct buf answer = { 0 };
    char request[64], word[16];
    bool some;
    int rc;

    snprintf(request, sizeof(request), "take %.0f%s", s->expiry_s,
             s->force ? " force" : "");
    rc = lease_keeper_ask(k, request, ASK_S, &answer, err);
    if (rc)
        goto out;
    some = lease_parse(buf_text(&answer), answer.len, &by) > 0;
    lease_answer_word(&answer, word);
    *ret_kept = !strcmp(word, "kept");
    if (!*ret_kept && strcmp(word, "held") != 0)
        rc = refuse(b, &answer, &by, err);
    else if (some && k == &b->lease.keeper)
        inherit(b, &by);
out:
    buf_free(&answer);
    return rc;
}

static void give_back_host(struct lane_board *b)
{
    struct buf answer = { 0 };

    if (b->lease.host.transport)
        lease_keeper_ask(&b->lease.host, "release", ASK_S, &answer, NULL);
    buf_free(&answer);
}

static int take_both(struct lane_board *b, struct err *err)
{
    bool kept = false;
    int rc = 0;

    b->lease.busy = false;
    if (b->lease.host.transport)
        rc = take_one(b, &b->lease.host, &kept, err);
    if (rc && !b->lease.busy)
        blame_host(b, err);
    if (!rc) {
        rc = take_one(b, &b->lease.keeper, &kept, err);
        if (rc)
            give_back_host(b); /* hold nothing while we wait */
    }
    if (!rc && !kept)
        b->lease.fresh = true;
    return rc;
}

static void expect_until(struct lane_lease *l, double expiry_s)
{
    l->renew_ns = clock_mono_ns() + S_TO_NS(expiry_s / 3);
    l->until_ns = clock_mono_ns() + S_TO_NS(expiry_s);
}

int lane_lease_take(struct lane_board *b, struct err *err)
{
    const struct lane_lease_setup *s = setup_of(b);
    struct err why = { 0 };
    int rc;

    if (!s)
        return 0;
    b->lease.fresh = b->lease.lost = false;
    b->lease.group = 0;
    rc = open_keepers(b, &why);
    while (!rc) {
        rc = take_both(b, &why);
        if (!rc || !b->lease.busy || s->policy != LEASE_WAIT)
            break;
        tell(b, "waits: ", why.text, "");
        if (!b->pause(b->ctx, LOOK_AGAIN_S))
            break;
        rc = 0;
    }
    if (rc && rc != ERR_REFUSED && rc != ERR_NOMEM)
        b->link_lost = true;
    b->lease.host_ns = clock_mono_ns();
    if (rc && err)
        *err = why;
    expect_until(&b->lease, s->expiry_s);
    return rc;
}

/* ---- keeping */

static void judge(struct lane_board *b, struct buf *answer)
{
    struct lease by = { 0 };
    struct buf who = { 0 };
    char word[16];

    lease_answer_word(answer, word);
    if (!strncmp(buf_text(answer), "lost", 4)) {
        const char *bar = strchr(buf_text(answer), '|');

        b->lease.lost = true;
        if (bar && lease_parse(bar, strlen(bar), &by))
            lease_describe(&by, &who);
        snprintf(b->lease.lost_to, sizeof(b->lease.lost_to), "%.200s",
                 who.len ? buf_text(&who) : "nobody, it is gone");
        buf_free(&who);
    }
}

static void judge_answers(struct lane_board *b, struct lease_keeper *k)
{
    struct buf answer = { 0 };

    while (lease_keeper_answer(k, &answer))
        judge(b, &answer);
    buf_free(&answer);
}

/* Nobody renews there any more, and others may soon have what we share. */
static void lose_host(struct lane_board *b, const char *why)
{
    if (b->lease.lost)
        return;
    b->lease.lost = true;
    snprintf(b->lease.lost_to, sizeof(b->lease.lost_to),
             "nobody, but the lease host is out of reach: %.120s", why);
}

/* Over a kept process at any time; else while nothing else runs. */
static void renew(struct lane_board *b, struct lease_keeper *k, double seconds)
{
    struct buf answer = { 0 };
    struct err why = { 0 };
    char request[48];

    if (!k->transport)
        return;
    snprintf(request, sizeof(request), "renew %.0f", seconds);
    if (k->proc) {
        if (lease_keeper_send(k, request, true, &why) && k == &b->lease.host)
            lose_host(b, why.text);
    } else if (!b->running &&
               !lease_keeper_ask(k, request, ASK_S, &answer, NULL))
        judge(b, &answer);
    buf_free(&answer);
}

static void hear_host(struct lane_board *b)
{
    struct lane_lease *l = &b->lease;
    struct proc_event ev;
    struct err why = { 0 };
    int rc = 0;

    while (!rc && l->host_transport && l->host.pending && !l->host.ended) {
        rc = transport_wait(l->host_transport, NULL, 0, 0, &ev, &why);
        if (!rc)
            lease_keeper_hear(&l->host, &ev);
    }
    judge_answers(b, &l->host);
    if (!l->host.pending)
        l->host_ns = clock_mono_ns();
    else if (rc && rc != ERR_TIMEOUT)
        lose_host(b, why.text);
    else if (l->host.ended)
        lose_host(b, "the keeper there has ended");
    else if (host_of(b) && clock_mono_ns() - l->host_ns >
                               S_TO_NS(setup_of(b)->expiry_s * 2 / 3))
        lose_host(b, "it says nothing");
}

/* What runs longer than a blink stands in the lease.  Returns when to look
 * again. */
static int64_t announce(struct lane_board *b)
{
    int64_t due = b->running_ns + S_TO_NS(ANNOUNCE_S), group;
    char request[48];

    if (!b->running)
        return INT64_MAX;
    group = proc_group(b->running);
    if (group && group == b->lease.group)
        return INT64_MAX;
    if (clock_mono_ns() < due)
        return due;
    if (!group) /* it has said nothing yet */
        return clock_mono_ns() + S_TO_NS(ANNOUNCE_S);
    b->lease.group = group;
    snprintf(request, sizeof(request), "run %lld", (long long)group);
    lease_keeper_send(&b->lease.keeper, request, false, NULL);
    return INT64_MAX;
}

int64_t lane_lease_tend(struct lane_board *b)
{
    struct lane_lease *l = &b->lease;
    int64_t look;

    if (!is_leased(b))
        return INT64_MAX;
    judge_answers(b, &l->keeper);
    if (clock_mono_ns() >= l->renew_ns) {
        hear_host(b);
        expect_until(l, setup_of(b)->expiry_s);
        renew(b, &l->keeper, setup_of(b)->expiry_s);
        renew(b, &l->host, setup_of(b)->expiry_s);
    }
    look = announce(b);
    return look < l->renew_ns ? look : l->renew_ns;
}

void lane_lease_hear(struct lane_board *b, const struct proc_event *ev)
{
    lease_keeper_hear(&b->lease.keeper, ev);
    judge_answers(b, &b->lease.keeper);
}

int lane_lease_check(struct lane_board *b, struct err *err)
{
    if (!b->lease.lost)
        return 0;
    b->link_lost = true;
    return err_set(err, ERR_IO, "the lease was lost to %s", b->lease.lost_to);
}

void lane_lease_hold(struct lane_board *b, double seconds)
{
    struct lane_lease *l = &b->lease;
    int64_t need = clock_mono_ns() + S_TO_NS(seconds + MARGIN_S);

    if (!is_leased(b) || !(seconds < 1e6) || l->until_ns >= need)
        return;
    renew(b, &l->keeper, seconds + setup_of(b)->expiry_s);
    renew(b, &l->host, seconds + setup_of(b)->expiry_s);
    l->until_ns = need;
    l->renew_ns = clock_mono_ns(); /* short again as soon as it is over */
}

void lane_lease_expect(struct lane_board *b, double total_s)
{
    if (is_leased(b) && !b->lease.keeper.proc)
        lane_lease_hold(b, total_s > 0 ? total_s : 3600);
}

static int ask(struct lane_board *b, const char *request, struct err *err)
{
    struct buf answer = { 0 };
    int rc = 0;

    if (!is_leased(b))
        return 0;
    rc = lease_keeper_ask(&b->lease.keeper, request, ASK_S, &answer, err);
    if (rc && rc != ERR_NOMEM)
        b->link_lost = true;
    if (!rc) {
        judge(b, &answer);
        rc = lane_lease_check(b, err);
    }
    buf_free(&answer);
    return rc;
}

int lane_lease_mode(struct lane_board *b, const char *before, struct err *err)
{
    char request[96];

    snprintf(request, sizeof(request), "mode %.64s", before);
    for (char *c = request; *c; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    return ask(b, request, err);
}

int lane_lease_restored(struct lane_board *b, struct err *err)
{
    return ask(b, "restored", err);
}

/* ---- giving back */

void lane_lease_release(struct lane_board *b)
{
    if (is_leased(b) && b->transport && !b->link_lost && !b->mode_changed &&
        !b->lease.left_moded && !ask(b, "release", NULL))
        b->lease.group = 0;
    give_back_host(b);
}

void lane_lease_drop(struct lane_board *b)
{
    lease_keeper_close(&b->lease.keeper);
    lease_keeper_close(&b->lease.host);
    transport_close(b->lease.host_transport);
    b->lease.host_transport = NULL;
}
