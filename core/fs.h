/* fs.h - files and folders: whole reads, atomic writes, paths */
#ifndef CORE_FS_H
#define CORE_FS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

#define FS_PATH_MAX 4096

/* Append the whole of 'path' to 'content', refusing more than 'max' bytes.
 * Returns 0, ERR_NOT_FOUND, ERR_IO, ERR_FORMAT (too long). */
int fs_read_file(const char *path, size_t max, struct buf *content,
                 struct err *err);

/* Replace 'path' by 'len' bytes: temporary name, fsync, rename, fsync of
 * the folder; a reader sees the old or the new content, whole.
 * Returns 0 or ERR_IO. */
int fs_write_atomic(const char *path, const void *data, size_t len,
                    struct err *err);

/* Make 'path' and its parents (mode 0755).  Returns 0 or ERR_IO. */
int fs_make_dirs(const char *path, struct err *err);

/* fsync the folder 'path', so that renames in it are durable.
 * Returns 0 or ERR_IO. */
int fs_sync_dir(const char *path, struct err *err);

/* True if something lies at 'path', of any kind, links followed. */
bool fs_exists(const char *path);

/* True if what lies at 'path' is no folder. */
bool fs_is_file(const char *path);

/* 'dir'/'name', or 'name' alone if it is absolute or 'dir' is "" ; cut at
 * 'size' bytes.  False if it did not fit. */
bool fs_join(char *path, size_t size, const char *dir, const char *name);

/* The folder part of 'path' ("." if it has none), into 'dir'. */
void fs_dirname(const char *path, char *dir, size_t size);

/* The last part of a path, borrowed from it. */
const char *fs_basename(const char *path);

/* The folder that the running program lies in.  Returns 0 or ERR_IO. */
int fs_program_dir(char *dir, size_t size, struct err *err);

#endif
