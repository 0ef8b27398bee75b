/* page.c - parts of a page put in their places */
#include "report/page.h"

#include <string.h>

#include "core/embed.h"
#include "core/vec.h"

EMBEDDED(report_frame_html);
EMBEDDED(report_page_css);
EMBEDDED(report_prepare_js);
EMBEDDED(report_base_js);
EMBEDDED(report_chart_js);
EMBEDDED(report_render_js);
EMBEDDED(report_js_vega);
EMBEDDED(report_js_vega_lite);
EMBEDDED(report_js_vega_embed);

static void put_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '<' || *text == '&')
            buf_printf(out, *text == '<' ? "&lt;" : "&amp;");
        else
            buf_put_u8(out, (uint8_t)*text);
    }
}

static int put_parts(const struct page *page, const char *html, struct buf *out,
                     struct err *err);

static void put_scripts(const struct page *page, struct buf *out)
{
    for (size_t i = 0; i < PAGE_SCRIPTS_MAX && page->scripts[i]; i++)
        buf_printf(out, "<script>%s</script>\n", page->scripts[i]);
}

struct file {
    const char *name, *text;
    uint64_t len;
};

static int put_file(const struct file *files, size_t n, const char *name,
                    struct buf *out, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(name, files[i].name)) {
            buf_put(out, files[i].text, (size_t)files[i].len);
            return 0;
        }
    return err_set(err, ERR_FORMAT, "the page has no part '%s'", name);
}

/* The part of the page that "{{name}}" stands for. */
static int put_part(const struct page *page, const char *name, struct buf *out,
                    struct err *err)
{
    const struct file files[] = {
        { "css", report_page_css, report_page_css_len },
        { "base", report_base_js, report_base_js_len },
        { "prepare", report_prepare_js, report_prepare_js_len },
        { "vega", report_js_vega, report_js_vega_len },
        { "vega-lite", report_js_vega_lite, report_js_vega_lite_len },
        { "vega-embed", report_js_vega_embed, report_js_vega_embed_len },
        { "chart", report_chart_js, report_chart_js_len },
        { "data", page->data, strlen(page->data) },
    };

    if (!strcmp(name, "body"))
        return put_parts(page, page->body, out, err);
    if (!strcmp(name, "title"))
        put_escaped(out, page->title);
    else if (!strcmp(name, "scripts"))
        put_scripts(page, out);
    else
        return put_file(files, ARRAY_LEN(files), name, out, err);
    return 0;
}
static int put_parts(const struct page *page, const char *html, struct buf *out,
                     struct err *err)
{
    const char *at = html, *open;
    int rc = 0;

    while (!rc && (open = strstr(at, "{{"))) {
        const char *close = strstr(open, "}}");
        char name[32] = "";

        if (!close || (size_t)(close - open) - 2 >= sizeof(name))
            return err_set(err, ERR_FORMAT, "a part of the page has no end");
        memcpy(name, open + 2, (size_t)(close - open) - 2);
        buf_put(out, at, (size_t)(open - at));
        rc = put_part(page, name, out, err);
        at = close + 2;
    }
    buf_put(out, at, strlen(at));
    return rc;
}

int page_print(const struct page *page, struct buf *out, struct err *err)
{
    int rc = put_parts(page, report_frame_html, out, err);

    if (!rc && buf_failed(out))
        rc = err_set(err, ERR_NOMEM, "no memory for the page");
    return rc;
}

const char *report_script_at(size_t i, const char **ret_text, size_t *ret_len)
{
    const struct {
        const char *name, *text;
        uint64_t len;
    } scripts[] = {
        { "vega.js", report_js_vega, report_js_vega_len },
        { "vega-lite.js", report_js_vega_lite, report_js_vega_lite_len },
        { "prepare.js", report_prepare_js, report_prepare_js_len },
        { "render.js", report_render_js, report_render_js_len },
    };

    if (i >= ARRAY_LEN(scripts))
        return NULL;
    *ret_text = scripts[i].text;
    *ret_len = (size_t)scripts[i].len;
    return scripts[i].name;
}
