/* terminal.c - columns as wide as what they hold
 *
 * Where a line is too long for the terminal, the words of the last column go
 * on below; where that does not do, the columns come in blocks, each with the
 * words that begin a row.
 */
#include "report/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/numbers.h"

/* Characters; longer text is cut with "...", but in the last column. */
#define WORDS_MAX 40
#define GAP       2  /* between columns */
#define LAST_MIN  24 /* the room that a column to wrap needs, else: */
#define BELOW     4  /* how far to the right its words stand below the line */

struct layout {
    size_t column[SHEET_COLUMNS_MAX];
    size_t width[SHEET_COLUMNS_MAX];
    size_t len;
    size_t longest; /* characters of the last column, not cut */
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

/* Append one byte of text; control characters of who knows whose text do not
 * reach the terminal. */
static void put_byte(struct buf *out, char byte)
{
    buf_put_u8(out, (uint8_t)byte < 0x20 || byte == 0x7f ? '?' : (uint8_t)byte);
}

/* Append 'text' in lines of at most 'room' characters (0: one line), broken
 * at spaces where there are some, the others 'indent' to the right. */
static void put_wrapped(struct buf *out, const char *text, size_t room,
                        size_t indent)
{
    size_t used = 0;

    while (*text) {
        size_t len = strcspn(text + (*text == ' '), " ") + (*text == ' ');
        char word[512];
        size_t n;

        len = len < sizeof(word) ? len : sizeof(word) - 1;
        memcpy(word, text, len);
        word[len] = '\0';
        n = characters(word);
        if (room && used && used + n > room) {
            buf_printf(out, "\n%*s", (int)indent, "");
            used = 0;
        }
        for (const char *at = word + (!used && *word == ' '); *at; at++)
            put_byte(out, *at);
        used += n - (!used && *word == ' ');
        text += len;
    }
    buf_put_u8(out, '\n');
}

/* Say once what all rows share. */
static void put_shared(const struct sheet *sheet, size_t width, struct buf *out)
{
    const struct sheet_column *columns = sheet_columns(sheet);
    struct buf text = { 0 };

    for (size_t c = 0; columns[c].name; c++)
        if (columns[c].head && shared(sheet, c))
            buf_printf(&text, "%s%s: %s", text.len ? ", " : "", columns[c].head,
                       sheet_text_at(sheet, 0, c));
    if (text.len)
        put_wrapped(out, buf_text(&text), width, 0);
    out->failed |= buf_failed(&text);
    buf_free(&text);
}

/* The most characters that a column's cells have; 0: every row misses it. */
static size_t longest(const struct sheet *sheet, size_t column)
{
    size_t most = 0;
    bool empty = true;

    for (size_t r = 0; r < sheet_rows(sheet); r++) {
        char room[NUMBER_TEXT_MAX];
        size_t len = characters(cell(sheet, r, column, room));

        empty = empty && missing(sheet, r, column);
        most = len > most ? len : most;
    }
    return empty ? 0 : most;
}

static void layout_make(const struct sheet *sheet, struct layout *layout)
{
    const struct sheet_column *columns = sheet_columns(sheet);

    memset(layout, 0, sizeof(*layout));
    for (size_t c = 0; columns[c].name; c++) {
        size_t head = columns[c].head ? characters(columns[c].head) : 0;
        size_t most;

        if (!columns[c].head || shared(sheet, c))
            continue;
        most = longest(sheet, c);
        if (!most)
            continue;
        layout->longest = most;
        most = most > WORDS_MAX ? WORDS_MAX : most;
        layout->column[layout->len] = c;
        layout->width[layout->len++] = most > head ? most : head;
    }
}

static bool is_words(const struct sheet *sheet, const struct layout *layout,
                     size_t i)
{
    return sheet_columns(sheet)[layout->column[i]].kind == SHEET_TEXT;
}

/* Characters that the first 'n' columns take. */
static size_t span(const struct layout *layout, size_t n)
{
    size_t all = 0;

    for (size_t i = 0; i < n; i++)
        all += layout->width[i] + (i ? GAP : 0);
    return all;
}

/* 'text' in 'width' characters, at its left or right edge. */
static void put_cell(struct buf *out, const char *text, size_t width,
                     bool right)
{
    size_t len = characters(text), pad;
    bool cut = len > WORDS_MAX;

    pad = width > (cut ? WORDS_MAX : len) ? width - (cut ? WORDS_MAX : len) : 0;
    if (right)
        buf_printf(out, "%*s", (int)pad, "");
    for (size_t n = 0; *text; text++) {
        n += ((uint8_t)*text & 0xc0) != 0x80;
        if (cut && n > WORDS_MAX - 3)
            break;
        put_byte(out, *text);
    }
    if (cut)
        buf_printf(out, "...");
    if (!right)
        buf_printf(out, "%*s", (int)pad, "");
}

/* How the words of a last column are laid out in a terminal. */
struct ending {
    size_t room; /* characters a line; 0: as many as there are */
    bool below;  /* on lines of their own */
};

/* One line: the head if 'row' is SIZE_MAX. */
static void put_line(const struct sheet *sheet, const struct layout *layout,
                     size_t row, struct ending ending, struct buf *out)
{
    size_t last = layout->len - 1;
    size_t indent = ending.below ? BELOW : span(layout, last) + GAP;

    for (size_t i = 0; i <= last; i++) {
        char number[NUMBER_TEXT_MAX];
        size_t c = layout->column[i];
        bool right = !is_words(sheet, layout, i);
        const char *text = row == SIZE_MAX ? sheet_columns(sheet)[c].head
                                           : cell(sheet, row, c, number);

        if (i == last && ending.below)
            buf_printf(out, "\n%*s", BELOW, "");
        if (i == last && !right) {
            put_wrapped(out, text, ending.room, indent);
            return;
        }
        /* no spaces at the end of a line */
        put_cell(out, text,
                 right || i + 1 + ending.below <= last ? layout->width[i] : 0,
                 right);
        if (i + 1 + ending.below <= last)
            buf_printf(out, "%*s", GAP, "");
    }
    buf_put_u8(out, '\n');
}

/* Whether a column is one of long words that ends the table: it needs no room
 * beside the others. */
static bool goes_below(const struct sheet *sheet, const struct layout *layout,
                       size_t i)
{
    return i + 1 == layout->len && is_words(sheet, layout, i) &&
           layout->longest > LAST_MIN;
}

static struct ending ending_of(const struct sheet *sheet,
                               const struct layout *layout, size_t width)
{
    size_t last = layout->len - 1, before = span(layout, last) + GAP;

    if (!width || !last || !goes_below(sheet, layout, last))
        return (struct ending){ 0, false };
    if (width >= before + LAST_MIN)
        return (struct ending){ width - before, false };
    return (struct ending){ width > 2 * BELOW ? width - BELOW : 0, true };
}

/* One block: head, rule and rows.  'width' is the terminal's, 0: any. */
static void put_block(const struct sheet *sheet, const struct layout *layout,
                      size_t width, struct buf *out)
{
    struct ending ending = ending_of(sheet, layout, width);
    size_t ruled = layout->len - ending.below;

    put_line(sheet, layout, SIZE_MAX, ending, out);
    for (size_t i = 0; i < ruled; i++) {
        size_t len = layout->width[i];

        if (i + 1 == layout->len && ending.room && len > ending.room)
            len = ending.room;
        for (size_t n = 0; n < len; n++)
            buf_printf(out, "─");
        buf_printf(out, i + 1 == ruled ? "\n" : "  ");
    }
    for (size_t r = 0; r < sheet_rows(sheet); r++)
        put_line(sheet, layout, r, ending, out);
}

/* Whether all columns go into one block, the words of the last one wrapped or
 * below. */
static bool fits(const struct sheet *sheet, const struct layout *layout,
                 size_t width)
{
    size_t last = layout->len - 1;

    if (!width || !last)
        return true;
    return span(layout, goes_below(sheet, layout, last) ? last : layout->len) <=
           width;
}

/* Columns that fit, block by block, each after the words that begin a row. */
static void put_blocks(const struct sheet *sheet, const struct layout *layout,
                       size_t width, struct buf *out)
{
    size_t keys = 0;

    while (keys + 1 < layout->len && is_words(sheet, layout, keys) &&
           span(layout, keys + 1) <= width / 2)
        keys++;
    for (size_t at = keys; at < layout->len;) {
        struct layout block = *layout;
        size_t first = at;

        block.len = keys;
        block.longest = 0;
        do {
            block.column[block.len] = layout->column[at];
            block.width[block.len++] = layout->width[at++];
            block.longest = at == layout->len ? layout->longest : 0;
        } while (at < layout->len &&
                 (goes_below(sheet, layout, at) ||
                  span(&block, block.len) + GAP + layout->width[at] <= width));
        if (first > keys)
            buf_put_u8(out, '\n');
        put_block(sheet, &block, width, out);
    }
}

int terminal_print(const struct sheet *sheet, size_t width, struct buf *out,
                   struct err *err)
{
    struct layout layout;

    layout_make(sheet, &layout);
    put_shared(sheet, width, out);
    if (layout.len && fits(sheet, &layout, width))
        put_block(sheet, &layout, width, out);
    else if (layout.len)
        put_blocks(sheet, &layout, width, out);
    if (buf_failed(out))
        return err_set(err, ERR_NOMEM, "no memory for a table");
    return 0;
}
