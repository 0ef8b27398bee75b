/* lane_facts.c - what an adapter wants to know of the board itself */
#include "workers/lane_facts.h"

#include <stdlib.h>
#include <string.h>

#define FACT_LIMIT_S 60.0
#define FACT_MAX     (256u << 10)

static const struct adapter *adapter_of(const struct lane_board *b)
{
    return b->setup->board->adapter;
}

/* The text as an object, or an object that says why not. */
static struct json_value *to_object(const struct buf *text, const char *why)
{
    struct json_doc *doc = NULL;
    struct json_value *value = NULL;
    struct err err = { 0 };

    if (!why && text->len > FACT_MAX)
        why = "printed too much";
    if (!why && json_doc_parse(text->data, text->len, "output", &doc, &err))
        why = err.text;
    if (!why) {
        struct json root = json_root(doc);

        if (json_expect(&root, JSON_OBJECT, &err))
            why = err.text;
        else
            value = json_copy(&root);
    }
    if (!value) {
        value = json_new_object();
        json_set_string(value, "error", why);
    }
    json_doc_destroy(doc);
    return value;
}

static int learn(struct lane_board *b, const struct scope *scope,
                 const struct adapter_fact *fact, struct err *err)
{
    struct buf command = { 0 }, out = { 0 };
    struct known_fact known = { .name = fact->name };
    struct err why = { 0 };
    int rc = scope_expand(scope, fact->run, TEMPLATE_SHELL, &command, &why);

    if (!rc)
        rc = lane_command(b, fact->name, buf_text(&command), FACT_LIMIT_S, &out,
                          &why);
    if (b->link_lost || lane_cancelled(b, NULL)) {
        *err = why;
    } else {
        known.value = to_object(&out, rc ? why.text : NULL);
        rc = VEC_PUSH(&b->known, known)
                 ? 0
                 : err_set(err, ERR_NOMEM, "no memory for facts");
        if (rc)
            json_value_destroy(known.value);
    }
    buf_free(&command);
    buf_free(&out);
    return rc;
}

int lane_facts_learn(struct lane_board *b, const struct scope *scope,
                     struct err *err)
{
    const struct adapter *adapter = adapter_of(b);
    int rc = 0;

    if (b->known.len >= adapter->facts_len)
        return 0;
    while (!rc && b->known.len < adapter->facts_len)
        rc = learn(b, scope, &adapter->facts[b->known.len], err);
    if (!rc)
        b->learnt(b->ctx);
    return rc;
}

void lane_facts_free(struct lane_board *b)
{
    for (size_t i = 0; i < b->known.len; i++)
        json_value_destroy(b->known.at[i].value);
    VEC_FREE(&b->known);
}
