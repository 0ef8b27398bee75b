/* cmd_note.c - sentences that belong to a campaign */
#include <stdio.h>

#include "core/clock.h"
#include "orchestrator/archive/campaign_change.h"
#include "orchestrator/archive/h5_writer.h"
#include "orchestrator/cmd/command.h"

static int note_add(const char *dir, const char *text, struct err *err)
{
    struct campaign *campaign = NULL;
    struct journal *journal = NULL;
    int rc = campaign_continue(dir, &journal, &campaign, err);

    if (!rc)
        rc = campaign_note(campaign, journal, text, err);
    if (rc)
        journal_close(journal, false, NULL);
    else
        rc = journal_close(journal, true, err);
    campaign_destroy(campaign);
    return rc ? rc : archive_publish(dir, err);
}

static int notes_print(const struct invocation *inv, const char *dir,
                       struct err *err)
{
    struct json_value *list = json_new_array(), *item;
    bool json = options_has(inv->options, "json");
    const struct record_note *note;
    struct campaign *campaign;
    char utc[32];
    int rc = campaign_replay(dir, true, &campaign, err);

    for (size_t i = 0; !rc && (note = campaign_note_at(campaign, i)); i++) {
        clock_format_utc(note->when_unix_ns, utc);
        if (!json) {
            printf("%s  %s\n", utc, note->text);
            continue;
        }
        item = json_new_object();
        json_set_string(item, "utc", utc);
        json_set_string(item, "note", note->text);
        json_push(list, item);
    }
    if (!rc)
        campaign_destroy(campaign);
    if (!rc && json)
        return command_print_json(inv, list, err);
    json_value_destroy(list);
    return rc;
}

static int note_exec(const struct invocation *inv, struct err *err)
{
    const char *dir = options_arg(inv->options, 0);
    const char *text = options_arg(inv->options, 1);
    int rc = text ? note_add(dir, text, err) : 0;

    return rc ? rc : notes_print(inv, dir, err);
}

static const struct option_row options[] = {
    { 0 },
};

const struct command cmd_note = {
    .name = "note",
    .args = "CAMPAIGN [TEXT]",
    .help = "keep a sentence with a campaign, or list those kept",
    .doc = "Notes go into the journal and into /provenance/notes_json of the "
           "archive.",
    .args_min = 1,
    .args_max = 2,
    .options = options,
    .exec = note_exec,
};
