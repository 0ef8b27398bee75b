/* adapter_parts.h - the pieces that adapter.c is put together from
 *
 * For the files of this room only.
 */
#ifndef INVENTORY_ADAPTER_PARTS_H
#define INVENTORY_ADAPTER_PARTS_H

#include "core/err.h"
#include "core/json.h"
#include "inventory/adapter.h"

/* A template: a string without lone braces; stays where nothing is there.
 * Returns 0 or ERR_FORMAT. */
int adapter_read_template(const struct json *at, const char **value,
                          struct err *err);

/* {"run", "pattern", "expect"}.  Returns 0 or ERR_FORMAT. */
int adapter_read_probe(const struct json *at, bool may_expect,
                       struct adapter_probe *probe, struct err *err);

/* "values", "stage", "build" and "op_mode" of the file's root.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int adapter_read_before(const struct json *root, struct adapter *adapter,
                        struct err *err);

/* One job; 'name' is used where it has none, NULL: it must have one.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int adapter_read_job(const struct json *at, const char *name,
                     struct adapter *adapter, struct adapter_job *ret_job,
                     struct err *err);

/* "collect", "derive", "valid", "samples" and "accuracy" of the file's
 * root, whose jobs are read.  Returns 0, ERR_FORMAT, ERR_NOMEM. */
int adapter_read_after(const struct json *root, struct adapter *adapter,
                       struct err *err);

#endif
