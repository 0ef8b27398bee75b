/* adapter.h - how a vendor's tool is driven and read: one JSON file
 *
 * Only the words; commands are templates (template.h, scope.h), patterns and
 * columns are checked where they are used (workers/collect).
 */
#ifndef INVENTORY_ADAPTER_H
#define INVENTORY_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "experiments/op_point.h"

enum adapter_role {
    ADAPTER_RUNNER,
    ADAPTER_MODEL,
    ADAPTER_DATASET,
    ADAPTER_OTHER,
};

enum adapter_stream {
    ADAPTER_STDOUT,
    ADAPTER_STDERR,
};

/* Which match of a pattern counts. */
enum adapter_take {
    ADAPTER_ONLY, /* there must be one, or all say the same */
    ADAPTER_FIRST,
    ADAPTER_LAST,
    ADAPTER_LIST,
};

/* How the values that a path leads into are written. */
enum adapter_form {
    ADAPTER_FORM_JSON,
    ADAPTER_FORM_LINES,  /* JSON objects, one a line */
    ADAPTER_FORM_PYTHON, /* dictionaries as Python prints them */
    ADAPTER_FORM_TABLE,  /* names, and rows of cells between commas */
};

struct adapter_name {
    const char *name, *text;
};

/* Value map: at this value of the axis, templates know these names. */
struct adapter_value {
    const char *value; /* as axis_put_value() writes it */
    const struct adapter_name *names;
    size_t names_len;
};

struct adapter_value_map {
    const char *axis;
    const struct adapter_value *values;
    size_t values_len;
};

struct adapter_stage {
    const char *name;
    const char *file;    /* template: the local path */
    const char *mode;    /* "0644" */
    const char *only_if; /* a name that must be known, else it is not staged */
    enum adapter_role role;
};

struct adapter_build {
    const char *name;
    const char *run;        /* template; {NAME} is the remote path to make */
    const char *const *key; /* axes it depends on */
    size_t key_len;
};

/* Something to be learnt of the board itself, once in a lane, when what is
 * staged is there and nothing measures: the JSON object that the command
 * prints becomes the member 'name' of the board's facts.  It may fail: the
 * facts then say so. */
struct adapter_fact {
    const char *name;
    const char *run; /* template */
};

/* A command and what of its output counts; run is NULL where there is
 * none. */
struct adapter_probe {
    const char *run, *pattern;
    const char *expect; /* template, or NULL: only read */
};

struct adapter_op_mode {
    struct adapter_probe read, verify;
    const char *set, *restore; /* templates, NULL: none */
    const char *ask; /* template: what a person is asked to do; or NULL */
    double ask_limit_s;
    bool may_boot; /* setting or restoring may boot the board */
    double boot_limit_s;
    double cost_s; /* what one switch takes, declared; 0: not said */
};

/* What makes the board ready for some cells, and is not a file: a bitstream,
 * an engine in an accelerator.  Run when its command changes. */
struct adapter_program {
    const char *run; /* template, NULL: none */
    struct adapter_probe verify;
    const char *const *key; /* axes it depends on */
    size_t key_len;
    double cost_s; /* of one load, declared; 0: not said */
};

/* Either 'run' or 'request' is there. */
struct adapter_job {
    const char *name;
    const char *run;     /* template, or NULL */
    struct json request; /* to the served process; see scope_request() */
    const char *each;    /* name of the value that varies, or NULL */
    const char *const *each_values;
    size_t each_len;
    const char *start_marker, *end_marker; /* patterns, or NULL */
    const char *input;                     /* template: stdin, or NULL */
};

/* A value read from a job's output: by 'path' from its last value of 'form',
 * or by 'pattern', group 1.  Goes to a column, or is kept by a name for
 * "derive". */
struct adapter_collect {
    const char *column, *capture; /* exactly one is not NULL */
    const char *job;
    const char *path, *pattern; /* exactly one is not NULL */
    const char *unit;           /* of the number read; NULL: text */
    enum adapter_stream stream;
    enum adapter_take take;
    enum adapter_form form; /* of what the path leads into */
    bool optional;
};

struct adapter_derive {
    const char *column;
    const char *unit;
    const char *value; /* expression over captures, columns and axes */
};

struct adapter_valid {
    const char *job, *pattern;
    enum adapter_stream stream;
    bool must; /* match, or must not */
    const char *reason;
};

struct adapter_samples {
    const char *name; /* "lat_comp", "lat_sys" */
    const char *job, *path, *unit;
    enum adapter_form form;
};

/* What leaves the model loaded and waiting in the served process, so that
 * idle power can be taken then. */
struct adapter_load {
    bool there;
    struct adapter_job job;
};

struct adapter_accuracy {
    bool there;
    const char *only_if; /* a name that must be known, else it is missing */
    struct adapter_job job;
    const char *const *key; /* axes it depends on */
    size_t key_len;
    const struct adapter_collect *collect;
    size_t collect_len;
    const char *source;      /* "on_board", "host_bit_exact", "declared" */
    const char *reference;   /* who declares it, or NULL */
    struct json entry;       /* all of it */
    const char *predictions; /* pattern whose capture is kept, or NULL */
};

struct adapter {
    const char *name, *help, *source;
    const char *file;     /* as it was opened */
    const char *base_dir; /* absolute folder of it */
    const char *digest;   /* SHA-256 of its text, hex */
    struct adapter_probe tool_version;
    const struct adapter_value_map *maps;
    size_t maps_len;
    const struct adapter_stage *stage;
    size_t stage_len;
    const struct adapter_build *build;
    size_t build_len;
    const struct adapter_fact *facts;
    size_t facts_len;
    struct adapter_op_mode op_mode;
    struct adapter_program program;
    const char *serve; /* template of the long-lived command, or NULL */
    const struct adapter_job *jobs;
    size_t jobs_len;
    struct adapter_load load;
    struct adapter_accuracy accuracy;
    struct json declared; /* accuracies, checked (declared.h); may be absent */
    const struct adapter_collect *collect;
    size_t collect_len;
    const struct adapter_derive *derive;
    size_t derive_len;
    const struct adapter_valid *valid;
    size_t valid_len;
    const struct adapter_samples *samples;
    size_t samples_len;
    struct pool *pool;
    struct json_doc *doc;
};

/* Parse the text of an adapter; 'file' names it in errors, 'base_dir' is the
 * folder that relative paths in it start from.
 * Returns 0 and an adapter for adapter_destroy(); ERR_FORMAT; ERR_NOMEM. */
int adapter_parse(const char *text, size_t len, const char *file,
                  const char *base_dir, struct adapter **ret_adapter,
                  struct err *err);
void adapter_destroy(struct adapter *adapter); /* NULL is fine */

/* The names that the value map of an axis defines at a value, borrowed;
 * NULL if the adapter maps no such axis, or not this value. */
const struct adapter_value_map *adapter_map(const struct adapter *adapter,
                                            const char *axis);
const struct adapter_value *adapter_value(const struct adapter_value_map *map,
                                          const char *value);

/* Whether the adapter can run 'point': every axis it maps must have a mapped
 * value there.  If not, a sentence is appended to 'reason' (may be NULL). */
bool adapter_supports(const struct adapter *adapter, const struct axis *axes,
                      size_t len, const struct op_point *point,
                      struct buf *reason);

/* The job of that name, borrowed; NULL if there is none. */
const struct adapter_job *adapter_job(const struct adapter *adapter,
                                      const char *name);

/* "runner", "model", "dataset", "other". */
const char *adapter_role_word(enum adapter_role role);

#endif
