/* fair_words.c - CITATION.cff, Dublin Core, DataCite and the page for people */
#include "orchestrator/archive/fair_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

static int done(const struct buf *out, struct err *err)
{
    return buf_failed(out) ? err_set(err, ERR_NOMEM, "no memory for a bundle")
                           : 0;
}

/* A JSON string, which is a YAML one too. */
static void quoted_put(struct buf *out, const char *text)
{
    struct json_value *value = json_new_string(text);

    if (json_print(value, false, out, NULL))
        out->failed = true;
    json_value_destroy(value);
}

static void line_put(struct buf *out, const char *key, const char *text)
{
    if (!*text)
        return;
    buf_printf(out, "%s: ", key);
    quoted_put(out, text);
    buf_put_u8(out, '\n');
}

static void xml_put(struct buf *out, const char *element, const char *text)
{
    if (!*text)
        return;
    buf_printf(out, "  <dc:%s>", element);
    for (; *text; text++) {
        const char *entity = *text == '&'   ? "&amp;"
                             : *text == '<' ? "&lt;"
                             : *text == '>' ? "&gt;"
                                            : NULL;

        if (entity)
            buf_put(out, entity, strlen(entity));
        else
            buf_put_u8(out, (uint8_t)*text);
    }
    buf_printf(out, "</dc:%s>\n", element);
}

/* An SPDX identifier has no blanks. */
static bool is_spdx(const char *licence)
{
    return *licence && !licence[strcspn(licence, " /:")];
}

static void author_put(struct buf *out, const char *author)
{
    const char *blank = strrchr(author, ' ');
    char given[256];

    if (!blank) {
        buf_printf(out, "  - name: ");
        quoted_put(out, author);
        buf_put_u8(out, '\n');
        return;
    }
    snprintf(given, sizeof(given), "%.*s", (int)(blank - author), author);
    buf_printf(out, "  - family-names: ");
    quoted_put(out, blank + 1);
    buf_printf(out, "\n    given-names: ");
    quoted_put(out, given);
    buf_put_u8(out, '\n');
}

int fair_citation(const struct fair_about *about, struct buf *out,
                  struct err *err)
{
    char urn[64];

    buf_printf(out, "cff-version: 1.2.0\n"
                    "message: \"If you use these measurements, please cite "
                    "them as below.\"\ntype: dataset\n");
    line_put(out, "title", about->title);
    line_put(out, "abstract", about->description);
    buf_printf(out, "authors:\n");
    for (size_t i = 0; i < about->authors_len; i++)
        author_put(out, about->authors[i]);
    if (!about->authors_len)
        author_put(out, *about->lab ? about->lab : "unknown");
    if (is_spdx(about->licence))
        line_put(out, "license", about->licence);
    line_put(out, "date-released", about->published);
    snprintf(urn, sizeof(urn), "urn:uuid:%s", about->uuid);
    buf_printf(out,
               "identifiers:\n  - type: other\n    value: \"%s\"\n"
               "    description: \"the campaign\"\n",
               urn);
    return done(out, err);
}

int fair_dublin_core(const struct fair_about *about, struct buf *out,
                     struct err *err)
{
    char urn[64];

    buf_printf(out,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<oai_dc:dc "
               "xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\"\n"
               "           xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n");
    xml_put(out, "title", about->title);
    for (size_t i = 0; i < about->authors_len; i++)
        xml_put(out, "creator", about->authors[i]);
    xml_put(out, "subject", "neural network inference benchmark");
    xml_put(out, "description", about->description);
    xml_put(out, "publisher", about->lab);
    xml_put(out, "date", about->created_utc);
    xml_put(out, "type", "Dataset");
    xml_put(out, "format", "application/x-hdf5");
    snprintf(urn, sizeof(urn), "urn:uuid:%s", about->uuid);
    xml_put(out, "identifier", urn);
    xml_put(out, "language", "en");
    xml_put(out, "rights", about->licence);
    buf_printf(out, "</oai_dc:dc>\n");
    return done(out, err);
}

/* [{"key": text, ...more}] */
static struct json_value *one_of(const char *key, const char *text,
                                 const char *more_key, const char *more)
{
    struct json_value *list = json_new_array(), *item = json_new_object();

    json_set_string(item, key, text);
    if (more_key)
        json_set_string(item, more_key, more);
    json_push(list, item);
    return list;
}

int fair_datacite(const struct fair_about *about, struct buf *out,
                  struct err *err)
{
    struct json_value *all = json_new_object(), *item = json_new_object();
    struct json_value *creators = json_new_array();
    char urn[64];
    int rc;

    snprintf(urn, sizeof(urn), "urn:uuid:%s", about->uuid);
    json_set_string(all, "schemaVersion",
                    "http://datacite.org/schema/kernel-4");
    json_set(all, "identifiers",
             one_of("identifier", urn, "identifierType", "URN"));
    for (size_t i = 0; i < about->authors_len; i++) {
        struct json_value *creator = json_new_object();

        json_set_string(creator, "name", about->authors[i]);
        json_push(creators, creator);
    }
    json_set(all, "creators", creators);
    json_set(all, "titles", one_of("title", about->title, NULL, NULL));
    json_set_string(item, "name", about->lab);
    json_set(all, "publisher", item);
    json_set_i64(all, "publicationYear", strtoll(about->published, NULL, 10));
    item = json_new_object();
    json_set_string(item, "resourceTypeGeneral", "Dataset");
    json_set(all, "types", item);
    json_set(all, "dates",
             one_of("date", about->created_utc, "dateType", "Created"));
    json_set(all, "rightsList", one_of("rights", about->licence, NULL, NULL));
    json_set(all, "descriptions",
             one_of("description", about->description, "descriptionType",
                    "Abstract"));
    rc = json_print(all, true, out, err);
    json_value_destroy(all);
    buf_put_u8(out, '\n');
    return rc ? rc : done(out, err);
}

int fair_readme(const struct fair_about *about, struct buf *out,
                struct err *err)
{
    buf_printf(out, "# %s\n\n%s%s", about->title, about->description,
               *about->description ? "\n\n" : "");
    buf_printf(out,
               "%zu cells, %zu of them ok, %zu attempts. Lab: %s. Licence: "
               "%s. Begun %s, campaign %s.\n\n",
               about->cells, about->ok, about->attempts,
               *about->lab ? about->lab : "not said",
               *about->licence ? about->licence : "not said",
               about->created_utc, about->uuid);
    if (about->redacted)
        buf_printf(out,
                   "Hosts, users, addresses, paths, key names and serial "
                   "numbers are replaced by words such as `host-1`, the same "
                   "one wherever it stands. A version of four numbers looks "
                   "like an address and is replaced too.\n\n");
    buf_printf(
        out,
        "`archive.h5` holds everything as columns of numbers, words apart; "
        "`cells.csv`, `attempts.csv` and `power_runs.csv` are its tables, "
        "`*-columns.csv` say type, unit and meaning of each column. `journal` "
        "is what the archive was made from (labsweep reads the folder as a "
        "campaign). `sha256sum -c SHA256SUMS` checks all of it.\n\n"
        "```python\nimport pandas as pd\ncells = "
        "pd.read_csv(\"cells.csv\")\n```\n");
    return done(out, err);
}
