/* texts.h - the texts a campaign is made of: read from files, or kept
 *
 * Parsers ask here for every file.  While it is open for files a text is read
 * once and kept; the whole can be written as one JSON object into a journal,
 * and read back, so that replay never needs the files again.
 */
#ifndef EXPERIMENTS_TEXTS_H
#define EXPERIMENTS_TEXTS_H

#include <stddef.h>

#include "core/err.h"
#include "core/json.h"

#define TEXTS_FILE_MAX (16u << 20)

struct texts;

/* One text: what it is ("experiment", "topology", "inventory", "adapter"),
 * the name it is referred to by, the absolute folder that relative paths in
 * it start from, and its bytes with a zero after them. */
struct text {
    const char *role, *name, *base_dir, *text;
    size_t len;
};

/* Empty and open for files.  Returns it for texts_destroy(), or NULL
 * without memory. */
struct texts *texts_create(void);
void texts_destroy(struct texts *texts); /* NULL is fine */

/* The text 'name' of 'role', borrowed: the kept one, else read from 'path'
 * (relative to the working folder; base_dir becomes its folder).  A 'texts'
 * that came from JSON reads no file.
 * Returns 0, ERR_NOT_FOUND, ERR_IO, ERR_FORMAT (longer than TEXTS_FILE_MAX),
 * ERR_NOMEM. */
int texts_open(struct texts *texts, const char *role, const char *name,
               const char *path, const struct text **ret_text, struct err *err);

/* Keep a text that no file holds (copied).  Returns 0 or ERR_NOMEM. */
int texts_add(struct texts *texts, const char *role, const char *name,
              const char *base_dir, const char *text, size_t len,
              struct err *err);

/* The kept text 'name' of 'role', or the first of 'role' if 'name' is NULL;
 * borrowed; NULL if there is none. */
const struct text *texts_find(const struct texts *texts, const char *role,
                              const char *name);

/* The i-th kept text in order of keeping, or NULL. */
const struct text *texts_at(const struct texts *texts, size_t i);

/* All of it as one JSON value, for json_value_destroy(), and back (frozen:
 * no file is read any more).  Return NULL without memory; 0, ERR_FORMAT,
 * ERR_NOMEM. */
struct json_value *texts_to_json(const struct texts *texts);
int texts_from_json(const struct json *at, struct texts **ret_texts,
                    struct err *err);

#endif
