/* test_campaign.c - a journal says the same to everybody */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/archive/h5_writer.h"
#include "tests/unit/archive/made.h"

#define BATCHES 10
#define FIXTURE "tests/replay/valid/journal-1"

static const struct made_shape shape = { .seed = 6, .latencies = 3 };

static void ok(int rc, const struct err *err)
{
    if (rc)
        fail_msg("%s", err->text);
}

static void put(struct journal *journal, enum journal_type type, uint64_t row,
                uint16_t attempt, struct buf *payload)
{
    struct err err = { 0 };

    ok(journal_append(journal,
                      &(struct journal_record){ .type = type,
                                                .row = row,
                                                .attempt = attempt,
                                                .payload = payload->data,
                                                .len = payload->len },
                      &err),
       &err);
    buf_free(payload);
}

static void put_attempt(struct journal *journal, uint64_t cell,
                        uint16_t attempt)
{
    struct record_attempt record = { .board = "b0", .worker = "w" };
    struct buf payload = { 0 };

    records_attempt_encode(&record, &payload);
    put(journal, JOURNAL_ATTEMPT, cell, attempt, &payload);
}

static void put_mode(struct journal *journal, enum journal_type type,
                     const char *board)
{
    struct record_mode record = { .mode = "fast", .before = "slow" };
    struct buf payload = { 0 };

    snprintf(record.board, sizeof(record.board), "%s", board);
    records_mode_encode(&record, &payload);
    put(journal, type, JOURNAL_NO_ROW, 0, &payload);
}

static void put_board(struct journal *journal, const char *facts)
{
    struct record_board record = { .board = "b0",
                                   .facts_json = facts,
                                   .facts_len = strlen(facts) };
    struct buf payload = { 0 };

    records_board_encode(&record, &payload);
    put(journal, JOURNAL_BOARD, JOURNAL_NO_ROW, 0, &payload);
}

static void put_withdrawal(struct journal *journal, uint64_t cell)
{
    struct buf payload = { 0 };

    records_invalidation_encode("it rained", 1, &cell, 1, &payload);
    put(journal, JOURNAL_INVALIDATION, JOURNAL_NO_ROW, 0, &payload);
}

static int status_of(const struct campaign *campaign, size_t cell)
{
    return campaign_cell(campaign, cell)->status;
}

/* A campaign that is looked at as it goes. */
struct live {
    struct journal *journal;
    struct campaign *campaign;
    char dir[MADE_PATH];
};

static void live_begin(struct live *live)
{
    struct err err = { 0 };

    made_dir(live->dir);
    live->journal = made_begin(live->dir, BATCHES);
    ok(campaign_replay(live->dir, false, &live->campaign, &err), &err);
}

static void live_look(struct live *live)
{
    struct err err = { 0 };

    ok(journal_flush(live->journal, &err), &err);
    ok(campaign_refresh(live->campaign, NULL, &err), &err);
}

static void live_end(struct live *live)
{
    struct err err = { 0 };

    assert_false(campaign_ended(live->campaign));
    ok(journal_close(live->journal, true, &err), &err);
    ok(campaign_refresh(live->campaign, NULL, &err), &err);
    assert_true(campaign_ended(live->campaign));
    campaign_destroy(live->campaign);
    made_dir_remove(live->dir);
}

static void attempts_follow_one_another(void **state)
{
    struct live live;
    const struct campaign_cell *cell;

    (void)state;
    live_begin(&live);
    assert_int_equal(campaign_cells(live.campaign), 2 * BATCHES);
    assert_int_equal(campaign_count(live.campaign, STATUS_NA), 1);
    cell = campaign_cell(live.campaign, 0);
    assert_int_equal(cell->status, STATUS_PLANNED);
    put_attempt(live.journal, 0, 1);
    live_look(&live);
    assert_int_equal(cell->status, STATUS_RUNNING);
    made_append(live.journal, &shape, 0, 1, STATUS_FAILED);
    live_look(&live);
    assert_int_equal(cell->status, STATUS_FAILED);
    assert_int_equal(cell->accepted, 0);
    put_attempt(live.journal, 0, 2);
    made_append(live.journal, &shape, 0, 2, STATUS_OK);
    live_look(&live);
    assert_int_equal(cell->status, STATUS_OK);
    assert_true(cell->accepted > 0);
    assert_int_equal(cell->attempts, 2);
    /* sent again, and a redo that fails: the accepted one stands */
    made_append(live.journal, &shape, 0, 2, STATUS_OK);
    made_append(live.journal, &shape, 0, 3, STATUS_TIMEOUT);
    live_look(&live);
    assert_int_equal(cell->status, STATUS_OK);
    assert_int_equal(campaign_results(live.campaign), 3);
    live_end(&live);
}

static void cells_are_withdrawn_and_retired(void **state)
{
    struct live live;

    (void)state;
    live_begin(&live);
    made_append(live.journal, &shape, 0, 1, STATUS_OK);
    put_withdrawal(live.journal, 0);
    live_look(&live);
    assert_int_equal(status_of(live.campaign, 0), STATUS_INVALIDATED);
    assert_string_equal(
        campaign_text(live.campaign,
                      campaign_cell(live.campaign, 0)->withdrawn),
        "it rained");
    made_append(live.journal, &shape, 0, 2, STATUS_OK);
    live_look(&live);
    assert_int_equal(status_of(live.campaign, 0), STATUS_OK);
    made_amend(live.journal, BATCHES, 5);
    live_look(&live);
    assert_int_equal(status_of(live.campaign, 5), STATUS_RETIRED);
    assert_int_equal(status_of(live.campaign, 0), STATUS_OK);
    assert_int_equal(campaign_count(live.campaign, STATUS_NA), 1);
    assert_non_null(campaign_amendment_at(live.campaign, 0));
    assert_null(campaign_amendment_at(live.campaign, 1));
    live_end(&live);
}

static void boards_and_their_modes_are_known(void **state)
{
    struct campaign_intent intent;
    struct campaign_board board;
    struct live live;

    (void)state;
    live_begin(&live);
    put_mode(live.journal, JOURNAL_MODE_INTENT, "b0");
    put_mode(live.journal, JOURNAL_MODE_INTENT, "b1");
    put_mode(live.journal, JOURNAL_MODE_RESTORED, "b0");
    put_board(live.journal, "{\"cores\":1}");
    put_board(live.journal, "{\"cores\":2}");
    live_look(&live);
    assert_true(campaign_intent_at(live.campaign, 0, &intent));
    assert_string_equal(intent.board, "b1");
    assert_string_equal(intent.before, "slow");
    assert_false(campaign_intent_at(live.campaign, 1, &intent));
    assert_true(campaign_board_at(live.campaign, 0, &board));
    assert_string_equal(board.facts_json, "{\"cores\":2}");
    assert_false(campaign_board_at(live.campaign, 1, &board));
    live_end(&live);
}

/* Headers alone, whole, and as the writer's own replay: all the same. */
static void every_way_to_read_says_the_same(void **state)
{
    struct campaign *all[3];
    struct journal *j;
    struct err err = { 0 };
    uint64_t random = 5;
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    j = made_begin(dir, BATCHES);
    for (int i = 0; i < 100; i++) {
        uint64_t r = made_random(&random);
        uint64_t cell = r % 19;

        if (r % 11 == 0)
            put_withdrawal(j, cell);
        else if (r % 3)
            made_append(j, &shape, cell, (uint16_t)(1 + i / 10),
                        r % 4 ? STATUS_OK : STATUS_FAILED);
        else
            put_attempt(j, cell, (uint16_t)(1 + i / 10));
    }
    ok(journal_close(j, true, &err), &err);
    ok(campaign_replay(dir, false, &all[0], &err), &err);
    ok(campaign_replay(dir, true, &all[1], &err), &err);
    ok(campaign_continue(dir, &j, &all[2], &err), &err);
    for (size_t k = 1; k < 3; k++) {
        assert_string_equal(campaign_uuid(all[0]), campaign_uuid(all[k]));
        assert_int_equal(campaign_records(all[0]), campaign_records(all[k]));
        assert_int_equal(campaign_results(all[0]), campaign_results(all[k]));
        for (size_t i = 0; i < 2 * BATCHES; i++) {
            const struct campaign_cell *a = campaign_cell(all[0], i);
            const struct campaign_cell *b = campaign_cell(all[k], i);

            assert_int_equal(a->status, b->status);
            assert_int_equal(a->attempts, b->attempts);
            assert_true(a->accepted == b->accepted && a->last == b->last);
            if (k == 2)
                assert_string_equal(campaign_text(all[0], a->fingerprint),
                                    campaign_text(all[2], b->fingerprint));
        }
    }
    for (size_t k = 0; k < 3; k++)
        campaign_destroy(all[k]);
    journal_close(j, false, NULL);
    made_dir_remove(dir);
}

/* A journal of an older version: its column list is not ours.  Going on
 * with it writes our own list, and both kinds of result can be read. */
static void another_versions_columns_are_gone_on_with(void **state)
{
    static const char head[] =
        "{\"format\":[1,0],\"software\":\"0.0.1\",\"attempts\":["
        "{\"name\":\"fps_sys\",\"type\":\"f64\",\"unit\":\"1/s\"},"
        "{\"name\":\"gone\",\"type\":\"i64\",\"unit\":\"\"}],"
        "\"power_runs\":[]}";
    struct campaign *c;
    struct journal *j;
    struct dataset *d = NULL;
    struct buf payload = { 0 };
    struct err err = { 0 };
    uint64_t records;
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    j = made_begin(dir, BATCHES);
    buf_put(&payload, head, sizeof(head) - 1);
    put(j, JOURNAL_HEAD, JOURNAL_NO_ROW, 0, &payload);
    buf_put_u8(&payload, RESULT_VERSION);
    buf_put_u8(&payload, 3); /* both columns are there */
    buf_put_f64(&payload, 12.5);
    buf_put_i64(&payload, 7);
    buf_put_u32(&payload, 0);
    buf_put_u32(&payload, 0);
    buf_put_u32(&payload, 0);
    ok(journal_append(j,
                      &(struct journal_record){ .type = JOURNAL_RESULT,
                                                .status = STATUS_OK,
                                                .attempt = 1,
                                                .row = 2,
                                                .payload = payload.data,
                                                .len = payload.len },
                      &err),
       &err);
    records = journal_records(j);
    ok(journal_close(j, true, &err), &err);
    ok(campaign_continue(dir, &j, &c, &err), &err);
    assert_int_equal(journal_records(j), records + 2); /* END, our HEAD */
    made_append(j, &shape, 3, 1, STATUS_OK);
    ok(journal_close(j, true, &err), &err);
    campaign_destroy(c);
    ok(archive_publish(dir, &err), &err);
    ok(archive_verify(dir, &err), &err);
    ok(archive_read(dir, 0, &d, &err), &err);
    assert_true(table_f64(table_find(d->cells, "fps_sys"), 2) == 12.5);
    assert_string_equal(table_text(table_find(d->cells, "status"), 3), "ok");
    dataset_destroy(d);
    buf_free(&payload);
    made_dir_remove(dir);
}

static void a_folder_without_a_plan_is_refused(void **state)
{
    struct campaign *c;
    struct journal *j;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    assert_int_equal(campaign_replay(dir, true, &c, &err), ERR_NOT_FOUND);
    ok(journal_create(dir, &j, &err), &err);
    assert_int_equal(campaign_replay(dir, true, &c, &err), ERR_FORMAT);
    assert_non_null(strstr(err.text, "no plan yet"));
    journal_close(j, false, NULL);
    assert_int_equal(campaign_continue(dir, &j, &c, &err), ERR_FORMAT);
    made_dir_remove(dir);
}

/* A journal of every version ever released replays, for ever. */
static void the_journal_of_version_1_replays(void **state)
{
    struct campaign *c;
    struct err err = { 0 };

    (void)state;
    ok(campaign_replay(FIXTURE, false, &c, &err), &err);
    assert_int_equal(campaign_cells(c), 8);
    assert_int_equal(campaign_count(c, STATUS_OK), 4);
    assert_int_equal(campaign_count(c, STATUS_FAILED), 1);
    assert_int_equal(campaign_count(c, STATUS_NA), 1);
    assert_int_equal(campaign_results(c), 6);
    assert_true(campaign_ended(c));
    campaign_destroy(c);
}

/* Killed after the journal's header, or in the midst of its plan: nothing was
 * acknowledged, and the campaign can be begun. */
static void a_campaign_cut_short_can_be_begun(void **state)
{
    struct buf whole = { 0 };
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    assert_false(campaign_began(dir));
    ok(journal_close(made_begin(dir, 4), true, &err), &err);
    assert_true(campaign_began(dir));
    made_read(dir, JOURNAL_NAME, &whole);
    for (size_t len = 40; len < whole.len - 200; len += 97) {
        made_write(dir, JOURNAL_NAME, whole.data, len);
        assert_false(campaign_began(dir));
        ok(journal_close(made_begin(dir, 4), true, &err), &err);
        assert_true(campaign_began(dir));
    }
    whole.data[60] ^= 1; /* damage is no campaign cut short */
    made_write(dir, JOURNAL_NAME, whole.data, whole.len);
    assert_true(campaign_began(dir));
    buf_free(&whole);
    made_dir_remove(dir);
}

/* Every type of record that version 1 has. */
static int grown_make(const char *dir)
{
    struct journal *j = made_begin(dir, 4);
    struct record_note note = { .when_unix_ns = 1, .text = "a note" };
    struct buf payload = { 0 };

    put_board(j, "{\"serial\": \"S1\"}");
    put_mode(j, JOURNAL_MODE_INTENT, "b0");
    put_attempt(j, 0, 1);
    made_append(j, &shape, 0, 1, STATUS_OK);
    made_append(j, &shape, 1, 1, STATUS_OK);
    made_append(j, &shape, 5, 1, STATUS_OK);
    put_withdrawal(j, 0);
    made_amend(j, 4, 5);
    records_note_encode(&note, &payload);
    put(j, JOURNAL_NOTE, JOURNAL_NO_ROW, 0, &payload);
    put_mode(j, JOURNAL_MODE_RESTORED, "b0");
    return journal_close(j, true, NULL) ? 1 : 0;
}

/* ... and so does one that grew, with results withdrawn and cells retired. */
static void a_grown_journal_of_version_1_replays(void **state)
{
    struct campaign_board board;
    struct campaign_intent intent;
    struct campaign *c;
    struct err err = { 0 };

    (void)state;
    ok(campaign_replay(FIXTURE "-grown", false, &c, &err), &err);
    assert_int_equal(campaign_cells(c), 8);
    assert_int_equal(campaign_count(c, STATUS_OK), 1);
    assert_int_equal(campaign_count(c, STATUS_INVALIDATED), 1);
    assert_int_equal(campaign_count(c, STATUS_RETIRED), 1);
    assert_string_equal(campaign_note_at(c, 0)->text, "a note");
    assert_non_null(campaign_amendment_at(c, 0));
    assert_true(campaign_board_at(c, 0, &board));
    assert_false(campaign_intent_at(c, 0, &intent));
    assert_true(campaign_ended(c));
    campaign_destroy(c);
}

static void put_sentinel(struct journal *journal, uint64_t cell,
                         uint16_t attempt, int status)
{
    struct journal_record record = { .type = JOURNAL_SENTINEL,
                                     .status = (uint8_t)status,
                                     .attempt = attempt,
                                     .row = cell };
    struct result result;
    struct buf bytes = { 0 };

    made_result(&shape, cell, attempt, status, &result);
    column_text_set(&result.attempt.sentinel, "start");
    assert_int_equal(result_encode(&result, &bytes, NULL), 0);
    record.payload = bytes.data;
    record.len = bytes.len;
    assert_int_equal(journal_append(journal, &record, NULL), 0);
    buf_free(&bytes);
    result_free(&result);
}

static int sentinels_make(const char *dir)
{
    struct journal *j = made_begin(dir, 4);

    put_sentinel(j, 0, 1, STATUS_OK);
    made_append(j, &shape, 0, 2, STATUS_OK);
    put_sentinel(j, 0, 3, STATUS_FAILED);
    put_sentinel(j, 1, 1, STATUS_OK);
    return journal_close(j, true, NULL) ? 1 : 0;
}

/* A cell stays what it is, but for the number of its next attempt. */
static void sentinels_change_no_cell(void **state)
{
    struct campaign *c;
    struct err err = { 0 };

    (void)state;
    ok(campaign_replay(FIXTURE "-sentinels", false, &c, &err), &err);
    assert_int_equal(campaign_count(c, STATUS_OK), 1);
    assert_int_equal(campaign_cell(c, 0)->status, STATUS_OK);
    assert_int_equal(campaign_cell(c, 0)->attempts, 3);
    assert_int_equal(campaign_cell(c, 1)->status, STATUS_PLANNED);
    assert_int_equal(campaign_cell(c, 1)->attempts, 1);
    assert_int_equal(campaign_results(c), 4);
    assert_true(campaign_ended(c));
    campaign_destroy(c);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_follow_one_another),
        cmocka_unit_test(cells_are_withdrawn_and_retired),
        cmocka_unit_test(boards_and_their_modes_are_known),
        cmocka_unit_test(every_way_to_read_says_the_same),
        cmocka_unit_test(another_versions_columns_are_gone_on_with),
        cmocka_unit_test(a_folder_without_a_plan_is_refused),
        cmocka_unit_test(a_campaign_cut_short_can_be_begun),
        cmocka_unit_test(the_journal_of_version_1_replays),
        cmocka_unit_test(a_grown_journal_of_version_1_replays),
        cmocka_unit_test(sentinels_change_no_cell),
    };

    /* test_campaign DIR [grown|sentinels]: make this version's fixtures */
    if (argc == 3)
        return *argv[2] == 'g' ? grown_make(argv[1]) : sentinels_make(argv[1]);
    if (argc == 2) {
        struct journal *j = made_begin(argv[1], 4);

        made_append(j, &shape, 0, 1, STATUS_FAILED);
        for (uint64_t i = 0; i < 5; i++)
            made_append(j, &shape, i, 2, i == 3 ? STATUS_FAILED : STATUS_OK);
        return journal_close(j, true, NULL) ? 1 : 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
