/* page.h - a page that needs no network: a template and its parts
 *
 * It holds data, scripts and the libraries that draw; it loads nothing, and
 * its content security policy forbids it to.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

#define PAGE_SCRIPTS_MAX 4

/* What a page adds to the frame that all pages have (frame.html). */
struct page {
    const char *body;  /* HTML, may name parts as {{title}} */
    const char *title; /* text, escaped here */
    const char *data;  /* JSON, safe in a script element */
    const char *scripts[PAGE_SCRIPTS_MAX]; /* its own, in their order */
};

/* Append 'page', every part in its place.  Returns 0; ERR_FORMAT if the
 * body names a part that there is not; ERR_NOMEM. */
int page_print(const struct page *page, struct buf *out, struct err *err);

/* The i-th script that draws figures outside a page: its file name, text and
 * length; render.js is the one to run.  NULL beyond the last. */
const char *report_script_at(size_t i, const char **ret_text, size_t *ret_len);

#endif
