/* fuzz_collect.c - a tool's output, whatever it is, under a busy adapter;
 * what stands before the first zero is an expression, a pattern and a path
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "workers/collect/clean.h"
#include "workers/collect/collect.h"
#include "workers/collect/expr.h"
#include "workers/collect/json_find.h"
#include "workers/collect/pattern.h"

static const char adapter_text[] =
    "{\"adapter\": \"a\", \"jobs\": [{\"name\": \"j\", \"run\": \"x\"}], "
    "\"collect\": [{\"column\": \"fps_sys\", \"unit\": \"1/s\", \"pattern\": "
    "\"Throughput: +([0-9.]+)\"}, {\"column\": \"lat_sys_s\", \"unit\": "
    "\"ms\", \"pattern\": \"median = ([0-9.eE+-]+) ms\", \"take\": \"last\"}, "
    "{\"column\": \"lat_comp_s\", \"unit\": \"us\", \"path\": \"a.b[1]\"}, "
    "{\"column\": \"kernel\", \"path\": \"kernel\"}, {\"column\": "
    "\"window_start_unix_ns\", \"unit\": \"ns\", \"path\": \"t\"}, "
    "{\"capture\": \"l\", \"unit\": \"1\", \"pattern\": \"n=([^ ]*)\", "
    "\"take\": \"list\"}, {\"capture\": \"m\", \"unit\": \"1\", \"path\": "
    "\"[*].m\", \"stream\": \"stderr\"}], \"derive\": [{\"column\": "
    "\"batches\", \"unit\": \"1\", \"value\": \"sum(l * m) / count(l)\"}], "
    "\"valid\": [{\"job\": \"j\", \"pattern\": \"^PASS\", \"must\": true, "
    "\"reason\": \"r\"}], \"samples\": {\"lat_sys\": {\"path\": \"s\", "
    "\"unit\": \"ns\"}}}";

static void read_all(struct collector *c, const struct buf *clean)
{
    struct collect_output out = { .job = "j" };
    struct attempt_row row;
    double *values = NULL;
    size_t len;

    for (int s = 0; s < 2; s++) {
        out.text[s] = clean->data ? (const char *)clean->data : "";
        out.len[s] = clean->len;
    }
    columns_clear(&columns_attempts, &row);
    collector_valid(c, &out, 1, NULL);
    collector_read(c, COLLECT_MEASURED, &out, 1, NULL, &row, NULL);
    if (!collector_samples(c, "lat_sys", &out, 1, &values, &len, NULL))
        free(values);
}

/* Words that come from an adapter's author, not from a board. */
static void compile_words(const uint8_t *data, size_t size)
{
    char word[256];
    struct expr *expr = NULL;
    struct pattern *pattern = NULL;
    struct json_path *path = NULL;

    if (size >= sizeof(word))
        size = sizeof(word) - 1;
    if (size)
        memcpy(word, data, size);
    word[size] = 0;
    if (!expr_parse(word, &expr, NULL))
        expr_destroy(expr);
    if (!pattern_compile(word, &pattern, NULL))
        pattern_destroy(pattern);
    if (!json_path_parse(word, &path, NULL))
        json_path_destroy(path);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct adapter *adapter = NULL;
    struct collector *collector = NULL;
    struct buf clean = { 0 };
    char line[64];

    compile_words(data, size);
    collect_last_words(data, size, line, sizeof(line));
    if (adapter_parse(adapter_text, strlen(adapter_text), "a", "/", &adapter,
                      NULL) ||
        collector_create(adapter, &collector, NULL))
        abort(); /* ours: it must fit */
    collect_clean(&clean, data, size);
    buf_text(&clean);
    read_all(collector, &clean);
    collector_destroy(collector);
    adapter_destroy(adapter);
    buf_free(&clean);
}
