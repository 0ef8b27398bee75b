/* h5_file.h - the little of HDF5 that writer and reader share: errors,
 * groups, attributes, texts
 */
#ifndef ORCHESTRATOR_ARCHIVE_H5_FILE_H
#define ORCHESTRATOR_ARCHIVE_H5_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <hdf5.h>

#include "core/err.h"

#define H5_FORMAT       "labsweep archive"
#define H5_FORMAT_MAJOR 1
#define H5_FORMAT_MINOR 0
#define H5_STAMP_UNITS  "nanoseconds since 1970-01-01T00:00:00Z"

/* Keep HDF5's exit handlers (seen to crash on a full disk) and its printing
 * of errors out of this process.  Call before anything else of HDF5. */
void h5_begin(void);

/* ERR_IO (ERR_FORMAT for reading) with the sentence and HDF5's own innermost
 * words.  Returns 'code'. */
int h5_fail(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Close an identifier of any kind; a negative one is fine. */
void h5_close(hid_t id);

/* A group with its links in order of creation.  Returns its identifier, or
 * negative with 'err' filled. */
hid_t h5_group_create(hid_t parent, const char *name, struct err *err);

/* Attributes of 'object': a UTF-8 text, and numbers.  Return 0 or ERR_IO. */
int h5_attr_text(hid_t object, const char *name, const char *text,
                 struct err *err);
int h5_attr_i64(hid_t object, const char *name, int64_t value, struct err *err);
/* 'count' values of file type 'type' from memory type 'memory'. */
int h5_attr_numbers(hid_t object, const char *name, hid_t type, hid_t memory,
                    const void *values, size_t count, struct err *err);

/* A scalar UTF-8 text as a data set, for texts of any length.  Returns 0 or
 * ERR_IO. */
int h5_text_write(hid_t group, const char *name, const char *text,
                  const char *long_name, struct err *err);
/* A list of UTF-8 texts as a 1-D data set.  Returns 0 or ERR_IO. */
int h5_texts_write(hid_t group, const char *name, char *const *texts,
                   size_t count, struct err *err);

/* Read an attribute or a scalar text data set of group 'group'; 'ret_text'
 * is for free().  Return 0; ERR_NOT_FOUND; ERR_FORMAT if it is no text;
 * ERR_NOMEM. */
int h5_attr_text_read(hid_t object, const char *name, char **ret_text,
                      struct err *err);
int h5_text_read(hid_t group, const char *name, char **ret_text,
                 struct err *err);
/* Read a list of texts; each and the list are for free(). */
int h5_texts_read(hid_t group, const char *name, char ***ret_texts,
                  size_t *ret_count, struct err *err);

/* The length of the 1-D data set 'name' of 'group'.  Returns 0 and its open
 * identifier; ERR_NOT_FOUND; ERR_FORMAT if it is not 1-D. */
int h5_open_1d(hid_t group, const char *name, hid_t *ret_dataset,
               size_t *ret_count, struct err *err);

#endif
