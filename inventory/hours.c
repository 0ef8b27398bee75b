/* hours.c - spans of a week, read and asked */
#include "inventory/hours.h"

#include <stdio.h>
#include <string.h>

#define DAY_MINUTES 1440

static const char *const day_words[] = { "Sun", "Mon", "Tue", "Wed",
                                         "Thu", "Fri", "Sat" };

static int day_of(const char *text)
{
    for (int i = 0; i < 7; i++)
        if (!strncmp(day_words[i], text, 3))
            return i;
    return -1;
}

/* Read "Mon " or "Mon-Fri "; returns what follows, NULL if it is neither. */
static const char *read_days(const char *text, struct hours *hours)
{
    int first = day_of(text), last = first;

    if (first < 0)
        return NULL;
    text += 3;
    if (*text == '-') {
        last = day_of(text + 1);
        text += last < 0 ? 0 : 4;
    }
    if (last < 0 || *text != ' ')
        return NULL;
    for (int i = first; i != last; i = (i + 1) % 7)
        hours->days[i] = true;
    hours->days[last] = true;
    return text + 1;
}

static bool read_spans(const char *text, struct hours *hours)
{
    int h0, m0, h1, m1, used = 0;

    if (sscanf(text, "%2d:%2d-%2d:%2d%n", &h0, &m0, &h1, &m1, &used) != 4 ||
        text[used] || h0 < 0 || m0 < 0 || h1 < 0 || m1 < 0 || m0 > 59 ||
        m1 > 59)
        return false;
    hours->from = h0 * 60 + m0;
    hours->to = h1 * 60 + m1;
    return hours->from < DAY_MINUTES && hours->to <= DAY_MINUTES &&
           hours->from != hours->to;
}

int hours_parse(const char *text, struct hours *ret_hours, struct err *err)
{
    struct hours hours = { .from = 0 };
    const char *rest = text;

    if (text[0] < '0' || text[0] > '9')
        rest = read_days(text, &hours);
    else
        memset(hours.days, true, sizeof(hours.days));
    if (!rest || !read_spans(rest, &hours))
        return err_set(
            err, ERR_FORMAT,
            "found \"%.40s\", expected hours such as \"22:00-06:00\" "
            "or \"Mon-Fri 19:00-07:00\"",
            text);
    *ret_hours = hours;
    return 0;
}

bool hours_hold(const struct hours *spans, size_t len, int day, int minute)
{
    for (size_t i = 0; i < len; i++) {
        const struct hours *h = &spans[i];
        bool over = h->to < h->from; /* midnight */

        if (h->days[day] && minute >= h->from && (over || minute < h->to))
            return true;
        if (over && h->days[(day + 6) % 7] && minute < h->to)
            return true;
    }
    return len == 0;
}
