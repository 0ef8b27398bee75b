/* terminal.c - columns as wide as what they hold */
#include "report/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/numbers.h"

/* Characters; longer text is cut with "...", but in the last column. */
#define WORDS_MAX 40

struct layout {
    size_t column[SHEET_COLUMNS_MAX];
    size_t width[SHEET_COLUMNS_MAX];
    size_t len;
};

/* Characters of UTF-8: bytes that do not continue one. */
static size_t characters(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((uint8_t)*text & 0xc0) != 0x80;
    return n;
}

static bool missing(const struct sheet *sheet, size_t row, size_t column)
{
    if (sheet_columns(sheet)[column].kind == SHEET_TEXT)
        return !*sheet_text_at(sheet, row, column);
    return !isfinite(sheet_number_at(sheet, row, column));
}

/* The text of a cell, in 'room' of NUMBER_TEXT_MAX bytes or borrowed. */
static const char *cell(const struct sheet *sheet, size_t row, size_t column,
                        char *room)
{
    const struct sheet_column *c = &sheet_columns(sheet)[column];

    if (c->kind == SHEET_TEXT)
        return missing(sheet, row, column) ? "-"
                                           : sheet_text_at(sheet, row, column);
    return number_format(sheet_number_at(sheet, row, column), c->form, c->unit,
                         room);
}

/* Whether a word column says the same in all of several rows. */
static bool shared(const struct sheet *sheet, size_t column)
{
    const char *first;

    if (sheet_columns(sheet)[column].kind != SHEET_TEXT ||
        sheet_rows(sheet) < 2)
        return false;
    first = sheet_text_at(sheet, 0, column);
    for (size_t r = 1; r < sheet_rows(sheet); r++)
        if (strcmp(first, sheet_text_at(sheet, r, column)) != 0)
            return false;
    return *first != '\0';
}

static void layout_make(const struct sheet *sheet, struct layout *layout,
                        struct buf *out)
{
    const struct sheet_column *columns = sheet_columns(sheet);
    bool said = false;

    layout->len = 0;
    for (size_t c = 0; columns[c].name; c++) {
        size_t width = columns[c].head ? characters(columns[c].head) : 0;
        bool empty = true;

        if (!columns[c].head)
            continue;
        if (shared(sheet, c)) {
            buf_printf(out, "%s%s: %s", said ? ", " : "", columns[c].head,
                       sheet_text_at(sheet, 0, c));
            said = true;
            continue;
        }
        for (size_t r = 0; r < sheet_rows(sheet); r++) {
            char room[NUMBER_TEXT_MAX];
            size_t len = characters(cell(sheet, r, c, room));

            empty = empty && missing(sheet, r, c);
            len = len > WORDS_MAX ? WORDS_MAX : len;
            width = len > width ? len : width;
        }
        if (empty)
            continue;
        layout->column[layout->len] = c;
        layout->width[layout->len++] = width;
    }
    if (said)
        buf_printf(out, "\n");
}

/* 'text' in 'width' characters, at its left or right edge. */
static void put_cell(struct buf *out, const char *text, size_t width,
                     bool right, bool last)
{
    size_t len = characters(text), pad;
    bool cut = len > WORDS_MAX && !last;

    pad = width > (cut ? WORDS_MAX : len) ? width - (cut ? WORDS_MAX : len) : 0;
    if (right)
        buf_printf(out, "%*s", (int)pad, "");
    for (size_t n = 0; *text; text++) {
        n += ((uint8_t)*text & 0xc0) != 0x80;
        if (cut && n > WORDS_MAX - 3)
            break;
        buf_put_u8(out, (uint8_t)*text);
    }
    if (cut)
        buf_printf(out, "...");
    if (!right && !last)
        buf_printf(out, "%*s", (int)pad, "");
    buf_printf(out, last ? "\n" : "  ");
}

int terminal_print(const struct sheet *sheet, struct buf *out, struct err *err)
{
    const struct sheet_column *columns = sheet_columns(sheet);
    struct layout layout;

    layout_make(sheet, &layout, out);
    for (size_t i = 0; i < layout.len; i++)
        put_cell(out, columns[layout.column[i]].head, layout.width[i],
                 columns[layout.column[i]].kind != SHEET_TEXT,
                 i + 1 == layout.len);
    for (size_t i = 0; i < layout.len; i++) {
        for (size_t n = 0; n < layout.width[i]; n++)
            buf_printf(out, "─");
        buf_printf(out, i + 1 == layout.len ? "\n" : "  ");
    }
    for (size_t r = 0; r < sheet_rows(sheet); r++)
        for (size_t i = 0; i < layout.len; i++) {
            char room[NUMBER_TEXT_MAX];
            size_t c = layout.column[i];

            put_cell(out, cell(sheet, r, c, room), layout.width[i],
                     columns[c].kind != SHEET_TEXT, i + 1 == layout.len);
        }
    if (buf_failed(out))
        return err_set(err, ERR_NOMEM, "no memory for a table");
    return 0;
}
