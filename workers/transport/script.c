/* script.c - the script driver: canned replies from a JSON file
 *
 * Nothing is forked and nothing is waited for unless a reply says so, so
 * that a scheduler can be driven with thousands of cells a second.  The
 * form of the file is told in docs/transport.md.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/vec.h"
#include "workers/transport/driver.h"

#define SCRIPT_REPEAT_MAX 1000000000

struct reply {
    char *match; /* without the star */
    bool prefix; /* it had one */
    struct buf out, errout;
    int64_t repeat; /* how often 'out' is said */
    int64_t times;  /* how many commands may still have this reply */
    int exit_status, signal;
    int64_t delay_ns;
    bool hang, drop, echo;
};

struct script {
    struct transport base;
    VEC(struct reply) replies;
    bool dead; /* a reply with "drop" was given */
    int64_t last_group;
};

struct script_proc {
    struct proc base;
    const struct reply *reply;
    int64_t due_ns;  /* says nothing before */
    int64_t to_say;  /* how often stdout is still said */
    bool errout_due; /* stderr is still to be said */
    bool ended;      /* by kill, or at the end of an echo's input */
    int signal;      /* that ended it; 0: the reply's own end */
    struct buf echo, echo_lent;
};

static const struct reply no_reply = { .exit_status = 127, .repeat = 0 };

static struct script *script_of(struct transport *transport)
{
    return (struct script *)transport;
}

static struct script_proc *script_proc(struct proc *proc)
{
    return (struct script_proc *)proc;
}

static void script_close(struct transport *transport)
{
    struct script *script = script_of(transport);

    for (size_t i = 0; i < script->replies.len; i++) {
        free(script->replies.at[i].match);
        buf_free(&script->replies.at[i].out);
        buf_free(&script->replies.at[i].errout);
    }
    VEC_FREE(&script->replies);
    free(script);
}

static int reply_numbers(const struct json *row, struct reply *reply,
                         struct err *err)
{
    struct json times = json_get(row, "times"), exit = json_get(row, "exit");
    struct json signal = json_get(row, "signal");
    struct json repeat = json_get(row, "repeat");
    struct json delay = json_get(row, "delay_s");
    int64_t status = 0, number = 0;
    double delay_s = 0;

    reply->times = INT64_MAX;
    reply->repeat = 1;
    int rc = json_opt_i64(&times, 1, INT64_MAX, &reply->times, err);
    if (!rc)
        rc = json_opt_i64(&repeat, 0, SCRIPT_REPEAT_MAX, &reply->repeat, err);
    if (!rc)
        rc = json_opt_i64(&exit, 0, 255, &status, err);
    if (!rc)
        rc = json_opt_i64(&signal, 1, 64, &number, err);
    if (!rc)
        rc = json_opt_f64(&delay, &delay_s, err);
    if (!rc && !(delay_s >= 0 && delay_s < 1e6))
        rc = json_fail(&delay, err, "expected 0 to 1e6 seconds");
    reply->exit_status = (int)status;
    reply->signal = (int)number;
    reply->delay_ns = S_TO_NS(delay_s);
    return rc;
}

static int reply_texts(const struct json *row, struct reply *reply,
                       struct err *err)
{
    struct json match = json_get(row, "match"), out = json_get(row, "stdout");
    struct json errout = json_get(row, "stderr"), hang = json_get(row, "hang");
    struct json drop = json_get(row, "drop"), echo = json_get(row, "echo");
    const char *pattern = NULL, *text = "", *errtext = "";

    int rc = json_string(&match, &pattern, err);
    if (!rc)
        rc = json_opt_string(&out, &text, err);
    if (!rc)
        rc = json_opt_string(&errout, &errtext, err);
    if (!rc)
        rc = json_opt_bool(&hang, &reply->hang, err);
    if (!rc)
        rc = json_opt_bool(&drop, &reply->drop, err);
    if (!rc)
        rc = json_opt_bool(&echo, &reply->echo, err);
    if (rc)
        return rc;
    size_t len = strlen(pattern);
    reply->prefix = len && pattern[len - 1] == '*';
    reply->match = strndup(pattern, len - reply->prefix);
    buf_put(&reply->out, text, strlen(text));
    buf_put(&reply->errout, errtext, strlen(errtext));
    if (!reply->match || buf_failed(&reply->out) || buf_failed(&reply->errout))
        return err_set(err, ERR_NOMEM, "no memory for a reply");
    return 0;
}

static int add_reply(struct script *script, const struct json *row,
                     struct err *err)
{
    static const char *const keys[] = { "match", "stdout", "stderr",  "repeat",
                                        "exit",  "signal", "delay_s", "times",
                                        "hang",  "drop",   "echo",    NULL };
    struct reply reply = { 0 };

    int rc = json_expect(row, JSON_OBJECT, err);
    if (!rc)
        rc = json_check_keys(row, keys, err);
    if (!rc)
        rc = reply_numbers(row, &reply, err);
    if (!rc)
        rc = reply_texts(row, &reply, err);
    if (!rc && !VEC_PUSH(&script->replies, reply))
        rc = err_set(err, ERR_NOMEM, "no memory for a reply");
    if (rc) {
        free(reply.match);
        buf_free(&reply.out);
        buf_free(&reply.errout);
    }
    return rc;
}

/* The error that "open" asks for, to rehearse boards that are not there. */
static int scripted_open(const struct json *root, struct err *err)
{
    static const struct {
        const char *word;
        enum err_code code;
    } words[] = { { "refused", ERR_REFUSED },
                  { "timeout", ERR_TIMEOUT },
                  { "io", ERR_IO } };
    struct json open = json_get(root, "open");
    const char *word = "ok";

    int rc = json_opt_string(&open, &word, err);
    if (rc || !strcmp(word, "ok"))
        return rc;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(word, words[i].word))
            return err_set(err, words[i].code, "%s, as scripted", word);
    return json_fail(&open, err,
                     "found \"%s\", expected \"ok\", \"refused\", "
                     "\"timeout\" or \"io\"",
                     word);
}

static int read_script(struct script *script, const struct json *root,
                       struct err *err)
{
    static const char *const keys[] = { "open", "replies", NULL };
    struct json list = *root;
    size_t i = 0;
    int rc = 0;

    if (json_kind(root) == JSON_OBJECT) {
        rc = json_check_keys(root, keys, err);
        if (!rc)
            rc = scripted_open(root, err);
        list = json_get(root, "replies");
    }
    if (!rc)
        rc = json_expect(&list, JSON_ARRAY, err);
    for (struct json row = json_first(&list); !rc && json_there(&row);
         row = json_next(&list, &row, ++i))
        rc = add_reply(script, &row, err);
    return rc;
}

static int script_open(const struct transport_target *target,
                       struct transport **ret_transport, struct err *err)
{
    struct script *script;
    struct json_doc *doc = NULL;

    if (!target->script || !target->script[0])
        return err_set(err, ERR_USAGE,
                       "the script transport needs a file of replies");
    int rc = json_doc_read(target->script, &doc, err);
    if (rc)
        return rc;
    script = calloc(1, sizeof(*script));
    if (!script) {
        json_doc_destroy(doc);
        return err_set(err, ERR_NOMEM, "no memory for a transport");
    }
    struct json root = json_root(doc);
    rc = read_script(script, &root, err);
    json_doc_destroy(doc);
    if (rc)
        script_close(&script->base);
    else
        *ret_transport = &script->base;
    return rc;
}

static const struct reply *find_reply(struct script *script,
                                      const char *command)
{
    for (size_t i = 0; i < script->replies.len; i++) {
        struct reply *reply = &script->replies.at[i];
        bool fits = reply->prefix
                        ? !strncmp(command, reply->match, strlen(reply->match))
                        : !strcmp(command, reply->match);
        if (fits && reply->times > 0) {
            if (reply->times != INT64_MAX)
                reply->times--;
            return reply;
        }
    }
    return &no_reply;
}

static int script_dead(struct err *err)
{
    return err_set(err, ERR_IO, "link lost, as scripted");
}

static int script_start(struct transport *transport, const char *command,
                        struct proc **ret_proc, struct err *err)
{
    struct script *script = script_of(transport);

    if (script->dead)
        return script_dead(err);
    struct script_proc *proc = calloc(1, sizeof(*proc));
    if (!proc)
        return err_set(err, ERR_NOMEM, "no memory for a process");
    proc->reply = find_reply(script, command);
    proc->base.group = ++script->last_group;
    proc->to_say = proc->reply->out.len ? proc->reply->repeat : 0;
    proc->errout_due = proc->reply->errout.len || proc->reply == &no_reply;
    if (proc->reply->delay_ns)
        proc->due_ns = clock_mono_ns() + proc->reply->delay_ns;
    *ret_proc = &proc->base;
    return 0;
}

static void say(struct script_proc *proc, enum proc_event_kind kind,
                const void *data, size_t len, struct proc_event *ret_event)
{
    *ret_event = (struct proc_event){
        .kind = kind, .proc = &proc->base, .data = data, .len = len
    };
}

static bool end_event(struct script_proc *proc, struct proc_event *ret_event)
{
    const struct reply *reply = proc->reply;
    int signal = proc->signal ? proc->signal : reply->signal;

    if (!proc->ended && (reply->hang || reply->echo))
        return false;
    *ret_event =
        (struct proc_event){ .kind = PROC_EXIT,
                             .proc = &proc->base,
                             .exit_status = signal ? -1 : reply->exit_status,
                             .signal = signal };
    return true;
}

static bool script_event(struct script *script, struct script_proc *proc,
                         struct proc_event *ret_event)
{
    static const char unknown[] = "script: no reply for this command\n";
    const struct reply *reply = proc->reply;
    bool killed = proc->signal != 0;

    if (proc->base.over ||
        (!killed && proc->due_ns && clock_mono_ns() < proc->due_ns))
        return false;
    if (!killed && proc->to_say > 0) {
        proc->to_say--;
        say(proc, PROC_STDOUT, reply->out.data, reply->out.len, ret_event);
        return true;
    }
    if (!killed && proc->errout_due) {
        proc->errout_due = false;
        if (reply == &no_reply)
            say(proc, PROC_STDERR, unknown, sizeof(unknown) - 1, ret_event);
        else
            say(proc, PROC_STDERR, reply->errout.data, reply->errout.len,
                ret_event);
        return true;
    }
    if (proc->echo.len) {
        struct buf lent = proc->echo_lent;
        proc->echo_lent = proc->echo;
        proc->echo = lent;
        buf_clear(&proc->echo);
        say(proc, PROC_STDOUT, proc->echo_lent.data, proc->echo_lent.len,
            ret_event);
        return true;
    }
    if (!killed && reply->drop) {
        script->dead = true;
        return false;
    }
    return end_event(proc, ret_event);
}

/* When a process that waits for its delay will speak; INT64_MAX if none. */
static int64_t next_due(struct transport *transport, struct proc *only)
{
    int64_t due_ns = INT64_MAX;

    for (struct proc *p = only ? only : transport->procs; p;
         p = only ? NULL : p->next) {
        const struct script_proc *proc = script_proc(p);
        if (!p->over && (proc->to_say || proc->errout_due || !proc->ended) &&
            proc->due_ns > clock_mono_ns() && proc->due_ns < due_ns)
            due_ns = proc->due_ns;
    }
    return due_ns;
}

static int script_wait(struct transport *transport, struct proc *only,
                       struct pollfd *extra, size_t n_extra,
                       int64_t deadline_ns, struct proc_event *ret_event,
                       struct err *err)
{
    struct script *script = script_of(transport);
    bool fd_first = !transport->fd_was_last;

    if (n_extra)
        poll(extra, n_extra, 0);
    for (;;) {
        if (fd_first && transport_extra_event(extra, n_extra, ret_event))
            return 0;
        for (struct proc *p = only ? only : transport->procs;
             p && !script->dead; p = only ? NULL : p->next)
            if (script_event(script, script_proc(p), ret_event))
                return 0;
        if (script->dead)
            return script_dead(err);
        if (transport_extra_event(extra, n_extra, ret_event))
            return 0;
        int64_t due_ns = next_due(transport, only);
        if (deadline_ns < due_ns && clock_mono_ns() >= deadline_ns)
            return err_set(err, ERR_TIMEOUT, "nothing happened in time");
        poll(extra, n_extra,
             transport_poll_ms(due_ns < deadline_ns ? due_ns : deadline_ns));
    }
}

static int script_write(struct proc *base, const void *data, size_t len,
                        size_t *ret_written, struct err *err)
{
    struct script_proc *proc = script_proc(base);

    if (script_of(base->transport)->dead)
        return script_dead(err);
    if (proc->reply->echo && !proc->ended)
        buf_put(&proc->echo, data, len);
    *ret_written = len;
    return 0;
}

static int script_close_stdin(struct proc *base, struct err *err)
{
    struct script_proc *proc = script_proc(base);

    if (script_of(base->transport)->dead)
        return script_dead(err);
    if (proc->reply->echo)
        proc->ended = true;
    return 0;
}

static int script_kill_group(struct proc *base, int signal, struct err *err)
{
    struct script_proc *proc = script_proc(base);

    if (script_of(base->transport)->dead)
        return script_dead(err);
    if (base->over || proc->ended)
        return err_set(err, ERR_NOT_FOUND, "no process group %lld",
                       (long long)base->group);
    if (signal && signal != SIGCONT) {
        proc->ended = true;
        proc->signal = signal;
    }
    return 0;
}

static void script_release(struct proc *base)
{
    struct script_proc *proc = script_proc(base);

    buf_free(&proc->echo);
    buf_free(&proc->echo_lent);
    free(proc);
}

const struct transport_driver transport_script = {
    .name = "script",
    .help = "canned replies from a JSON file, for rehearsals and tests",
    .open = script_open,
    .close = script_close,
    .start = script_start,
    .wait = script_wait,
    .write = script_write,
    .close_stdin = script_close_stdin,
    .kill_group = script_kill_group,
    .release = script_release,
};
