/* cmd_archive.c - what to do with a campaign's archive as a file */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/vec.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/archive/h5_writer.h"
#include "orchestrator/archive/merge.h"
#include "orchestrator/cmd/command.h"

#define CHECK_LIMIT_S 60

static int say(const struct invocation *inv, const char *dir, const char *what,
               struct err *err)
{
    struct json_value *value;

    if (options_has(inv->options, "quiet"))
        return 0;
    if (!options_has(inv->options, "json")) {
        printf("%s: %s\n", dir, what);
        return 0;
    }
    value = json_new_object();
    json_set_string(value, "campaign", dir);
    json_set_string(value, "result", what);
    return command_print_json(inv, value, err);
}

static int publish(const struct invocation *inv, const char *dir,
                   struct err *err)
{
    int rc = archive_publish(dir, err);

    return rc ? rc : say(inv, dir, "published", err);
}

static int verify(const struct invocation *inv, const char *dir,
                  struct err *err)
{
    int rc = archive_verify(dir, err);

    return rc ? rc : say(inv, dir, "the archive equals the journal", err);
}

/* Counts by status, as one line or an object. */
static struct json_value *counts_json(const struct campaign *campaign)
{
    const char *const *words = columns_flag_words("status");
    struct json_value *counts = json_new_object();

    for (int i = 0; words[i]; i++) {
        size_t n = campaign_count(campaign, (enum cell_status)i);

        if (n)
            json_set_i64(counts, words[i], (int64_t)n);
    }
    return counts;
}

static void counts_print(const struct campaign *campaign)
{
    const char *const *words = columns_flag_words("status");

    for (int i = 0; words[i]; i++) {
        size_t n = campaign_count(campaign, (enum cell_status)i);

        if (n)
            printf(", %zu %s", n, words[i]);
    }
}

static int info(const struct invocation *inv, const char *dir, struct err *err)
{
    struct campaign *campaign;
    struct json_value *value;
    char created[32];
    int rc = campaign_replay(dir, true, &campaign, err);

    if (rc)
        return rc;
    clock_format_utc(campaign_created_unix_ns(campaign), created);
    if (options_has(inv->options, "json")) {
        value = json_new_object();
        json_set_string(value, "campaign", campaign_uuid(campaign));
        json_set_string(value, "created", created);
        json_set_i64(value, "cells", (int64_t)campaign_cells(campaign));
        json_set(value, "status", counts_json(campaign));
        json_set_i64(value, "results", (int64_t)campaign_results(campaign));
        json_set_i64(value, "records", (int64_t)campaign_records(campaign));
        json_set_i64(value, "bytes", (int64_t)campaign_bytes(campaign));
        json_set_bool(value, "ended", campaign_ended(campaign));
        rc = command_print_json(inv, value, err);
    } else {
        printf("campaign %s, created %s\n%zu cells", campaign_uuid(campaign),
               created, campaign_cells(campaign));
        counts_print(campaign);
        printf("\njournal: %llu records, %llu results, %llu bytes, %s\n",
               (unsigned long long)campaign_records(campaign),
               (unsigned long long)campaign_results(campaign),
               (unsigned long long)campaign_bytes(campaign),
               campaign_ended(campaign) ? "ended cleanly" : "open or crashed");
    }
    campaign_destroy(campaign);
    return rc;
}

static int check(const struct invocation *inv, const char *path,
                 struct err *err)
{
    int rc = archive_check(path, CHECK_LIMIT_S, err);

    return rc ? rc : say(inv, path, "reads whole", err);
}

/* What a damaged journal still holds, as a campaign of its own. */
static int salvage(const struct invocation *inv, const char *dir,
                   struct err *err)
{
    const char *to = options_text(inv->options, "output", NULL);
    uint64_t saved = 0, lost = 0;
    char what[128];
    int rc;

    if (!to)
        return err_set(err, ERR_USAGE, "name the new campaign folder with -o");
    rc = fs_make_dirs(to, err);
    if (!rc)
        rc = journal_salvage(dir, to, &saved, &lost, err);
    if (!rc)
        rc = archive_publish(to, err);
    if (rc)
        return rc;
    snprintf(what, sizeof(what), "%llu records saved, %llu lost",
             (unsigned long long)saved, (unsigned long long)lost);
    return say(inv, to, what, err);
}

/* Several campaigns as one; conflicts of names a line each. */
static int merge(const struct invocation *inv, const char *dir, struct err *err)
{
    size_t len = options_count(inv->options) - 1;
    const char *to = options_text(inv->options, "output", NULL);
    const char **dirs = calloc(len + 1, sizeof(*dirs));
    struct buf conflicts = { 0 };
    int rc = 0;

    (void)dir;
    if (!dirs)
        rc = err_set(err, ERR_NOMEM, "no memory to merge");
    else if (!to || len < 2)
        rc = err_set(err, ERR_USAGE,
                     "name two campaigns or more, and the new one with -o");
    for (size_t i = 0; !rc && i < len; i++)
        dirs[i] = options_arg(inv->options, i + 1);
    if (!rc)
        rc = campaigns_merge(dirs, len, to,
                             options_has(inv->options, "keep-conflicts"),
                             &conflicts, err);
    fputs(buf_text(&conflicts), stderr);
    buf_free(&conflicts);
    free(dirs);
    if (!rc)
        rc = archive_publish(to, err);
    return rc ? rc : say(inv, to, "merged", err);
}

static const struct verb {
    const char *name;
    int (*exec)(const struct invocation *inv, const char *dir, struct err *err);
} verbs[] = {
    { "publish", publish }, { "rebuild", publish }, { "verify", verify },
    { "info", info },       { "check", check },     { "salvage", salvage },
    { "merge", merge },
};

static int archive_exec(const struct invocation *inv, struct err *err)
{
    const char *word = options_arg(inv->options, 0);

    if (options_count(inv->options) > 2 && strcmp(word, "merge") != 0)
        return err_set(err, ERR_USAGE, "archive %s: one campaign at a time",
                       word);
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (!strcmp(verbs[i].name, word))
            return verbs[i].exec(inv, options_arg(inv->options, 1), err);
    return err_set(err, ERR_USAGE,
                   "found '%s', expected 'rebuild', 'verify', 'info', 'check', "
                   "'salvage' or 'merge'",
                   word);
}

static const struct option_row options[] = {
    { "quiet", 'q', NULL, "print nothing if all is well" },
    { "output", 'o', "DIR", "salvage, merge: the new campaign folder" },
    { "keep-conflicts", 0, NULL,
      "merge: though equal names mean different things" },
    { 0 },
};

const struct command cmd_archive = {
    .name = "archive",
    .args = "rebuild|verify|info|check|salvage|merge CAMPAIGN...",
    .help = "make archive.h5 from the journal again, or compare the two",
    .doc = "The journal is the truth; archive.h5 is made from it, under "
           "another name first,\nso that a reader sees the old or the new "
           "one, whole.  A sweep publishes by\nitself, in a process of its "
           "own (`archive publish`).\n`check` reads an archive of others in a "
           "child with a time limit; `salvage` saves\nwhat a damaged journal "
           "still holds.",
    .args_min = 2,
    .args_max = SIZE_MAX,
    .options = options,
    .exec = archive_exec,
};
