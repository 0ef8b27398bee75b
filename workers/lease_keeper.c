/* lease_keeper.c - requests to a shell that stays */
#include "workers/lease_keeper.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/embed.h"
#include "core/text.h"
#include "workers/transport/transport_exec.h"

#define ANSWER_MAX ((size_t)64 << 10)

EMBEDDED(lease_keeper_sh);

/* Without comments and indentation: dropbear takes commands of 9000 bytes. */
static void put_script(struct buf *out)
{
    for (const char *line = lease_keeper_sh; *line;) {
        size_t len = strcspn(line, "\n"), blank = strspn(line, " ");

        if (blank < len && line[blank] != '#')
            buf_put(out, line + blank, len - blank + 1);
        line += len + (line[len] == '\n');
    }
}

void lease_keeper_command(const struct lease_words *w, struct buf *out)
{
    const char *const words[][2] = {
        { "dir", w->dir },           { "token", w->token }, { "name", w->name },
        { "campaign", w->campaign }, { "owner", w->owner }, { "host", w->host },
        { "reason", w->reason },     { "for", w->names },
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        buf_printf(out, "lease_%s=", words[i][0]);
        text_quote_shell(out, words[i][1]);
        buf_printf(out, "\n");
    }
    put_script(out);
}

/* A board with one channel a session refuses a second process. */
static bool allows_two(struct lease_keeper *k)
{
    struct exec_result result = { 0 };
    int rc = transport_exec(k->transport, ":", NULL, 0,
                            &(struct exec_limits){ .total_s = 30 }, -1, &result,
                            NULL);

    exec_result_free(&result);
    return rc != ERR_REFUSED;
}

int lease_keeper_open(struct lease_keeper *k, struct transport *transport,
                      void *tag, const struct lease_words *words,
                      struct err *err)
{
    struct buf command = { 0 };
    int rc;

    *k = (struct lease_keeper){ .transport = transport };
    lease_keeper_command(words, &command);
    if (!buf_failed(&command))
        k->command = strdup(buf_text(&command));
    buf_free(&command);
    if (!k->command)
        return err_set(err, ERR_NOMEM, "no memory for a lease");
    rc = transport_start(transport, k->command, tag, &k->proc, err);
    if (!rc && !allows_two(k)) {
        proc_release(k->proc);
        k->proc = NULL;
    }
    if (rc)
        lease_keeper_close(k);
    return rc;
}

void lease_keeper_close(struct lease_keeper *k)
{
    proc_release(k->proc);
    buf_free(&k->said);
    free(k->command);
    *k = (struct lease_keeper){ 0 };
}

void lease_keeper_hear(struct lease_keeper *k, const struct proc_event *ev)
{
    if (ev->kind == PROC_STDOUT && k->said.len + ev->len < ANSWER_MAX)
        buf_put(&k->said, ev->data, ev->len);
    else if (ev->kind == PROC_EXIT)
        k->ended = true;
}

/* Where the first answer's last line "." starts; SIZE_MAX: not whole. */
static size_t find_end(struct buf *said)
{
    const char *text = buf_text(said);

    for (size_t at = 0; at + 1 < said->len;) {
        const char *line = text + at, *end = memchr(line, '\n', said->len - at);

        if (!end)
            break;
        if (end == line + 1 && *line == '.')
            return at;
        at = (size_t)(end - text) + 1;
    }
    return SIZE_MAX;
}

static bool take_answer(struct lease_keeper *k, struct buf *out)
{
    size_t end = find_end(&k->said);

    if (end == SIZE_MAX)
        return false;
    buf_clear(out);
    buf_put(out, k->said.data, end);
    buf_consume(&k->said, end + 2);
    return true;
}

bool lease_keeper_answer(struct lease_keeper *k, struct buf *out)
{
    if (!k->pending || !take_answer(k, out))
        return false;
    k->pending--;
    return true;
}

/* A request is shorter than any window: what does not fit is a dead link. */
int lease_keeper_send(struct lease_keeper *k, const char *request,
                      bool answered, struct err *err)
{
    struct buf line = { 0 };
    size_t put = 0, len;
    int rc;

    if (!k->proc)
        return 0;
    buf_printf(&line, "%s\n", request);
    len = line.len;
    rc = proc_write(k->proc, line.data, len, &put, err);
    if (!rc && put < len)
        rc = err_set(err, ERR_IO, "the lease's keeper does not listen");
    k->pending += !rc && answered;
    buf_free(&line);
    return rc;
}

static int wait_answer(struct lease_keeper *k, int64_t until, struct buf *out,
                       struct err *err)
{
    struct proc_event ev;
    int rc = 0;

    while (!rc && !take_answer(k, out)) {
        if (k->ended)
            return err_set(err, ERR_IO, "the lease's keeper has ended");
        rc =
            transport_wait_for(k->transport, k->proc, NULL, 0, until, &ev, err);
        if (!rc)
            lease_keeper_hear(k, &ev);
    }
    return rc;
}

/* The whole talk in one command. */
static int ask_once(struct lease_keeper *k, const char *request, double limit_s,
                    struct buf *out, struct err *err)
{
    const struct exec_limits limits = { .total_s = limit_s,
                                        .max_stdout = ANSWER_MAX };
    struct exec_result result = { 0 };
    struct buf input = { 0 };
    int rc;

    buf_printf(&input, "%s\nleave\n", request);
    rc = transport_exec(k->transport, k->command, input.data, input.len,
                        &limits, -1, &result, err);
    if (!rc) {
        buf_clear(&k->said);
        buf_put(&k->said, result.out.data, result.out.len);
        if (!take_answer(k, out))
            rc = exec_result_check(&result, "the lease's keeper", err);
    }
    buf_free(&input);
    exec_result_free(&result);
    return rc;
}

int lease_keeper_ask(struct lease_keeper *k, const char *request,
                     double limit_s, struct buf *out, struct err *err)
{
    int64_t until = clock_mono_ns() + S_TO_NS(limit_s);
    int rc = 0;

    if (!k->proc)
        return ask_once(k, request, limit_s, out, err);
    for (; !rc && k->pending; k->pending -= !rc)
        rc = wait_answer(k, until, out, err);
    if (!rc)
        rc = lease_keeper_send(k, request, false, err);
    if (!rc)
        rc = wait_answer(k, until, out, err);
    if (!rc && buf_failed(out))
        rc = err_set(err, ERR_NOMEM, "no memory for a lease's answer");
    return rc;
}

const char *lease_answer_word(struct buf *answer, char word[16])
{
    const char *text = buf_text(answer), *line = text;
    size_t n = 0;

    for (const char *at = text; (at = strchr(at, '\n')) && at[1]; at++)
        line = at + 1;
    while (n < 15 && line[n] && !strchr(" \n", line[n])) {
        word[n] = line[n];
        n++;
    }
    word[n] = 0;
    return word;
}
