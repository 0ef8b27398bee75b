/* replay_line.c - seconds and watts between commas */
#include "workers/meter/replay_line.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "core/text.h"
#include "core/units.h"

#define SPAN_MAX_S 1e6

static int parse_line(char *line, size_t number, double *first_s,
                      struct replay_samples *samples, struct err *err)
{
    char *comma = strchr(line, ',');
    struct power_reading reading = { .power_w = NAN };
    size_t len = samples->at.len;
    double t_s;

    if (!line[0] || line[0] == '#' || isalpha((unsigned char)line[0]))
        return 0;
    if (comma)
        *comma++ = 0;
    if (!comma || !text_to_f64(line, &t_s) ||
        (comma[0] && !text_to_f64(comma, &reading.power_w)))
        return err_set(err, ERR_FORMAT,
                       "line %zu: expected seconds and watts, \"0.1,4.25\"",
                       number);
    *first_s = len ? *first_s : t_s;
    if (!(fabs(t_s - *first_s) < SPAN_MAX_S))
        return err_set(err, ERR_FORMAT, "line %zu: too far from the first",
                       number);
    reading.t_ns = S_TO_NS(t_s - *first_s);
    if (len && reading.t_ns <= samples->at.at[len - 1].t_ns)
        return err_set(err, ERR_FORMAT, "line %zu: time does not go on",
                       number);
    return VEC_PUSH(&samples->at, reading)
               ? 0
               : err_set(err, ERR_NOMEM, "no memory for a recording");
}

int replay_samples_parse(const char *text, size_t len,
                         struct replay_samples *ret_samples, struct err *err)
{
    struct replay_samples samples = { 0 };
    size_t at = 0, number = 0;
    double first_s = 0;
    char line[200];
    int rc = 0;

    while (!rc && at < len) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end ? (size_t)(end - text) - at : len - at;
        size_t copy = n < sizeof(line) - 1 ? n : sizeof(line) - 1;

        memcpy(line, text + at, copy);
        line[copy] = 0;
        line[strcspn(line, "\r")] = 0;
        rc = parse_line(line, ++number, &first_s, &samples, err);
        at += n + 1;
    }
    if (!rc && !samples.at.len)
        rc = err_set(err, ERR_FORMAT, "holds no samples");
    if (rc)
        replay_samples_free(&samples);
    else
        *ret_samples = samples;
    return rc;
}

void replay_samples_free(struct replay_samples *samples)
{
    VEC_FREE(&samples->at);
}
