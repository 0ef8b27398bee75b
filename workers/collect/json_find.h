/* json_find.h - JSON values in a tool's output, and places in them
 *
 * A value starts with '{' or '[' at the start of a line (blanks before it
 * are fine); log lines around it do not matter.
 */
#ifndef WORKERS_COLLECT_JSON_FIND_H
#define WORKERS_COLLECT_JSON_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/json.h"

/* A path, cut into steps: "execution_results.latency[0].p50",
 * "[*].computeMs" (every element), or ["any key"] where a key has dots. */
struct json_path;

/* Parse.  Returns 0 and a path for json_path_destroy(); ERR_FORMAT,
 * ERR_NOMEM. */
int json_path_parse(const char *text, struct json_path **ret_path,
                    struct err *err);
void json_path_destroy(struct json_path *path); /* NULL is fine */

/* Whether it has a "[*]", and so yields a list; whether it starts in an
 * array rather than an object. */
bool json_path_is_list(const struct json_path *path);
bool json_path_wants_array(const struct json_path *path);

/* The last whole JSON object (or array) of a text.  Returns 0 and a document
 * for json_doc_destroy(); ERR_NOT_FOUND with a sentence that says what is
 * there instead, ERR_FORMAT with one if what is there was meant to be JSON but
 * is cut off or broken; ERR_NOMEM. */
int json_find_last(const char *text, size_t len, bool array,
                   struct json_doc **ret_doc, struct err *err);

/* Call 'each' for every place that the path leads to, in order; stops at the
 * first that returns non-zero and returns that.  ERR_NOT_FOUND with the step
 * that leads nowhere and the nearest key. */
int json_path_walk(const struct json_path *path, const struct json *root,
                   int (*each)(void *ctx, const struct json *at,
                               struct err *err),
                   void *ctx, struct err *err);

#endif
