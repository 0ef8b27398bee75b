/* archives.h - the archives that a command was given, read, with what is
 * known of their platforms */
#ifndef ORCHESTRATOR_CMD_ARCHIVES_H
#define ORCHESTRATOR_CMD_ARCHIVES_H

#include <stddef.h>

#include "analysis/facts.h"
#include "analysis/points.h"
#include "core/err.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/options.h"
#include "report/sheet.h"

struct archives {
    struct dataset **datasets;
    struct facts *facts; /* of each dataset */
    size_t len;
};

/* Read every positional word of 'options' from the 'first' on (an archive
 * file or a campaign folder) with 'flags' of archive_read(), and the facts
 * they hold.  Returns 0 and archives for archives_close(); ERR_USAGE without
 * a word; as archive_read(). */
int archives_open(const struct options *options, size_t first, unsigned flags,
                  struct archives *ret_archives, struct err *err);
/* Whether all that was asked of them came: columns are read when they are
 * asked for, so ask before anything is printed.  Returns 0, or why not. */
int archives_check(const struct archives *archives, struct err *err);
void archives_close(struct archives *archives);

/* The value of --scope, compute if not given.  Returns 0 or ERR_USAGE. */
int archives_scope(const struct options *options, enum scope_kind *ret_scope,
                   struct err *err);

/* Refuse --json beside --csv.  Returns 0 or ERR_USAGE. */
int archives_one_form(const struct options *options, struct err *err);

/* Print a sheet's rows as the command's JSON value.  Returns 0, ERR_NOMEM. */
int archives_print_json(const struct invocation *inv, const struct sheet *sheet,
                        struct err *err);

#endif
