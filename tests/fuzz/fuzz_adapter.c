/* fuzz_adapter.c - an adapter file, whatever it is; its templates filled in */
#include "inventory/adapter.h"
#include "inventory/scope.h"
#include "tests/fuzz/fuzz.h"

static void fill(const struct adapter *a, const struct scope *scope)
{
    struct buf out = { 0 };

    for (size_t i = 0; i < a->jobs_len; i++) {
        if (a->jobs[i].run)
            scope_expand(scope, a->jobs[i].run, TEMPLATE_SHELL, &out, NULL);
        else
            scope_request(scope, &a->jobs[i].request, &out, NULL);
    }
    for (size_t i = 0; i < a->stage_len; i++)
        scope_stage_file(scope, a, &a->stage[i], &out, NULL);
    buf_free(&out);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "runner", "weights", "width", "wbits",
                                         "project_dir" };
    struct op_point point = { .at = { [AXIS_ID_batch] = { .there = true,
                                                          .i64 = 8 } } };
    struct axis axes[AXIS_FIXED];
    struct scope *scope = scope_create();
    struct adapter *a = NULL;
    struct buf reason = { 0 };

    for (size_t i = 0; i < AXIS_FIXED; i++)
        axes[i] = *axis_fixed(i);
    for (size_t i = 0; scope && i < sizeof(names) / sizeof(*names); i++)
        scope_set(scope, names[i], "it's {a} \"value\"", NULL);
    if (scope && !adapter_parse((const char *)data, size, "a", "/", &a, NULL)) {
        adapter_supports(a, axes, AXIS_FIXED, &point, &reason);
        fill(a, scope);
    }
    adapter_destroy(a);
    scope_destroy(scope);
    buf_free(&reason);
}
