/* options.c - the parser of command lines */
#include "orchestrator/cmd/options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"

#define NAMES_MAX 64

struct given {
    const char *name;  /* of the row */
    const char *value; /* NULL for a switch */
};

struct options {
    VEC(struct given) given;
    VEC(const char *) args;
};

const struct option_row options_common[] = {
    { "json", 'j', NULL, "print one JSON value" },
    { "help", 'h', NULL, "show this help" },
    { 0 },
};

static const struct option_row *
row_in(const struct option_row *rows, const char *name, size_t len, char letter)
{
    for (; rows && rows->name; rows++)
        if (name ? strlen(rows->name) == len && !memcmp(rows->name, name, len)
                 : rows->letter == letter)
            return rows;
    return NULL;
}

static const struct option_row *find_row(const struct option_row *rows,
                                         const char *name, size_t len,
                                         char letter)
{
    const struct option_row *row = row_in(rows, name, len, letter);

    return row ? row : row_in(options_common, name, len, letter);
}

static int unknown(const struct option_row *rows, const char *word,
                   struct err *err)
{
    const char *names[NAMES_MAX], *near;
    size_t count = 0, len = strcspn(word + 2, "=");
    char name[64] = "";

    for (; rows && rows->name && count < NAMES_MAX - 3; rows++)
        names[count++] = rows->name;
    names[count++] = "help";
    names[count++] = "json";
    names[count] = NULL;
    if (len < sizeof(name)) {
        memcpy(name, word + 2, len);
        name[len] = 0;
    }
    near = text_nearest(name, names);
    if (near)
        return err_set(err, ERR_USAGE,
                       "unknown option '%s', did you mean '--%s'?", word, near);
    return err_set(err, ERR_USAGE, "unknown option '%s'", word);
}

static int give(struct options *options, const struct option_row *row,
                const char *value, struct err *err)
{
    struct given given = { row->name, value };

    if (!VEC_PUSH(&options->given, given))
        return err_set(err, ERR_NOMEM, "no memory for options");
    return 0;
}

struct words {
    size_t argc, at;
    char **argv;
};

/* The value of a row that wants one: the rest of the word or the next. */
static int give_value(struct options *options, const struct option_row *row,
                      const char *rest, struct words *words, struct err *err)
{
    if (!row->arg)
        return give(options, row, NULL, err);
    if (!rest && words->at < words->argc)
        rest = words->argv[words->at++];
    if (!rest)
        return err_set(err, ERR_USAGE, "option '--%s' needs %s", row->name,
                       row->arg);
    return give(options, row, rest, err);
}

static int parse_long(const struct option_row *rows, struct options *options,
                      const char *word, struct words *words, struct err *err)
{
    size_t len = strcspn(word + 2, "=");
    const char *rest = word[2 + len] ? word + 2 + len + 1 : NULL;
    const struct option_row *row = find_row(rows, word + 2, len, 0);

    if (!row)
        return unknown(rows, word, err);
    if (rest && !row->arg)
        return err_set(err, ERR_USAGE, "option '--%s' takes no value",
                       row->name);
    return give_value(options, row, rest, words, err);
}

static int parse_letters(const struct option_row *rows, struct options *options,
                         const char *word, struct words *words, struct err *err)
{
    int rc = 0;

    for (const char *letter = word + 1; !rc && *letter; letter++) {
        const struct option_row *row = find_row(rows, NULL, 0, *letter);

        if (!row)
            return err_set(err, ERR_USAGE, "unknown option '-%c'", *letter);
        if (row->arg)
            return give_value(options, row, letter[1] ? letter + 1 : NULL,
                              words, err);
        rc = give(options, row, NULL, err);
    }
    return rc;
}

static int parse_word(const struct option_row *rows, struct options *options,
                      struct words *words, struct err *err)
{
    const char *word = words->argv[words->at++];

    if (word[0] == '-' && word[1] == '-' && word[2])
        return parse_long(rows, options, word, words, err);
    if (word[0] == '-' && word[1] && word[1] != '-')
        return parse_letters(rows, options, word, words, err);
    if (strcmp(word, "--") != 0) {
        if (!VEC_PUSH(&options->args, word))
            return err_set(err, ERR_NOMEM, "no memory for options");
        return 0;
    }
    while (words->at < words->argc)
        if (!VEC_PUSH(&options->args, words->argv[words->at++]))
            return err_set(err, ERR_NOMEM, "no memory for options");
    return 0;
}

int options_parse(const struct option_row *rows, size_t argc, char **argv,
                  struct options **ret_options, struct err *err)
{
    struct options *options = calloc(1, sizeof(*options));
    struct words words = { .argc = argc, .argv = argv };
    int rc = 0;

    if (!options)
        return err_set(err, ERR_NOMEM, "no memory for options");
    while (!rc && words.at < words.argc)
        rc = parse_word(rows, options, &words, err);
    if (rc)
        options_destroy(options);
    else
        *ret_options = options;
    return rc;
}

void options_destroy(struct options *options)
{
    if (!options)
        return;
    VEC_FREE(&options->given);
    VEC_FREE(&options->args);
    free(options);
}

bool options_has(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->given.len; i++)
        if (!strcmp(options->given.at[i].name, name))
            return true;
    return false;
}

const char *options_text(const struct options *options, const char *name,
                         const char *otherwise)
{
    const char *value = otherwise;

    for (size_t i = 0; i < options->given.len; i++)
        if (!strcmp(options->given.at[i].name, name))
            value = options->given.at[i].value;
    return value;
}

const char *options_each(const struct options *options, const char *name,
                         size_t i)
{
    for (size_t k = 0; k < options->given.len; k++)
        if (!strcmp(options->given.at[k].name, name) && i-- == 0)
            return options->given.at[k].value;
    return NULL;
}

int options_i64(const struct options *options, const char *name, int64_t low,
                int64_t high, int64_t otherwise, int64_t *ret_value,
                struct err *err)
{
    const char *text = options_text(options, name, NULL);
    int64_t value = otherwise;

    if (text && (!text_to_i64(text, &value) || value < low || value > high))
        return err_set(err, ERR_USAGE,
                       "option '--%s': found '%s', expected a whole number "
                       "from %" PRId64 " to %" PRId64,
                       name, text, low, high);
    *ret_value = value;
    return 0;
}

size_t options_count(const struct options *options)
{
    return options->args.len;
}

const char *options_arg(const struct options *options, size_t i)
{
    return i < options->args.len ? options->args.at[i] : NULL;
}
