/* vec.h - an array that grows: struct { T *at; size_t len, cap; }
 *
 *     VEC(struct event) events = { 0 };
 *     if (!VEC_PUSH(&events, event)) return err_set(err, ERR_NOMEM, ...);
 *     VEC_FREE(&events);
 */
#ifndef CORE_VEC_H
#define CORE_VEC_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define VEC(type)                                                              \
    struct {                                                                   \
        type *at;                                                              \
        size_t len, cap;                                                       \
    }

/* Append a value; false (and nothing changed) if there is no memory. */
#define VEC_PUSH(vec, value)                                                   \
    (vec_grow((void **)&(vec)->at, &(vec)->cap, (vec)->len + 1,                \
              sizeof((vec)->at[0]))                                            \
         ? ((vec)->at[(vec)->len++] = (value), true)                           \
         : false)

/* Make room for 'count' elements in all. */
#define VEC_RESERVE(vec, count)                                                \
    vec_grow((void **)&(vec)->at, &(vec)->cap, (count), sizeof((vec)->at[0]))

#define VEC_FREE(vec)                                                          \
    (vec_free((void **)&(vec)->at), (vec)->len = (vec)->cap = 0)

/* Used by the macros: grow '*at' to hold 'need' elements of 'size' bytes. */
bool vec_grow(void **at, size_t *cap, size_t need, size_t size);
void vec_free(void **at);

#endif
