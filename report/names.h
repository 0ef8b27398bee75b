/* names.h - what things are called where several archives, provenances or
 * networks stand on one page: never alike if they are not the same
 */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

#include "report/report_data.h"

/* Find out what names must tell apart; once all sources are prepared.
 * Returns 0 or ERR_NOMEM. */
int names_prepare(struct report_data *data, struct err *err);
void names_free(struct report_data *data);

/* A point's unit as the head of a panel or line, cut at 'size': what the
 * meter saw behind it if 'metered', the network where there are several, and
 * the provenance, or else the archive, where another has that unit, too.
 * Returns 'text'. */
char *name_panel(const struct report_data *data,
                 const struct report_source *source, const struct point *point,
                 bool metered, char *text, size_t size);

/* point_label(), with the network behind it where there are several. */
char *name_label(const struct report_data *data, const struct point *point,
                 char *text, size_t size);

/* " (published)": which of several archives a unit's row is of; "" if there
 * is but one.  Returns 'text'. */
char *name_apart(const struct report_data *data,
                 const struct report_source *source, const struct point *point,
                 char *text, size_t size);

/* Begin a sentence about a source with a capital 'word', "" if it begins with
 * a number or a name: "Batching", or "mine (emulated): batching" where there
 * are several sources. */
void name_begin(const struct report_data *data,
                const struct report_source *source, const char *word,
                struct buf *out);

#endif
