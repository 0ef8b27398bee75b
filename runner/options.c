/* options.c - parses a command's words by its option table */
#include "runner/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option *find(const struct option *table, const char *word,
                                 size_t len)
{
    for (; table->name; table++)
        if (strlen(table->name) == len && !strncmp(table->name, word, len))
            return table;
    return NULL;
}

static int set_number(const struct option *row, const char *text, void *field,
                      struct fail *fail)
{
    char *end;
    double value;

    errno = 0;
    value = strtod(text, &end);
    if (end == text || *end || errno || !isfinite(value) || value < row->low ||
        value > row->high ||
        (row->kind == OPTION_COUNT && value != floor(value)))
        return fail_set(fail, FAIL_USAGE,
                        "--%s is '%.40s', expected a %s from %g to %g",
                        row->name, text,
                        row->kind == OPTION_COUNT ? "whole number" : "number",
                        row->low, row->high);
    if (row->kind == OPTION_COUNT)
        *(uint64_t *)field = (uint64_t)value;
    else
        *(double *)field = value;
    return 0;
}

static int set_field(const struct option *row, const char *text, void *into,
                     struct fail *fail)
{
    void *field = (char *)into + row->offset;
    struct option_list *list = field;

    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)field = text;
        return 0;
    case OPTION_COUNT:
    case OPTION_SPAN:
        return set_number(row, text, field, fail);
    case OPTION_LIST:
        if (list->len == OPTION_LIST_MAX)
            return fail_set(fail, FAIL_USAGE, "more than %d --%s",
                            OPTION_LIST_MAX, row->name);
        list->at[list->len++] = text;
        return 0;
    }
    return 0;
}

/* One option at argv[*at], and the value it takes; moves *at behind them. */
static int parse_one(const struct option *table, int argc, char **argv, int *at,
                     void *into, struct fail *fail)
{
    const char *word = argv[*at] + 2, *text = strchr(word, '=');
    size_t len = text ? (size_t)(text - word) : strlen(word);
    const struct option *row = find(table, word, len);

    if (!row)
        return fail_set(fail, FAIL_USAGE,
                        "option --%.*s is unknown, see --help",
                        (int)(len > 40 ? 40 : len), word);
    if (row->kind == OPTION_FLAG && text)
        return fail_set(fail, FAIL_USAGE, "--%s takes no value", row->name);
    if (text)
        text++;
    else if (row->kind != OPTION_FLAG) {
        if (*at + 1 >= argc)
            return fail_set(fail, FAIL_USAGE, "--%s needs a value", row->name);
        text = argv[++*at];
    }
    ++*at;
    return set_field(row, text, into, fail);
}

int options_take(const struct option *table, int argc, char **argv, void *into,
                 struct option_list *words, struct fail *fail)
{
    int at = 0;

    while (at < argc) {
        if (!strncmp(argv[at], "--", 2)) {
            if (parse_one(table, argc, argv, &at, into, fail))
                return -1;
            continue;
        }
        if (!words)
            return fail_set(fail, FAIL_USAGE,
                            "'%.40s' is not expected, see --help", argv[at]);
        if (words->len == OPTION_LIST_MAX)
            return fail_set(fail, FAIL_USAGE, "more than %d words",
                            OPTION_LIST_MAX);
        words->at[words->len++] = argv[at++];
    }
    return 0;
}

void options_print(const struct option *table)
{
    for (; table->name; table++) {
        char left[48];

        snprintf(left, sizeof left, "--%s%s%s", table->name,
                 table->value ? " " : "", table->value ? table->value : "");
        printf("  %-24s %s\n", left, table->help);
    }
}
