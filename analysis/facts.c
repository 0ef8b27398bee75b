/* facts.c - the list of rooflines, and those that boards measured */
#include "analysis/facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/vec.h"

void facts_free(struct facts *facts)
{
    if (!facts)
        return;
    free(facts->platforms);
    free(facts->levels);
    free(facts->peaks);
    facts_kept_free(facts->kept);
    memset(facts, 0, sizeof(*facts));
}

int facts_add_platform(struct facts *facts, const struct platform_facts *row,
                       struct err *err)
{
    if (!vec_grow((void **)&facts->platforms, &facts->platforms_cap,
                  facts->platforms_len + 1, sizeof(*row)))
        return err_set(err, ERR_NOMEM, "no memory for facts of '%s'",
                       row->platform);
    facts->platforms[facts->platforms_len++] = *row;
    return 0;
}

static int level_add(struct facts *facts, const struct json *at,
                     const char *board, const char *platform, struct err *err)
{
    struct machine_level level = { .copy_byte_s = (double)NAN };
    struct json bytes = json_get(at, "bytes");
    struct json read = json_get(at, "read_byte_s");
    struct json copy = json_get(at, "copy_byte_s");
    struct json named = json_get(at, "level");
    const char *name = "";
    int rc = json_f64(&bytes, &level.bytes, err);

    if (!rc)
        rc = json_opt_string(&named, &name, err);

    if (!rc)
        rc = json_f64(&read, &level.read_byte_s, err);
    if (!rc)
        rc = json_opt_f64(&copy, &level.copy_byte_s, err);
    if (rc)
        return rc;
    snprintf(level.name, sizeof(level.name), "%s", name);
    snprintf(level.board, sizeof(level.board), "%s", board);
    snprintf(level.platform, sizeof(level.platform), "%s", platform);
    if (!vec_grow((void **)&facts->levels, &facts->levels_cap,
                  facts->levels_len + 1, sizeof(level)))
        return err_set(err, ERR_NOMEM, "no memory for levels of '%s'", board);
    facts->levels[facts->levels_len++] = level;
    return 0;
}

static int peak_add(struct facts *facts, const struct json *at,
                    const char *board, const char *platform, struct err *err)
{
    struct machine_peak peak = { 0 };
    struct json precision = json_get(at, "precision");
    struct json op_s = json_get(at, "op_s");
    const char *word;
    int rc = json_string(&precision, &word, err);

    if (!rc)
        rc = json_f64(&op_s, &peak.op_s, err);
    if (rc)
        return rc;
    snprintf(peak.board, sizeof(peak.board), "%s", board);
    snprintf(peak.platform, sizeof(peak.platform), "%s", platform);
    snprintf(peak.precision, sizeof(peak.precision), "%s", word);
    if (!vec_grow((void **)&facts->peaks, &facts->peaks_cap,
                  facts->peaks_len + 1, sizeof(peak)))
        return err_set(err, ERR_NOMEM, "no memory for peaks of '%s'", board);
    facts->peaks[facts->peaks_len++] = peak;
    return 0;
}

static int board_add(struct facts *facts, const struct json *board,
                     struct err *err)
{
    struct json roofline = json_get(board, "roofline");
    struct json named = json_get(board, "platform");
    struct json levels = json_get(&roofline, "levels");
    struct json peaks = json_get(&roofline, "peaks");
    const char *platform = "";
    size_t i = 0;
    int rc = json_opt_string(&named, &platform, err);

    for (struct json e = json_first(&levels); !rc && json_there(&e);
         e = json_next(&levels, &e, ++i))
        rc = level_add(facts, &e, json_key(board), platform, err);
    i = 0;
    for (struct json e = json_first(&peaks); !rc && json_there(&e);
         e = json_next(&peaks, &e, ++i))
        rc = peak_add(facts, &e, json_key(board), platform, err);
    return rc;
}

int facts_add_boards(struct facts *facts, const char *boards_json,
                     struct err *err)
{
    struct json_doc *doc;
    struct json root, boards;
    size_t i = 0;
    int rc;

    if (!boards_json || !*boards_json)
        return 0;
    rc = json_doc_parse(boards_json, strlen(boards_json), "boards of archive",
                        &doc, err);
    if (rc)
        return rc;
    root = json_root(doc);
    boards = json_get(&root, "boards");
    if (!json_there(&boards))
        boards = root;
    for (struct json e = json_first(&boards); !rc && json_there(&e);
         e = json_next(&boards, &e, ++i))
        rc = board_add(facts, &e, err);
    json_doc_destroy(doc);
    return rc;
}

static bool same_mode(const char *a, const char *b)
{
    return !strcmp(*a ? a : "default", *b ? b : "default");
}

const struct platform_facts *facts_find(const struct facts *facts,
                                        const char *platform,
                                        const char *op_mode,
                                        const char *precision)
{
    for (size_t i = 0; facts && i < facts->platforms_len; i++) {
        const struct platform_facts *row = &facts->platforms[i];

        if (!strcmp(row->platform, platform) &&
            !strcmp(row->precision, precision) &&
            same_mode(row->op_mode, op_mode))
            return row;
    }
    return NULL;
}

double facts_machine_peak(const struct facts *facts, const char *platform,
                          const char *precision)
{
    for (size_t i = 0; facts && i < facts->peaks_len; i++)
        if (!strcmp(facts->peaks[i].platform, platform) &&
            !strcmp(facts->peaks[i].precision, precision))
            return facts->peaks[i].op_s;
    return (double)NAN;
}

double facts_machine_memory(const struct facts *facts, const char *platform)
{
    const struct machine_level *largest = NULL;

    for (size_t i = 0; facts && i < facts->levels_len; i++)
        if (!strcmp(facts->levels[i].platform, platform) &&
            (!largest || facts->levels[i].bytes > largest->bytes))
            largest = &facts->levels[i];
    return largest ? largest->read_byte_s : (double)NAN;
}

double facts_machine_read(const struct facts *facts, const char *platform,
                          double bytes)
{
    const struct machine_level *home = NULL;

    for (size_t i = 0; facts && i < facts->levels_len; i++) {
        const struct machine_level *level = &facts->levels[i];

        if (!strcmp(level->platform, platform) && level->bytes >= bytes &&
            (!home || level->bytes < home->bytes))
            home = level;
    }
    return home ? home->read_byte_s : facts_machine_memory(facts, platform);
}

void facts_roof(const struct facts *facts, const char *platform,
                const char *op_mode, const char *precision,
                double *ret_peak_op_s, double *ret_bw_byte_s)
{
    const struct platform_facts *row =
        facts_find(facts, platform, op_mode, precision);

    *ret_peak_op_s = row ? row->peak_op_s : (double)NAN;
    *ret_bw_byte_s = row ? row->bw_byte_s : (double)NAN;
    if (!isnan(*ret_peak_op_s) && !isnan(*ret_bw_byte_s))
        return;
    *ret_peak_op_s = facts_machine_peak(facts, platform, precision);
    *ret_bw_byte_s = facts_machine_memory(facts, platform);
}
