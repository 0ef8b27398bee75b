/* lane_program.c - once for all cells that need the same */
#include "workers/lane_program.h"

#include <stdlib.h>
#include <string.h>

#define PROGRAM_LIMIT_S 600.0

void lane_program_forget(struct lane_board *b)
{
    free(b->programmed);
    b->programmed = NULL;
}

static int verify(struct lane_board *b, struct scope *scope, struct err *err)
{
    const struct adapter_probe *probe =
        &b->setup->board->adapter->program.verify;
    struct buf command = { 0 }, out = { 0 }, expected = { 0 };
    char found[LANE_WORD_MAX];
    int rc;

    if (!probe->run)
        return 0;
    rc = scope_expand(scope, probe->run, TEMPLATE_SHELL, &command, err);
    if (!rc)
        rc = lane_command(b, "reading back what is loaded", buf_text(&command),
                          LANE_SHORT_S, &out, err);
    if (!rc)
        rc = collect_first(probe->pattern, out.data, out.len, found,
                           sizeof(found), err);
    if (!rc && probe->expect)
        rc = scope_expand(scope, probe->expect, TEMPLATE_RAW, &expected, err);
    if (rc && !b->link_lost && rc != ERR_NOMEM) {
        err_prefix(err, "what is loaded cannot be verified");
        rc = ERR_REFUSED;
    } else if (!rc && probe->expect && strcmp(buf_text(&expected), found)) {
        rc = err_set(err, ERR_REFUSED, "'%s' is loaded, expected '%s'", found,
                     buf_text(&expected));
    }
    buf_free(&command);
    buf_free(&out);
    buf_free(&expected);
    return rc;
}

int lane_program(struct lane_board *b, struct scope *scope, struct err *err)
{
    const struct adapter_program *program = &b->setup->board->adapter->program;
    struct buf command = { 0 };
    int rc;

    if (!program->run)
        return 0;
    rc = scope_expand(scope, program->run, TEMPLATE_SHELL, &command, err);
    if (!rc && b->programmed && !strcmp(b->programmed, buf_text(&command)))
        goto out;
    lane_program_forget(b);
    if (!rc)
        rc = lane_command(b, "loading", buf_text(&command), PROGRAM_LIMIT_S,
                          NULL, err);
    if (!rc)
        rc = verify(b, scope, err);
    if (!rc)
        b->programmed = strdup(buf_text(&command));
out:
    buf_free(&command);
    return rc;
}
