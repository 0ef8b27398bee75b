/* expr.c - a small parser, and a walk over its tree */
#include "workers/collect/expr.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "workers/collect/expr_rank.h"

#define NODES_MAX 512
#define DEPTH_MAX 64
#define NAME_MAX_ 64

enum node_kind {
    NODE_NUMBER,
    NODE_NAME,
    NODE_ADD,
    NODE_SUBTRACT,
    NODE_TIMES,
    NODE_OVER,
    NODE_MINUS,
    NODE_SUM,
    NODE_MEAN,
    NODE_COUNT,
    NODE_MIN,
    NODE_MAX,
    NODE_MEDIAN,
    NODE_P90,
    NODE_P99,
    NODE_ARGUMENT, /* a: this one, b: the next NODE_ARGUMENT or -1 */
};

struct node {
    enum node_kind kind;
    int a, b; /* operands, -1: none */
    double number;
    char name[NAME_MAX_];
};

struct expr {
    VEC(struct node) nodes;
    int root;
    char *text;
};

struct parser {
    struct expr *expr;
    const char *at;
    int depth;
    struct err *err;
};

static const struct {
    const char *name;
    enum node_kind kind;
} functions[] = {
    { "sum", NODE_SUM }, { "mean", NODE_MEAN }, { "count", NODE_COUNT },
    { "min", NODE_MIN }, { "max", NODE_MAX },   { "median", NODE_MEDIAN },
    { "p90", NODE_P90 }, { "p99", NODE_P99 },
};

static int parse_sum(struct parser *p, int *ret_node);

static int bad(struct parser *p, const char *what)
{
    return err_set(p->err, ERR_FORMAT,
                   "expression '%.120s': %s at character %td", p->expr->text,
                   what, p->at - p->expr->text + 1);
}

static void skip_blanks(struct parser *p)
{
    while (*p->at == ' ' || *p->at == '\t')
        p->at++;
}

static int add_node(struct parser *p, const struct node *node, int *ret_node)
{
    if (p->expr->nodes.len >= NODES_MAX)
        return bad(p, "too long");
    if (!VEC_PUSH(&p->expr->nodes, *node))
        return err_set(p->err, ERR_NOMEM, "no memory for an expression");
    *ret_node = (int)p->expr->nodes.len - 1;
    return 0;
}

static bool name_char(char c, bool first)
{
    if (isalpha((unsigned char)c) || c == '_')
        return true;
    return !first && (isdigit((unsigned char)c) || c == '.');
}

static int parse_number(struct parser *p, int *ret_node)
{
    struct node node = { .kind = NODE_NUMBER, .a = -1, .b = -1 };
    char digits[64];
    size_t n = 0;

    while (n < sizeof(digits) - 1 &&
           (isdigit((unsigned char)p->at[n]) || p->at[n] == '.' ||
            p->at[n] == 'e' || p->at[n] == 'E' ||
            (n && strchr("+-", p->at[n]) && strchr("eE", p->at[n - 1])))) {
        digits[n] = p->at[n];
        n++;
    }
    digits[n] = 0;
    if (!text_to_f64(digits, &node.number))
        return bad(p, "found no number, name or '('");
    p->at += n;
    return add_node(p, &node, ret_node);
}

/* The arguments of a function, up to its ')'. */
static int parse_arguments(struct parser *p, int *ret_node)
{
    int last = -1, first = -1, rc;

    do {
        struct node arg = { .kind = NODE_ARGUMENT, .b = -1 };
        int this;

        p->at += first >= 0; /* the comma */
        rc = parse_sum(p, &arg.a);
        if (!rc)
            rc = add_node(p, &arg, &this);
        if (rc)
            return rc;
        if (first < 0)
            first = this;
        else
            p->expr->nodes.at[last].b = this;
        last = this;
        skip_blanks(p);
    } while (*p->at == ',');
    if (*p->at != ')')
        return bad(p, "expected ',' or ')'");
    p->at++;
    *ret_node = first;
    return 0;
}

static int parse_name(struct parser *p, int *ret_node)
{
    struct node node = { .kind = NODE_NAME, .a = -1, .b = -1 };
    size_t n = 0, i;
    int rc;

    while (name_char(p->at[n], n == 0)) {
        if (n + 1 == sizeof(node.name))
            return bad(p, "name is too long");
        node.name[n] = p->at[n];
        n++;
    }
    p->at += n;
    skip_blanks(p);
    if (*p->at != '(')
        return add_node(p, &node, ret_node);
    for (i = 0; i < ARRAY_LEN(functions); i++)
        if (!strcmp(functions[i].name, node.name))
            break;
    if (i == ARRAY_LEN(functions))
        return bad(p, "functions are sum, mean, count, min, max, median, "
                      "p90 and p99; found another");
    node.kind = functions[i].kind;
    p->at++;
    rc = parse_arguments(p, &node.a);
    if (!rc && node.kind != NODE_MIN && node.kind != NODE_MAX &&
        p->expr->nodes.at[node.a].b >= 0)
        return bad(p, "this function takes one argument");
    return rc ? rc : add_node(p, &node, ret_node);
}

static int parse_atom(struct parser *p, int *ret_node)
{
    struct node node = { .kind = NODE_MINUS, .b = -1 };
    int rc;

    if (++p->depth > DEPTH_MAX)
        return bad(p, "nested too deeply");
    skip_blanks(p);
    if (*p->at == '-') {
        p->at++;
        rc = parse_atom(p, &node.a);
        if (!rc)
            rc = add_node(p, &node, ret_node);
    } else if (*p->at == '(') {
        p->at++;
        rc = parse_sum(p, ret_node);
        skip_blanks(p);
        if (!rc && *p->at != ')')
            rc = bad(p, "expected ')'");
        p->at += !rc;
    } else if (name_char(*p->at, true)) {
        rc = parse_name(p, ret_node);
    } else {
        rc = parse_number(p, ret_node);
    }
    p->depth--;
    return rc;
}

static int parse_product(struct parser *p, int *ret_node)
{
    int rc = parse_atom(p, ret_node);

    for (skip_blanks(p); !rc && (*p->at == '*' || *p->at == '/');
         skip_blanks(p)) {
        struct node node = { .kind = *p->at == '*' ? NODE_TIMES : NODE_OVER,
                             .a = *ret_node };

        p->at++;
        rc = parse_atom(p, &node.b);
        if (!rc)
            rc = add_node(p, &node, ret_node);
    }
    return rc;
}

static int parse_sum(struct parser *p, int *ret_node)
{
    int rc = parse_product(p, ret_node);

    for (skip_blanks(p); !rc && (*p->at == '+' || *p->at == '-');
         skip_blanks(p)) {
        struct node node = { .kind = *p->at == '+' ? NODE_ADD : NODE_SUBTRACT,
                             .a = *ret_node };

        p->at++;
        rc = parse_product(p, &node.b);
        if (!rc)
            rc = add_node(p, &node, ret_node);
    }
    return rc;
}

int expr_parse(const char *text, struct expr **ret_expr, struct err *err)
{
    struct expr *expr = calloc(1, sizeof(*expr));
    struct parser p = { .expr = expr, .err = err };
    int rc;

    if (!expr || !(expr->text = strdup(text))) {
        expr_destroy(expr);
        return err_set(err, ERR_NOMEM, "no memory for an expression");
    }
    p.at = expr->text;
    rc = parse_sum(&p, &expr->root);
    if (!rc && *p.at)
        rc = bad(&p, "expected an operator");
    if (rc) {
        expr_destroy(expr);
        return rc;
    }
    *ret_expr = expr;
    return 0;
}

void expr_destroy(struct expr *expr)
{
    if (!expr)
        return;
    VEC_FREE(&expr->nodes);
    free(expr->text);
    free(expr);
}

/* ---- the walk: a struct quantity whose 'at' is ours, NULL while checking */

struct walk {
    const struct expr *expr;
    const struct expr_names *names;
    bool checking;
    struct err *err;
};

static int visit(const struct walk *w, int index, struct quantity *ret);

static int complain(const struct walk *w, const char *what)
{
    return err_set(w->err, ERR_FORMAT, "expression '%.120s': %s", w->expr->text,
                   what);
}

static int make(const struct walk *w, bool is_list, size_t len,
                struct quantity *ret)
{
    ret->is_list = is_list;
    ret->len = len;
    ret->at = NULL;
    if (w->checking)
        return 0;
    ret->at = calloc(len ? len : 1, sizeof(double));
    return ret->at ? 0 : complain(w, "no memory");
}

static int visit_name(const struct walk *w, const struct node *node,
                      struct quantity *ret)
{
    struct quantity found = { 0 };
    int rc = w->names->find(w->names->ctx, node->name, &found, w->err);

    if (rc)
        return rc;
    rc = make(w, found.is_list, found.is_list ? found.len : 1, ret);
    ret->dimension = found.dimension;
    if (!rc && !w->checking && ret->len)
        memcpy(ret->at, found.at, ret->len * sizeof(double));
    return rc;
}

static int combine(const struct walk *w, enum node_kind kind, double a,
                   double b, double *ret_value)
{
    if (kind == NODE_OVER && b == 0)
        return complain(w, "division by zero");
    if (kind == NODE_ADD)
        *ret_value = a + b;
    else if (kind == NODE_SUBTRACT)
        *ret_value = a - b;
    else if (kind == NODE_TIMES)
        *ret_value = a * b;
    else
        *ret_value = a / b;
    return 0;
}

static int dimensions_of(const struct walk *w, enum node_kind kind,
                         const struct quantity *a, const struct quantity *b,
                         struct dimension *ret)
{
    char left[64], right[64], words[200];

    if (kind == NODE_TIMES || kind == NODE_OVER) {
        *ret = dimension_times(&a->dimension, &b->dimension,
                               kind == NODE_TIMES ? 1 : -1);
        return 0;
    }
    *ret = a->dimension.known ? a->dimension : b->dimension;
    if (dimension_fits(&a->dimension, &b->dimension))
        return 0;
    snprintf(words, sizeof(words), "cannot add or compare '%s' and '%s'",
             dimension_format(&a->dimension, left),
             dimension_format(&b->dimension, right));
    return complain(w, words);
}

static int visit_pair(const struct walk *w, const struct node *node,
                      struct quantity *ret)
{
    struct quantity a = { 0 }, b = { 0 };
    int rc = visit(w, node->a, &a);

    if (!rc)
        rc = visit(w, node->b, &b);
    if (!rc)
        rc = dimensions_of(w, node->kind, &a, &b, &ret->dimension);
    if (!rc && !w->checking && a.is_list && b.is_list && a.len != b.len)
        rc = complain(w, "two lists of different lengths");
    if (!rc)
        rc = make(w, a.is_list || b.is_list, a.is_list ? a.len : b.len, ret);
    for (size_t i = 0; !rc && !w->checking && i < ret->len; i++)
        rc = combine(w, node->kind, a.at[a.is_list ? i : 0],
                     b.at[b.is_list ? i : 0], &ret->at[i]);
    free(a.at);
    free(b.at);
    return rc;
}

/* One list, or the arguments of min() and max() one by one. */
struct fold {
    double value, count;
};

static void fold_one(enum node_kind kind, double value, struct fold *fold)
{
    bool first = fold->count == 0;

    fold->count += 1;
    if (first)
        fold->value = value;
    else if (isnan(value) || isnan(fold->value))
        fold->value = NAN;
    else if (kind == NODE_MIN)
        fold->value = value < fold->value ? value : fold->value;
    else if (kind == NODE_MAX)
        fold->value = value > fold->value ? value : fold->value;
    else
        fold->value += value;
}

static int visit_fold(const struct walk *w, const struct node *node,
                      struct quantity *ret)
{
    struct fold fold = { 0 };
    struct quantity sum = { 0 };
    int rc = 0;

    for (int arg = node->a; !rc && arg >= 0; arg = w->expr->nodes.at[arg].b) {
        struct quantity a = { 0 };

        rc = visit(w, w->expr->nodes.at[arg].a, &a);
        if (!rc && arg != node->a)
            rc = dimensions_of(w, NODE_ADD, &sum, &a, &sum.dimension);
        else
            sum.dimension = a.dimension;
        for (size_t i = 0; !rc && !w->checking && i < a.len; i++)
            fold_one(node->kind, a.at[i], &fold);
        free(a.at);
    }
    if (!rc)
        rc = make(w, false, 1, ret);
    ret->dimension = sum.dimension;
    if (node->kind == NODE_COUNT)
        ret->dimension = (struct dimension){ .known = true };
    if (rc || w->checking)
        return rc;
    ret->at[0] = fold.count > 0 ? fold.value : NAN;
    if (node->kind == NODE_MEAN && fold.count > 0)
        ret->at[0] = fold.value / fold.count;
    if (node->kind == NODE_COUNT)
        ret->at[0] = fold.count;
    return 0;
}

static int visit_rank(const struct walk *w, const struct node *node,
                      struct quantity *ret)
{
    int percent = node->kind == NODE_P99   ? 99
                  : node->kind == NODE_P90 ? 90
                                           : 50;
    struct quantity list = { 0 };
    int rc = visit(w, w->expr->nodes.at[node->a].a, &list);

    if (!rc)
        rc = make(w, false, 1, ret);
    ret->dimension = list.dimension;
    if (!rc && !w->checking)
        ret->at[0] = expr_rank(list.at, list.len, percent);
    free(list.at);
    return rc;
}

static int visit(const struct walk *w, int index, struct quantity *ret)
{
    const struct node *node = &w->expr->nodes.at[index];
    int rc;

    switch (node->kind) {
    case NODE_NUMBER:
        rc = make(w, false, 1, ret);
        ret->dimension = (struct dimension){ .known = true };
        if (!rc && !w->checking)
            ret->at[0] = node->number;
        return rc;
    case NODE_NAME:
        return visit_name(w, node, ret);
    case NODE_ADD:
    case NODE_SUBTRACT:
    case NODE_TIMES:
    case NODE_OVER:
        return visit_pair(w, node, ret);
    case NODE_MINUS:
        rc = visit(w, node->a, ret);
        for (size_t i = 0; !rc && !w->checking && i < ret->len; i++)
            ret->at[i] = -ret->at[i];
        return rc;
    case NODE_SUM:
    case NODE_MEAN:
    case NODE_COUNT:
    case NODE_MIN:
    case NODE_MAX:
        return visit_fold(w, node, ret);
    case NODE_MEDIAN:
    case NODE_P90:
    case NODE_P99:
        return visit_rank(w, node, ret);
    case NODE_ARGUMENT:
        break;
    }
    return complain(w, "is broken");
}

int expr_check(const struct expr *expr, const struct expr_names *names,
               struct dimension *ret_dimension, struct err *err)
{
    struct walk w = { expr, names, true, err };
    struct quantity q = { 0 };
    int rc = visit(&w, expr->root, &q);

    if (!rc && q.is_list)
        rc = complain(&w, "is a list; a column takes one number: sum(), "
                          "mean(), min() or max() of it");
    if (!rc)
        *ret_dimension = q.dimension;
    return rc;
}

int expr_eval(const struct expr *expr, const struct expr_names *names,
              double *ret_value, struct err *err)
{
    struct walk w = { expr, names, false, err };
    struct quantity q = { 0 };
    int rc = visit(&w, expr->root, &q);

    if (!rc && (q.is_list || q.len != 1))
        rc = complain(&w, "is a list; a column takes one number");
    if (!rc && isinf(q.at[0]))
        rc = complain(&w, "the result is too large for a number");
    if (!rc)
        *ret_value = q.at[0];
    free(q.at);
    return rc;
}
