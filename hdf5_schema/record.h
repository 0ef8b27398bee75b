/* record.h - a row of a column table as bytes: journal and wire alike
 *
 * A row is written in the order of its column list: a presence bit a
 * column (least bit first), then the values that are there: text as u16
 * length and bytes, everything else eight bytes, little endian.  The list
 * itself travels first (journal head, wire set-up), so that a reader of
 * another version keeps what it knows and skips the rest.
 */
#ifndef HDF5_SCHEMA_RECORD_H
#define HDF5_SCHEMA_RECORD_H

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "hdf5_schema/columns.h"

/* A writer's column list, matched to ours. */
struct record_layout;

/* The columns of 'table' as JSON: [{"name", "type", "unit"}, ...]; owned by
 * the caller. */
struct json_value *record_layout_to_json(const struct column_table *table);

/* Match a stored list to 'table' (kept, not copied).  Returns 0 and a
 * layout for record_layout_destroy(); ERR_FORMAT if the list is not of its
 * form or a column of one name changed its type; ERR_NOMEM. */
int record_layout_from_json(const struct json *list,
                            const struct column_table *table,
                            struct record_layout **ret_layout, struct err *err);

/* Our own list, for writing and for a peer of the same version. */
int record_layout_own(const struct column_table *table,
                      struct record_layout **ret_layout, struct err *err);

/* Free a layout.  NULL is fine. */
void record_layout_destroy(struct record_layout *layout);

/* Columns of the writer that 'table' does not have, in its order. */
size_t record_layout_unknown(const struct record_layout *layout);

/* Append the row to 'out'. */
void record_encode(const struct column_table *table, const void *row,
                   struct buf *out);

/* Read a row at the cursor into 'row' (columns_clear()ed first).
 * Returns 0, or ERR_FORMAT if the bytes are not of the layout's form. */
int record_decode(const struct record_layout *layout, struct cursor *cur,
                  void *row, struct err *err);

#endif
