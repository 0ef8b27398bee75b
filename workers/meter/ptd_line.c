/* ptd_line.c - names and values between commas, lines that are counted */
#include "workers/meter/ptd_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

#define LINE_MAX_ 400

static void set(struct ptd_sample *s, const char *name, const char *value)
{
    double number = NAN;

    if (!strcmp(name, "Time")) {
        snprintf(s->time, sizeof(s->time), "%s", value);
        return;
    }
    if (!text_to_f64(value, &number))
        return;
    if (!strcmp(name, "Watts"))
        s->watts = number < 0 ? (double)NAN : number; /* -1: no reading */
    else if (!strcmp(name, "Volts"))
        s->volts = number;
    else if (!strcmp(name, "Amps"))
        s->amps = number;
    else if (!strcmp(name, "PF"))
        s->pf = number;
}

int ptd_line_parse(const uint8_t *data, size_t len,
                   struct ptd_sample *ret_sample, struct err *err)
{
    struct ptd_sample s = { "", NAN, NAN, NAN, NAN };
    char line[LINE_MAX_], *save = NULL, *name, *value;
    size_t n = len < sizeof(line) - 1 ? len : sizeof(line) - 1;

    memcpy(line, data, n);
    line[n] = 0;
    line[strcspn(line, "\r\n")] = 0;
    name = strtok_r(line, ",", &save);
    while (name && (value = strtok_r(NULL, ",", &save))) {
        set(&s, name, value);
        name = strtok_r(NULL, ",", &save);
    }
    if (!s.time[0] || isnan(s.watts))
        return err_set(err, ERR_FORMAT,
                       "'%.*s' is no sample of PTDaemon with a time and watts",
                       len < 60 ? (int)len : 60, (const char *)data);
    *ret_sample = s;
    return 0;
}

static size_t line_len(const uint8_t *data, size_t len)
{
    const uint8_t *end = memchr(data, '\n', len);

    return end ? (size_t)(end - data) + 1 : 0;
}

/* The number of lines that the first one tells; -1: it is another answer. */
static int samples_told(const uint8_t *data, size_t len)
{
    char head[64];
    int samples, end = 0;

    snprintf(head, sizeof(head), "%.*s", len < 60 ? (int)len : 60,
             (const char *)data);
    if (sscanf(head, "Last %4d sample%n", &samples, &end) != 1 || !end)
        return -1;
    return samples < 0 ? -1 : samples;
}

size_t ptd_answer_whole(const uint8_t *data, size_t len)
{
    size_t at = line_len(data, len), line = at;

    for (int n = at ? samples_told(data, at) : 0; n > 0 && line; n--) {
        line = line_len(data + at, len - at);
        at += line;
    }
    return line ? at : 0;
}

int ptd_answer_parse(const uint8_t *data, size_t len,
                     struct ptd_sample *ret_sample, struct err *err)
{
    size_t start = len - (len > 0);

    *ret_sample = (struct ptd_sample){ "", NAN, NAN, NAN, NAN };
    if (samples_told(data, line_len(data, len)) == 0)
        return 0;
    while (start && data[start - 1] != '\n')
        start--;
    return ptd_line_parse(data + start, len - start, ret_sample, err);
}
