/* kills.c - kill -9 at random instants, also while publishing
 *
 *     kills KILLS [SEED] [ack-early]
 *
 * LABSWEEP_LONG in the environment: ten times as many kills.
 *
 * One process makes or goes on with a campaign and acknowledges over a pipe
 * what is synced; another publishes all the time.  Both are killed, and: the
 * journal opens, holds every acknowledged result as it was written, and
 * nothing else; archive.h5 is there whole or not at all.  "ack-early" is a bug on
 * purpose, which must be seen.  The log of what was
 * acknowledged is this process's own.  (A journal is never rotated, so there
 * is no such instant.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/archive/h5_writer.h"
#include "tests/unit/archive/made.h"

#define BATCHES      600
#define CELLS        (2 * BATCHES - 1)
#define CHECK_S      60
#define FIRST_RUN    3  /* kills that may hit the making of the campaign */
#define PER_CAMPAIGN 50 /* kills, then a new one: each look reads all of it */

static const struct made_shape shape = {
    .seed = 7, .latencies = 20, .readings = 12, .raw = true
};

/* The result that is number 'k' of the campaign. */
static uint64_t cell_of(uint64_t k)
{
    return k % CELLS;
}

static uint16_t attempt_of(uint64_t k)
{
    return (uint16_t)(1 + k / CELLS);
}

static _Noreturn void writer_run(const char *dir, int acknowledge, bool early)
{
    struct campaign *campaign = NULL;
    struct journal *journal = NULL;
    uint64_t random = (uint64_t)getpid() | 1, k = 0;
    int rc = campaign_continue(dir, &journal, &campaign, NULL);

    if (rc && !campaign_began(dir))
        journal = made_begin(dir, BATCHES);
    else if (rc)
        _exit(1);
    else
        k = campaign_results(campaign);
    for (;; k++) {
        made_append(journal, &shape, cell_of(k), attempt_of(k), STATUS_FAILED);
        if (early && write(acknowledge, &k, sizeof(k)) != sizeof(k))
            _exit(1);
        if (made_random(&random) % 3)
            continue;
        if (journal_sync(journal, NULL) ||
            (!early && write(acknowledge, &k, sizeof(k)) != sizeof(k)))
            _exit(1);
    }
}

static _Noreturn void publisher_run(const char *dir)
{
    for (;;)
        if (archive_publish(dir, NULL))
            usleep(1000); /* no campaign yet */
}

struct totals {
    uint64_t results, acked;
};

/* ---- looking at what is left */

struct look {
    uint64_t results, checked; /* seen; of them looked at before */
    const char *wrong;
};

static int result_look(void *arg, const struct journal_record *record,
                       struct err *err)
{
    struct look *look = arg;
    struct result result;
    struct buf bytes = { 0 };
    uint64_t k;

    (void)err;
    if (record->type != JOURNAL_RESULT)
        return 0;
    k = look->results++;
    if (record->row != cell_of(k) || record->attempt != attempt_of(k))
        look->wrong = "a result stands where another was written";
    if (k < look->checked)
        return 0;
    made_result(&shape, cell_of(k), attempt_of(k), STATUS_FAILED, &result);
    if (result_encode(&result, &bytes, NULL) || bytes.len != record->len ||
        memcmp(bytes.data, record->payload, bytes.len) != 0)
        look->wrong = "a result is not what was written";
    buf_free(&bytes);
    result_free(&result);
    return 0;
}

/* Open as the next start would, and compare.  Returns NULL or what is
 * wrong. */
static const char *left_look(const char *dir, uint64_t acked, struct look *look,
                             struct err *err)
{
    struct journal *journal;
    char path[FS_PATH_MAX];
    int rc = journal_open(dir, NULL, NULL, &journal, err);

    if (rc == ERR_NOT_FOUND)
        return acked ? "the journal is gone" : NULL;
    if (rc)
        return "the journal cannot be opened";
    journal_close(journal, false, NULL);
    look->checked = look->results;
    look->results = 0;
    if (journal_walk(dir, result_look, look, err))
        return "the journal cannot be read";
    if (look->results < acked)
        return "acknowledged results are lost";
    fs_join(path, sizeof(path), dir, CAMPAIGN_ARCHIVE);
    if (fs_exists(path) && archive_check(path, CHECK_S, err))
        return "archive.h5 is not whole";
    return look->wrong;
}

/* Run both, kill both.  Sets how many results were acknowledged. */
static void run_and_kill(const char *dir, bool first, bool early,
                         uint64_t *random, uint64_t *acked)
{
    uint64_t wanted = first ? 0 : 1 + made_random(random) % 30, got;
    pid_t writer, publisher;
    int fds[2], status;

    if (pipe(fds))
        exit(2);
    writer = fork();
    if (!writer) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        writer_run(dir, fds[1], early);
    }
    publisher = fork();
    if (!publisher) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(fds[0]);
        close(fds[1]); /* the writer's end alone says that it lives */
        publisher_run(dir);
    }
    close(fds[1]);
    while (wanted-- && read(fds[0], &got, sizeof(got)) == sizeof(got))
        *acked = got + 1;
    usleep((useconds_t)(made_random(random) % 20000));
    kill(made_random(random) % 2 ? writer : publisher, SIGKILL);
    kill(writer, SIGKILL);
    kill(publisher, SIGKILL);
    waitpid(writer, &status, 0);
    if (!WIFSIGNALED(status)) {
        printf("the writer ended by itself\n");
        exit(2);
    }
    waitpid(publisher, &status, 0);
    while (read(fds[0], &got, sizeof(got)) == sizeof(got))
        *acked = got + 1;
    close(fds[0]);
}

/* So many kills of one campaign.  Returns NULL or what is wrong. */
static const char *campaign_try(size_t kills, bool early, uint64_t *random,
                                struct totals *totals, struct err *err)
{
    struct look look = { 0 };
    const char *wrong = NULL;
    uint64_t acked = 0;
    char dir[MADE_PATH];

    made_dir(dir);
    for (size_t i = 0; !wrong && i < kills; i++) {
        run_and_kill(dir, i < FIRST_RUN, early, random, &acked);
        wrong = left_look(dir, acked, &look, err);
    }
    if (!wrong && !acked)
        wrong = "nothing was ever acknowledged";
    if (!wrong && (archive_publish(dir, err) || archive_verify(dir, err)))
        wrong = "the last archive is not what the journal says";
    made_dir_remove(dir);
    totals->results += look.results;
    totals->acked += acked;
    return wrong;
}

int main(int argc, char **argv)
{
    size_t kills = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    uint64_t random = argc > 2 ? strtoull(argv[2], NULL, 10) | 1
                               : (uint64_t)clock_unix_ns() | 1;
    bool early = argc > 3 && !strcmp(argv[3], "ack-early");
    struct totals totals = { 0 };
    struct err err = { 0 };
    const char *wrong = NULL;

    kills *= getenv("LABSWEEP_LONG") ? 10 : 1;
    printf("seed %llu\n", (unsigned long long)random);
    fflush(stdout);
    for (size_t done = 0; !wrong && done < kills; done += PER_CAMPAIGN)
        wrong = campaign_try(kills - done < PER_CAMPAIGN ? kills - done
                                                         : PER_CAMPAIGN,
                             early, &random, &totals, &err);
    printf("%zu kills, %llu results, %llu acknowledged, %s%s%s\n", kills,
           (unsigned long long)totals.results, (unsigned long long)totals.acked,
           wrong ? wrong : "0 lost, 0 unreadable",
           wrong && *err.text ? ": " : "", wrong ? err.text : "");
    return wrong != NULL;
}
