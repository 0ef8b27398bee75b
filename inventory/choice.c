/* choice.c - terms read from words and files, and matched */
#include "inventory/choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"
#include "inventory/hostlist.h"

struct term {
    size_t axis;
    VEC(struct op_value) values;
};

struct choice {
    const struct axis *axes;
    size_t axes_len;
    VEC(struct term) terms;
};

void choice_destroy(struct choice *choice)
{
    if (!choice)
        return;
    for (size_t i = 0; i < choice->terms.len; i++)
        VEC_FREE(&choice->terms.at[i].values);
    VEC_FREE(&choice->terms);
    free(choice);
}

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for a choice");
}

static int choice_new(const struct axis *axes, size_t len,
                      struct choice **ret_choice, struct err *err)
{
    struct choice *choice = calloc(1, sizeof(*choice));

    if (!choice)
        return no_memory(err);
    choice->axes = axes;
    choice->axes_len = len;
    *ret_choice = choice;
    return 0;
}

static bool is_board(const struct choice *choice, const struct term *term)
{
    return !strcmp(choice->axes[term->axis].name, "board");
}

/* Begin a term for the axis of that name. */
static int add_term(struct choice *choice, const char *name, struct err *err)
{
    struct term term = { .axis =
                             axes_index(choice->axes, choice->axes_len, name) };

    if (term.axis == choice->axes_len)
        return err_set(err, ERR_USAGE, "'%.40s' is no axis of the experiment",
                       name);
    return VEC_PUSH(&choice->terms, term) ? 0 : no_memory(err);
}

/* Add the names of a host list to a term. */
static int add_boards(struct term *term, const char *text, struct err *err)
{
    struct hostlist *list = NULL;
    int rc = hostlist_expand(text, &list, err);

    for (size_t i = 0; !rc && i < hostlist_len(list); i++) {
        struct op_value value = { .there = true };

        snprintf(value.text, sizeof(value.text), "%.*s", AXIS_TEXT_MAX - 1,
                 hostlist_at(list, i)->name);
        if (!VEC_PUSH(&term->values, value))
            rc = no_memory(err);
    }
    hostlist_destroy(list);
    return rc == ERR_FORMAT ? ERR_USAGE : rc;
}

/* Add a value to the last term. */
static int add_value(struct choice *choice, const char *text, struct err *err)
{
    struct term *term = &choice->terms.at[choice->terms.len - 1];
    struct op_value value;

    if (is_board(choice, term))
        return add_boards(term, text, err);
    if (axis_parse_value(&choice->axes[term->axis], text, &value, err))
        return ERR_USAGE;
    return VEC_PUSH(&term->values, value) ? 0 : no_memory(err);
}

/* One piece between two commas: "AXIS=VALUE" or a further "VALUE". */
static int add_piece(struct choice *choice, char *piece, struct err *err)
{
    char *equals = strchr(piece, '=');
    int rc = 0;

    if (equals) {
        *equals = 0;
        rc = add_term(choice, piece, err);
        piece = equals + 1;
    } else if (!choice->terms.len) {
        return err_set(err, ERR_USAGE,
                       "found '%.40s', expected AXIS=VALUE[,VALUE]", piece);
    }
    return rc ? rc : add_value(choice, piece, err);
}

/* The next comma that stands in no bracket, or the end. */
static char *piece_end(char *text)
{
    bool inside = false;

    for (; *text && (inside || *text != ','); text++) {
        if (*text == '[')
            inside = true;
        else if (*text == ']')
            inside = false;
    }
    return text;
}

int choice_parse(const struct axis *axes, size_t len, const char *text,
                 struct choice **ret_choice, struct err *err)
{
    struct choice *choice = NULL;
    char *words = strdup(text), *at = words;
    int rc = words ? choice_new(axes, len, &choice, err) : no_memory(err);
    bool more = true;

    while (!rc && more) {
        char *end = piece_end(at);

        more = *end == ',';
        *end = 0;
        rc = add_piece(choice, at, err);
        at = end + 1;
    }
    free(words);
    if (rc)
        choice_destroy(choice);
    else
        *ret_choice = choice;
    return rc;
}

static int read_value(struct choice *choice, const struct json *at,
                      struct err *err)
{
    struct term *term = &choice->terms.at[choice->terms.len - 1];
    struct op_value value;
    int rc = axis_read_value(&choice->axes[term->axis], at, &value, err);

    if (rc)
        return rc;
    return VEC_PUSH(&term->values, value) ? 0 : no_memory(err);
}

static int read_term(struct choice *choice, const struct json *at,
                     struct err *err)
{
    size_t i = 0;

    if (add_term(choice, json_key(at), NULL))
        return json_fail(at, err, "'%.40s' is no axis of the experiment",
                         json_key(at));
    if (json_kind(at) != JSON_ARRAY)
        return read_value(choice, at, err);
    for (struct json v = json_first(at); json_there(&v);
         v = json_next(at, &v, ++i))
        if (read_value(choice, &v, err))
            return ERR_FORMAT;
    return 0;
}

int choice_read(const struct axis *axes, size_t len, const struct json *at,
                struct choice **ret_choice, struct err *err)
{
    struct choice *choice = NULL;
    size_t i = 0;
    int rc = choice_new(axes, len, &choice, err);

    if (!rc)
        rc = json_expect(at, JSON_OBJECT, err);
    for (struct json t = json_first(at); !rc && json_there(&t);
         t = json_next(at, &t, ++i))
        rc = read_term(choice, &t, err);
    if (rc)
        choice_destroy(choice);
    else
        *ret_choice = choice;
    return rc;
}

static bool term_has(const struct axis *axis, const struct term *term,
                     const struct op_value *value)
{
    for (size_t i = 0; i < term->values.len; i++)
        if (axis_same_value(axis, &term->values.at[i], value))
            return true;
    return false;
}

bool choice_matches(const struct choice *choice, const struct op_point *point,
                    bool open_board)
{
    for (size_t i = 0; i < choice->terms.len; i++) {
        const struct term *term = &choice->terms.at[i];
        const struct axis *axis = &choice->axes[term->axis];
        const struct op_value *value = &point->at[term->axis];
        bool open = is_board(choice, term) && !value->there;

        if (!value->there && axis->dflt.there)
            value = &axis->dflt;
        if (open ? !open_board : !term_has(axis, term, value))
            return false;
    }
    return true;
}

bool choice_names_boards(const struct choice *choice)
{
    for (size_t i = 0; i < choice->terms.len; i++)
        if (is_board(choice, &choice->terms.at[i]))
            return true;
    return false;
}

bool choice_only_boards(const struct choice *choice)
{
    for (size_t i = 0; i < choice->terms.len; i++)
        if (!is_board(choice, &choice->terms.at[i]))
            return false;
    return choice->terms.len > 0;
}

bool choice_has_board(const struct choice *choice, const char *board)
{
    for (size_t i = 0; i < choice->terms.len; i++) {
        const struct term *term = &choice->terms.at[i];

        for (size_t k = 0; is_board(choice, term) && k < term->values.len; k++)
            if (!strcmp(term->values.at[k].text, board))
                return true;
    }
    return false;
}
