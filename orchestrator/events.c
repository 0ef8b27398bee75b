/* events.c - JSON lines out */
#include "orchestrator/events.h"

#include <string.h>

#include "core/clock.h"

int events_open(const char *path, struct events *ret_events, struct err *err)
{
    struct events events = { .start_ns = clock_mono_ns() };

    if (path && strcmp(path, "-") != 0)
        events.file = fopen(path, "ae");
    else if (path)
        events.file = stdout;
    if (path && !events.file)
        return err_set_errno(err, ERR_IO, "cannot open '%s'", path);
    *ret_events = events;
    return 0;
}

struct json_value *events_new(const struct events *events, const char *event)
{
    struct json_value *value;
    char utc[32];

    if (!events->file)
        return NULL;
    value = json_new_object();
    json_set_string(value, "event", event);
    json_set_string(value, "time", clock_format_utc(clock_unix_ns(), utc));
    json_set_f64(value, "t_s", NS_TO_S(clock_mono_ns() - events->start_ns));
    return value;
}

void events_put(struct events *events, struct json_value *own_value)
{
    struct buf text = { 0 };

    if (own_value && events->file && !json_print(own_value, false, &text, NULL))
        fprintf(events->file, "%s\n", buf_text(&text));
    buf_free(&text);
    json_value_destroy(own_value);
}

void events_flush(struct events *events)
{
    if (events->file)
        fflush(events->file);
}

void events_close(struct events *events)
{
    events_flush(events);
    if (events->file && events->file != stdout)
        fclose(events->file);
    events->file = NULL;
}
