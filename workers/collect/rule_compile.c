/* rule_compile.c - an entry of "collect" checked against the columns */
#include "workers/collect/rule.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/units.h"

#define COLUMNS_MAX 256

/* What labsweep itself fills in. */
static const char *const own_columns[] = {
    "cell",           "attempt",     "status",        "reason",
    "provenance",     "board",       "worker",        "exit_code",
    "exit_signal",    "fingerprint", "start_unix_ns", "duration_s",
    "board_identity",
};

static int unknown_column(const char *name, struct err *err)
{
    const char *names[COLUMNS_MAX + 1] = { 0 }, *near;

    for (size_t i = 0; i < columns_attempts.count && i < COLUMNS_MAX; i++)
        names[i] = columns_attempts.columns[i].name;
    near = text_nearest(name, names);
    if (near)
        return err_set(err, ERR_FORMAT,
                       "unknown column '%s', did you mean '%s'?", name, near);
    return err_set(err, ERR_FORMAT, "unknown column '%s'", name);
}

int column_find(const char *name, const struct column **ret_column,
                struct err *err)
{
    const struct column *column = columns_find(&columns_attempts, name);

    if (!column)
        return unknown_column(name, err);
    for (size_t i = 0; i < ARRAY_LEN(own_columns); i++)
        if (!strcmp(own_columns[i], name))
            return err_set(err, ERR_FORMAT,
                           "column '%s' is filled by labsweep itself", name);
    *ret_column = column;
    return 0;
}

/* Numbers go into the column's unit, captures into SI. */
static int compile_unit(struct rule *rule, struct err *err)
{
    const char *unit = rule->entry->unit;
    const struct column *column = rule->column;
    double si;
    int rc;

    rule->factor = 1;
    rule->is_text = !unit;
    if (column && !unit && column->type != COLUMN_TEXT &&
        column->type != COLUMN_FLAG) {
        if (*column->unit)
            return err_set(err, ERR_FORMAT,
                           "column '%s' is in '%s': \"unit\" must say what "
                           "unit the tool's number has",
                           column->name, column->unit);
        rule->is_text = false;
    }
    if (column && unit &&
        (column->type == COLUMN_TEXT || column->type == COLUMN_FLAG))
        return err_set(err, ERR_FORMAT,
                       "column '%s' is a text and has no unit, found \"%s\"",
                       column->name, unit);
    if (rule->is_text)
        return 0;
    rc = dimension_of_unit(unit ? unit : "1", &rule->dimension, &si, err);
    if (!rc && column)
        rc = units_factor(unit ? unit : "1", *column->unit ? column->unit : "1",
                          &rule->factor, err);
    else if (!rc)
        rule->factor = si;
    return rc;
}

static int compile_list(struct rule *rule, const struct adapter_job *job,
                        struct err *err)
{
    rule->is_list = rule->entry->take == ADAPTER_LIST || job->each ||
                    (rule->path && json_path_is_list(rule->path));
    if (!rule->is_list)
        return 0;
    if (rule->column)
        return err_set(err, ERR_FORMAT,
                       "column '%s' takes one value, but this is a list: "
                       "\"capture\" it and \"derive\" the column",
                       rule->column->name);
    if (rule->is_text)
        return err_set(err, ERR_FORMAT,
                       "a list is of numbers: \"unit\" is "
                       "missing");
    return 0;
}

static int compile(struct rule *rule, const struct adapter *adapter,
                   struct err *err)
{
    const struct adapter_collect *e = rule->entry;
    const struct adapter_job *job = adapter_job(adapter, e->job);
    int rc = 0;

    if (!job && adapter->accuracy.there &&
        !strcmp(adapter->accuracy.job.name, e->job))
        job = &adapter->accuracy.job;
    if (!job)
        return err_set(err, ERR_FORMAT, "there is no job '%s'", e->job);
    if (e->column)
        rc = column_find(e->column, &rule->column, err);
    if (!rc && e->path)
        rc = json_path_parse(e->path, &rule->path, err);
    else if (!rc)
        rc = pattern_compile(e->pattern, &rule->pattern, err);
    if (!rc)
        rc = compile_unit(rule, err);
    if (!rc)
        rc = compile_list(rule, job, err);
    rule->has_comma = e->pattern && strchr(e->pattern, ',');
    return rc;
}

int rule_compile(struct rule *rule, const struct adapter *adapter,
                 const struct adapter_collect *entry, const char *where,
                 struct err *err)
{
    int rc;

    *rule = (struct rule){ .entry = entry };
    rule->whole = COLUMN_I64_MISSING;
    rc = compile(rule, adapter, err);
    if (rc)
        err_prefix(err, "%s: %s", adapter->file, where);
    return rc;
}
