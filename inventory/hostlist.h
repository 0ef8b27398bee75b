/* hostlist.h - names folded as tx2-[01-08],zcu[102,104] and n[0-10/2] */
#ifndef INVENTORY_HOSTLIST_H
#define INVENTORY_HOSTLIST_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

#define HOSTLIST_NAMES_MAX 65536
#define HOSTLIST_NAME_MAX  256 /* with the zero */

/* A name, and the numbers that its brackets stood for as they are written
 * ("01"), joined by '-' where there are several; "" without brackets. */
struct hostlist_name {
    char name[HOSTLIST_NAME_MAX];
    char number[64];
};

struct hostlist;

/* Expand a list: names separated by commas, each with brackets of numbers,
 * ranges (equal width where they start with a zero) and ranges with a step.
 * Returns 0 and a list for hostlist_destroy(); ERR_FORMAT (form, empty
 * range, more than HOSTLIST_NAMES_MAX names), ERR_NOMEM. */
int hostlist_expand(const char *text, struct hostlist **ret_list,
                    struct err *err);
void hostlist_destroy(struct hostlist *list); /* NULL is fine */
size_t hostlist_len(const struct hostlist *list);
/* The i-th name, in the order written; borrowed. */
const struct hostlist_name *hostlist_at(const struct hostlist *list, size_t i);

/* Append the names folded again, neighbours in ranges: "tx2-[01-08],ncs".
 * Names that differ in one number only are folded. */
void hostlist_fold(const char *const *names, size_t len, struct buf *out);

#endif
