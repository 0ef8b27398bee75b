/* read.c - words and lists read with their place */
#include "inventory/read.h"

#include <string.h>

void *read_alloc(const struct json *at, struct pool *pool, size_t size,
                 struct err *err)
{
    void *found = pool_alloc(pool, json_len(at), size);

    if (!found)
        err_set(err, ERR_NOMEM, "no memory for %zu entries", json_len(at));
    return found;
}

int read_texts(const struct json *at, struct pool *pool,
               const char *const **ret_list, size_t *ret_len, struct err *err)
{
    const char **list = read_alloc(at, pool, sizeof(*list), err);
    size_t i = 0;
    int rc = json_there(at) ? json_expect(at, JSON_ARRAY, err) : 0;

    if (!list)
        return ERR_NOMEM;
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i))
        rc = json_string(&e, &list[i], err);
    if (!rc) {
        *ret_list = list;
        *ret_len = i;
    }
    return rc;
}

int read_unique(const struct json *at, struct err *err)
{
    size_t i = 0;

    for (struct json e = json_first(at); json_there(&e);
         e = json_next(at, &e, ++i)) {
        struct json first = json_get(at, json_key(&e));

        if (first.item != e.item)
            return json_fail(&e, err, "stands there twice");
    }
    return 0;
}
