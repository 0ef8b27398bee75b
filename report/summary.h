/* summary.h - the first screen: counts, boards, dates, provenance */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "core/buf.h"
#include "core/err.h"
#include "report/report_data.h"

/* Append a JSON array, an object an archive: name, lab, campaign, path,
 * counts of cells by status word, boards, provenances, platforms, instants
 * of the first and last attempt.  Returns 0 or ERR_NOMEM. */
int summary_sources(const struct report_data *data, struct buf *out,
                    struct err *err);

/* Append the sentences of the first screen, one a line. */
void summary_lead(const struct report_data *data, struct buf *out);

#endif
