/* table_quality.c - findings of every archive as rows */
#include "analysis/quality.h"
#include "report/report_data.h"

/* clang-format off */
static const struct sheet_column columns[] = {
    { "source",  "archive", "", SHEET_TEXT,   SHEET_PLAIN },
    { "weight",  "weight",  "", SHEET_TEXT,   SHEET_PLAIN },
    { "rule",    "rule",    "", SHEET_TEXT,   SHEET_PLAIN },
    { "subject", "about",   "", SHEET_TEXT,   SHEET_PLAIN },
    { "cells",   "points",  "", SHEET_NUMBER, SHEET_PLAIN },
    { "of",      "of",      "", SHEET_NUMBER, SHEET_PLAIN },
    { "text",    "finding", "", SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

static int put_source(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    struct findings findings;
    int rc = quality_check(&source->points, source->dataset, data->where,
                           source->facts, &findings, err);

    if (rc)
        return rc;
    for (size_t i = 0; i < findings.len && i < report_rows_max(data) / 10;
         i++) { /* worst first */
        const struct finding *finding = &findings.at[i];

        sheet_text(sheet, report_source_name(source));
        sheet_text(sheet, quality_weight_word(finding->weight));
        sheet_text(sheet, finding->rule);
        sheet_text(sheet, finding->subject);
        sheet_number(sheet, (double)finding->cells);
        sheet_number(sheet, (double)finding->of);
        sheet_text(sheet, finding->text);
    }
    quality_free(&findings);
    return 0;
}

int report_table_quality(const struct report_data *data,
                         struct sheet **ret_sheet, struct err *err)
{
    return report_table_make(data, columns, put_source, ret_sheet, err);
}
