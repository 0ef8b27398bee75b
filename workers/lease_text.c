/* lease_text.c - lines of a lease, bounded and cleaned */
#include "workers/lease_text.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

static void copy(char *to, size_t size, const char *value, size_t len)
{
    struct buf clean = { 0 };

    text_clean_utf8(&clean, value, len < size ? len : size - 1);
    snprintf(to, size, "%s", buf_text(&clean));
    buf_free(&clean);
}

static int64_t number(const char *value, size_t len)
{
    char digits[16];
    int64_t found = 0;

    snprintf(digits, sizeof(digits), "%.*s",
             len < sizeof(digits) ? (int)len : 0, value);
    return text_to_i64(digits, &found) && found > 0 ? found : 0;
}

static bool is_key(const char *key, size_t len, const char *word)
{
    return len == strlen(word) && !memcmp(key, word, len);
}

static void take(struct lease *l, const char *key, size_t key_len,
                 const char *value, size_t len)
{
    const struct {
        const char *key;
        char *to;
        size_t size;
    } words[] = {
        { "owner", l->owner, sizeof(l->owner) },
        { "host", l->host, sizeof(l->host) },
        { "campaign", l->campaign, sizeof(l->campaign) },
        { "reason", l->reason, sizeof(l->reason) },
        { "boot", l->boot, sizeof(l->boot) },
        { "mode", l->mode, sizeof(l->mode) },
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (is_key(key, key_len, words[i].key))
            copy(words[i].to, words[i].size, value, len);
    if (is_key(key, key_len, "mode"))
        l->mode_changed = true;
    else if (is_key(key, key_len, "restored"))
        l->mode_changed = false;
    else if (is_key(key, key_len, "since"))
        l->since_s = number(value, len);
    else if (is_key(key, key_len, "until"))
        l->until_s = number(value, len);
    else if (is_key(key, key_len, "group"))
        l->group = number(value, strcspn(value, " \n"));
    else if (is_key(key, key_len, "for") && !l->board[0] && len > 6 &&
             !memcmp(value, "board.", 6))
        copy(l->board, sizeof(l->board), value + 6, len - 6);
}

/* "TOKEN KEY VALUE"; lines of another token than the first are nobody's. */
static void take_line(struct lease *l, const char **token, size_t *token_len,
                      const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len), *key, *end;
    size_t left;

    if (!space)
        return;
    if (!*token) {
        *token = line;
        *token_len = (size_t)(space - line);
    }
    if ((size_t)(space - line) != *token_len ||
        memcmp(line, *token, *token_len) != 0)
        return;
    key = space + 1;
    left = len - *token_len - 1;
    end = memchr(key, ' ', left);
    if (end)
        take(l, key, (size_t)(end - key), end + 1,
             left - (size_t)(end - key) - 1);
    else
        take(l, key, left, "\n", 0);
}

size_t lease_parse(const char *text, size_t len, struct lease *ret_lease)
{
    struct lease lease = { 0 };
    const char *token = NULL;
    size_t token_len = 0, at = 0;

    while (at < len && text[at] == '|') {
        const char *line = text + at + 1,
                   *end = memchr(line, '\n', len - at - 1);

        if (!end)
            return 0;
        at = (size_t)(end - text) + 1;
        if (end == line) {
            *ret_lease = lease;
            return at;
        }
        take_line(&lease, &token, &token_len, line, (size_t)(end - line));
    }
    return 0;
}

bool lease_parse_now(const char *text, size_t len, int64_t *ret_uptime_s,
                     char boot[64])
{
    while (len) {
        const char *end = memchr(text, '\n', len), *space;
        size_t n = end ? (size_t)(end - text) : len;

        if (n > 4 && !memcmp(text, "now ", 4) &&
            (space = memchr(text + 4, ' ', n - 4))) {
            *ret_uptime_s = number(text + 4, (size_t)(space - text) - 4);
            copy(boot, 64, space + 1, n - (size_t)(space - text) - 1);
            return true;
        }
        n += end != NULL;
        text += n;
        len -= n;
    }
    return false;
}

void lease_describe(const struct lease *l, struct buf *out)
{
    buf_printf(out, "%s@%s (%s%s%s)", l->owner, l->host, l->campaign,
               l->reason[0] ? ", " : "", l->reason);
}
