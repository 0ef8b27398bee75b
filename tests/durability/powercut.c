/* powercut.c - cut the power anywhere, recover, compare every byte
 *
 *     powercut STATES [no-archive-sync|no-journal-sync|none] [SEED]
 *
 * LABSWEEP_LONG in the environment: ten times as many states.
 *
 * A campaign is written and published, and every write, sync and rename
 * noted.  Then STATES folders are made that a cut may leave, the real recovery
 * runs on each, and: the journal holds, byte for byte, at least what was
 * acknowledged; archive.h5 is one of those that were published, whole, and no
 * older than the last one reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/fs.h"
#include "orchestrator/archive/h5_writer.h"
#include "tests/durability/cutstate.h"
#include "tests/unit/archive/made.h"

#define RESULTS       60
#define PUBLISH_EVERY 12

static void must(int rc, const struct err *err)
{
    if (!rc)
        return;
    fprintf(stderr, "powercut: %s\n", err->text);
    exit(2);
}

static void publish(const char *dir)
{
    struct err err = { 0 };

    must(archive_publish(dir, &err), &err);
    iolog_published(CAMPAIGN_ARCHIVE);
}

/* Write a campaign, in groups of one to five results a sync. */
static void campaign_write(const char *dir, uint64_t *random)
{
    struct made_shape shape = { .seed = 4, .raw = true };
    struct err err = { 0 };
    struct journal *journal = made_begin(dir, RESULTS / 2 + 1);
    size_t group = 0;

    iolog_ack(journal_size(journal));
    for (uint64_t i = 0; i < RESULTS; i++) {
        shape.latencies = made_random(random) % 4 ? 20 : 9000;
        made_append(journal, &shape, i, 1, i % 7 ? STATUS_OK : STATUS_FAILED);
        if (made_random(random) % 3 == 0) /* written, not yet synced */
            must(journal_flush(journal, &err), &err);
        if (++group >= 1 + made_random(random) % 5) {
            must(journal_sync(journal, &err), &err);
            iolog_ack(journal_size(journal));
            group = 0;
        }
        if (i % PUBLISH_EVERY == PUBLISH_EVERY - 1)
            publish(dir);
    }
    must(journal_close(journal, true, &err), &err);
    publish(dir);
}

/* Content of each file when all is written. */
static void truth_make(struct buf truth[IOLOG_FILES])
{
    for (size_t i = 0; i < iolog_len(); i++) {
        const struct io_event *event = iolog_at(i);
        struct buf *content;

        if (event->kind != IO_WRITE)
            continue;
        content = &truth[event->file];
        if (content->len < event->offset)
            must(ERR_IO, &(struct err){ .text = "a write leaves a hole" });
        content->len = (size_t)event->offset;
        buf_put(content, event->data.data, event->data.len);
    }
}

/* Returns NULL, or what is wrong with the journal of 'dir'. */
static const char *journal_check(const struct cutstate *state, const char *dir,
                                 const struct buf *truth, struct err *err)
{
    struct journal *journal;
    struct buf content = { 0 };
    const char *wrong = NULL;
    int rc = journal_open(dir, NULL, NULL, &journal, err);

    if (rc == ERR_NOT_FOUND && !state->acked)
        return NULL;
    if (rc)
        return "the journal cannot be opened";
    journal_close(journal, false, NULL);
    made_read(dir, JOURNAL_NAME, &content);
    err_set(err, ERR_FORMAT, "%zu bytes, %llu acknowledged", content.len,
            (unsigned long long)state->acked);
    if (content.len < state->acked)
        wrong = "acknowledged results are lost";
    else if (content.len > truth->len ||
             memcmp(content.data, truth->data, content.len) != 0)
        wrong = "the journal holds what was never written";
    buf_free(&content);
    return wrong;
}

static bool same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len));
}

/* Returns NULL, or what is wrong with the archive. */
static const char *archive_wrong(const struct cutstate *state,
                                 const struct buf truth[IOLOG_FILES])
{
    int file = cutstate_find(state, CAMPAIGN_ARCHIVE);

    if (file < 0)
        return state->published < 0 ? NULL : "a published archive is gone";
    if (!same(&state->content[file], &truth[file]))
        return "archive.h5 is not whole";
    if (file < state->published)
        return "archive.h5 is older than the one reported";
    return NULL;
}

static void folder_write(const struct cutstate *state, const char *dir)
{
    for (size_t i = 0; i < state->names_len; i++) {
        const struct buf *content = &state->content[state->files[i]];

        if (!strcmp(state->names[i], JOURNAL_NAME))
            made_write(dir, JOURNAL_NAME,
                       content->len ? content->data : (uint8_t *)"",
                       content->len);
    }
}

static enum io_bug bug_of(const char *word)
{
    if (word && !strcmp(word, "no-archive-sync"))
        return IO_BUG_ARCHIVE_SYNC;
    return word && !strcmp(word, "no-journal-sync") ? IO_BUG_JOURNAL_SYNC
                                                    : IO_BUG_NONE;
}

static size_t states_try(size_t states, uint64_t *random,
                         const struct buf truth[IOLOG_FILES], int journal)
{
    static struct cutstate state;
    size_t bad = 0;

    for (size_t i = 0; i < states; i++) {
        size_t cut = (size_t)(made_random(random) % (iolog_len() + 1));
        struct err err = { 0 };
        const char *wrong;
        char dir[MADE_PATH];

        made_dir(dir);
        cutstate_make(cut, random, &state);
        folder_write(&state, dir);
        wrong = journal_check(&state, dir, &truth[journal], &err);
        if (!wrong)
            wrong = archive_wrong(&state, truth);
        if (wrong && bad++ < 3)
            printf("cut after event %zu: %s: %s\n", cut, wrong, err.text);
        cutstate_free(&state);
        made_dir_remove(dir);
    }
    return bad;
}

int main(int argc, char **argv)
{
    static struct buf truth[IOLOG_FILES];
    size_t states = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, bad;
    uint64_t random = argc > 3 ? strtoull(argv[3], NULL, 10) | 1
                               : (uint64_t)clock_unix_ns() | 1;
    int journal = -1;
    char dir[MADE_PATH];

    states *= getenv("LABSWEEP_LONG") ? 10 : 1;
    printf("seed %llu\n", (unsigned long long)random);
    if (fs_exists("/dev/shm")) /* states are many; their disk does not matter */
        setenv("TMPDIR", "/dev/shm", 1);
    made_dir(dir);
    iolog_start(dir, bug_of(argc > 2 ? argv[2] : NULL));
    campaign_write(dir, &random);
    iolog_stop();
    truth_make(truth);
    for (size_t i = 0; i < iolog_len(); i++)
        if (iolog_at(i)->kind == IO_RENAME &&
            !strcmp(iolog_at(i)->to, JOURNAL_NAME))
            journal = iolog_at(i)->file;
    bad = states_try(states, &random, truth, journal);
    made_dir_remove(dir);
    printf("%zu events, %zu states, %zu lost or unreadable\n", iolog_len(),
           states, bad);
    for (size_t i = 0; i < IOLOG_FILES; i++)
        buf_free(&truth[i]);
    return bad != 0;
}
