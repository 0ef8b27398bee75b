/* lane_cycles.c - one command: what we know goes there, all comes back */
#include "workers/lane_cycles.h"

#include <unistd.h>

#include "core/text.h"
#include "workers/lane_run.h"
#include "workers/power_ledger.h"

/* Old files are deleted by their age there, which may be wrong: what is
 * younger is written again by whoever knows of it. */
static const char script[] =
    " && umask 0 && mkdir -p \"$d\" 2>/dev/null; cd \"$d\" || exit 0; "
    "find . -type f -mtime +2 -exec rm -f {} + 2>/dev/null; "
    "for e in $n; do [ -e \"$e\" ] || : >\"$e\"; done; ls | tail -n 64";

void lane_cycles_share(struct lane_board *b)
{
    struct buf command = { 0 }, folder = { 0 }, names = { 0 }, out = { 0 };
    int ledger;

    if (!b->setup->board->power_cycle.meter ||
        power_ledger_open(b->setup->board, &ledger, NULL))
        return;
    power_ledger_list(ledger, &names);
    buf_printf(&folder, "%s/.power/%s", b->lease.dir, b->setup->board->name);
    buf_printf(&command, "d=");
    text_quote_shell(&command, buf_text(&folder));
    buf_printf(&command, " n=");
    text_quote_shell(&command, buf_text(&names));
    buf_printf(&command, "%s", script);
    if (!buf_failed(&command) &&
        !lane_command(b, "the power ledger", buf_text(&command), LANE_SHORT_S,
                      &out, NULL))
        power_ledger_merge(ledger, out.data, out.len);
    close(ledger);
    buf_free(&command);
    buf_free(&folder);
    buf_free(&names);
    buf_free(&out);
}
