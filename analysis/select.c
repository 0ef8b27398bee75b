/* select.c - conditions parsed and rows picked by them */
#include "analysis/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/pages.h"
#include "core/text.h"
#include "core/vec.h"

enum operator{
    IS,
    IS_NOT,
    LESS,
    AT_MOST,
    MORE,
    AT_LEAST,
};

static const struct {
    const char *sign;
    enum operator op;
} operators[] = {
    { "!=", IS_NOT }, { "<=", AT_MOST }, { ">=", AT_LEAST },
    { "=", IS },      { "<", LESS },     { ">", MORE },
};

#define VALUE_LEN  256
#define VALUES_MAX (VALUE_LEN / 2) /* as many as fit, with '|' between */

struct condition {
    const struct table_column *column;
    enum operator op;
    char value[VALUE_LEN];
    bool *words;  /* of each label code + 1, whether '=' holds; 0: missing */
    bool missing; /* among the values of '=' is "", for a column of numbers */
    double numbers[VALUES_MAX]; /* the values of '=', or that of an order */
    size_t n_numbers;
};

void select_free(struct rows *rows)
{
    if (rows)
        VEC_FREE(rows);
}

static const char *nearest_column(const struct table *table, const char *name)
{
    const char **names = calloc(table->count + 1, sizeof(*names));
    const char *near;

    if (!names)
        return NULL;
    for (size_t i = 0; i < table->count; i++)
        names[i] = table->columns[i].name;
    near = text_nearest(name, names);
    free(names);
    return near;
}

static int find_column(const struct table *table, const char *name,
                       const struct table_column **ret_column, struct err *err)
{
    const char *near;

    *ret_column = table_find(table, name);
    if (*ret_column)
        return 0;
    near = nearest_column(table, name);
    return err_set(err, ERR_USAGE, "there is no column '%s'%s%s%s", name,
                   near ? ", did you mean '" : "", near ? near : "",
                   near ? "'?" : "");
}

/* Mark the labels that are 'value'; "" is also the missing one. */
static void word_mark(struct condition *condition, const char *value)
{
    const struct table_column *column = condition->column;

    condition->words[0] |= !*value;
    for (size_t i = 0; i < column->n_labels; i++)
        condition->words[i + 1] |= !strcmp(column->labels[i], value);
}

/* The length of 'text' up to a 'stop' that has no backslash before it. */
static size_t span_to(const char *text, char stop)
{
    size_t len = 0;

    while (text[len] && text[len] != stop)
        len += text[len] == '\\' && text[len + 1] ? 2 : 1;
    return len;
}

/* Take backslashes away, but those that follow one, in place. */
static void unescape(char *text)
{
    char *to = text;

    for (; *text; text++) {
        text += *text == '\\' && text[1];
        *to++ = *text;
    }
    *to = '\0';
}

/* What '=' compares with, worked out once: labels, or numbers. */
static int values_parse(struct condition *condition, struct err *err)
{
    const struct table_column *column = condition->column;
    bool words = column->type == COLUMN_TEXT || column->type == COLUMN_FLAG;
    char all[VALUE_LEN];

    if (words)
        condition->words = calloc(column->n_labels + 1, sizeof(bool));
    if (words && !condition->words)
        return err_set(err, ERR_NOMEM, "no memory for a condition");
    strcpy(all, condition->value);
    for (char *value = all, *next = all; next; value = next) {
        size_t len = span_to(value, '|');

        next = value[len] ? value + len + 1 : NULL;
        value[len] = '\0';
        unescape(value);
        if (words)
            word_mark(condition, value);
        else if (!*value)
            condition->missing = true;
        else if (text_to_f64(value, &condition->numbers[condition->n_numbers]))
            condition->n_numbers++;
        else
            return err_set(err, ERR_USAGE, "column '%s': '%s' is no number",
                           column->name, value);
    }
    return 0;
}

/* Cut spaces off both ends, in place. */
static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && end[-1] == ' ')
        *--end = '\0';
    return text + strspn(text, " ");
}

/* "name<=value" without what follows the comma. */
static int condition_parse(const struct table *table, const char *text,
                           size_t len, struct condition *condition,
                           struct err *err)
{
    char whole[320];
    char *sign = NULL;
    size_t which = 0;
    int rc;

    if (len >= sizeof(whole))
        return err_set(err, ERR_USAGE, "condition '%.40s...' is too long",
                       text);
    memcpy(whole, text, len);
    whole[len] = '\0';
    sign = strpbrk(whole, "!=<>");
    for (which = 0; sign && which < ARRAY_LEN(operators); which++)
        if (!strncmp(sign, operators[which].sign,
                     strlen(operators[which].sign)))
            break;
    if (!sign || which == ARRAY_LEN(operators) ||
        strlen(sign) >= sizeof(condition->value))
        return err_set(err, ERR_USAGE,
                       "condition '%s': expected COLUMN=VALUE, with = != < <= "
                       "> or >=",
                       whole);
    condition->op = operators[which].op;
    strcpy(condition->value, trim(sign + strlen(operators[which].sign)));
    *sign = '\0';
    rc = find_column(table, trim(whole), &condition->column, err);
    if (rc)
        return rc;
    if (condition->op == IS || condition->op == IS_NOT)
        return values_parse(condition, err);
    if (!text_to_f64(condition->value, &condition->numbers[0]))
        return err_set(err, ERR_USAGE, "condition '%s': '%s' is no number",
                       whole, condition->value);
    return 0;
}

/* Whether a field equals one of the values. */
static bool is_one_of(const struct condition *condition, size_t row)
{
    const struct table_column *column = condition->column;
    double number;

    if (condition->words) {
        uint64_t code = (uint64_t)column->i64[row];

        return condition->words[code < column->n_labels ? code + 1 : 0];
    }
    number = table_f64(column, row);
    if (isnan(number))
        return condition->missing;
    for (size_t i = 0; i < condition->n_numbers; i++)
        if (condition->numbers[i] == number)
            return true;
    return false;
}

static bool meets(const struct condition *condition, size_t row)
{
    double number;

    if (condition->op == IS || condition->op == IS_NOT)
        return is_one_of(condition, row) == (condition->op == IS);
    number = table_f64(condition->column, row);
    switch (condition->op) {
    case LESS:
        return number < condition->numbers[0];
    case AT_MOST:
        return number <= condition->numbers[0];
    case MORE:
        return number > condition->numbers[0];
    case AT_LEAST:
        return number >= condition->numbers[0];
    case IS:
    case IS_NOT:
        break;
    }
    return false;
}

static int conditions_parse(const struct table *table, const char *where,
                            struct condition *conditions, size_t *ret_len,
                            struct err *err)
{
    int rc = 0;

    *ret_len = 0;
    while (!rc && where && *where) {
        size_t len = span_to(where, ',');

        if (*ret_len == SELECT_CONDITIONS_MAX)
            return err_set(err, ERR_USAGE, "more than %d conditions",
                           SELECT_CONDITIONS_MAX);
        rc = condition_parse(table, where, len, &conditions[*ret_len], err);
        ++*ret_len;
        where += len + (where[len] == ',');
    }
    return rc;
}

/* The rows that meet all of 'conditions', which may be none. */
static void rows_pick(const struct table *table,
                      const struct condition *conditions, size_t len,
                      struct rows *rows)
{
    for (size_t row = 0; row < table->rows; row++) {
        bool all = true;

        for (size_t i = 0; all && i < len; i++)
            all = meets(&conditions[i], row);
        if (all)
            rows->at[rows->len++] = (uint32_t)row;
    }
}

int select_rows(const struct table *table, const char *where,
                struct rows *ret_rows, struct err *err)
{
    struct condition conditions[SELECT_CONDITIONS_MAX] = { 0 };
    struct rows rows = { 0 };
    size_t len;
    int rc = conditions_parse(table, where, conditions, &len, err);

    if (!rc && table->rows > UINT32_MAX)
        rc = err_set(err, ERR_USAGE, "a table of %zu rows is too long",
                     table->rows);
    if (!rc && !(rows.at = pages_alloc((table->rows + 1) * sizeof(*rows.at))))
        rc = err_set(err, ERR_NOMEM, "no memory for the chosen rows");
    if (!rc) {
        rows.cap = table->rows + 1;
        rows_pick(table, conditions, len, &rows);
        *ret_rows = rows;
    }
    for (size_t i = 0; i < len; i++)
        free(conditions[i].words);
    return rc;
}

void select_ok(const struct table *cells, struct rows *rows)
{
    const struct table_column *status = table_find(cells, "status");
    size_t kept = 0;

    for (size_t i = 0; i < rows->len; i++) {
        uint32_t row = rows->at[i];

        rows->at[kept] = row;
        kept += table_i64(status, row) == STATUS_OK;
    }
    rows->len = kept;
}
