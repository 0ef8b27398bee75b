/* h5_writer.c - an archive made from a journal, whole or not at all */
#include "orchestrator/archive/h5_writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/text.h"
#include "inventory/documents.h"
#include "orchestrator/archive/h5_archive.h"
#include "orchestrator/archive/h5_file.h"
#include "orchestrator/sched/plan.h"

static hid_t file_create(const char *path, struct err *err)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t create = H5Pcreate(H5P_FILE_CREATE), file = H5I_INVALID_HID;

    /* Nobody else knows the temporary, so no lock; V18 headers have
     * checksums, and anything since HDF5 1.8 reads them. */
    if (access >= 0 && create >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
        H5Pset_file_locking(access, false, true) >= 0 &&
        H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 &&
        H5Pset_link_creation_order(create, H5P_CRT_ORDER_TRACKED |
                                               H5P_CRT_ORDER_INDEXED) >= 0 &&
        H5Pset_obj_track_times(create, false) >= 0)
        file = H5Fcreate(path, H5F_ACC_TRUNC, create, access);
    h5_close(access);
    h5_close(create);
    if (file < 0)
        h5_fail(err, ERR_IO, "cannot create '%s'", path);
    return file;
}

/* Names of the axes, with blanks between. */
static void axes_text(const struct plan *plan, struct buf *out)
{
    size_t len;
    const struct axis *axes = plan_axes(plan, &len);

    for (size_t i = 0; i < len; i++)
        buf_printf(out, "%s%s", i ? " " : "", axes[i].name);
}

/* What the experiment says of itself; nothing if its documents cannot be
 * read any more. */
static int experiment_attrs(hid_t file, const struct campaign *campaign,
                            struct err *err)
{
    const char *text = campaign_documents(campaign);
    struct documents documents;
    struct buf authors = { 0 };
    int rc, known = !documents_from_json(text, strlen(text), &documents, NULL);
    const struct experiment *e = known ? documents.experiment : NULL;

    for (size_t i = 0; e && i < e->authors_len; i++)
        buf_printf(&authors, "%s%s", i ? "; " : "", e->authors[i]);
    rc = h5_attr_text(file, "title", e ? e->title : "", err);
    if (!rc)
        rc = h5_attr_text(file, "experiment", e ? e->name : "", err);
    if (!rc)
        rc = h5_attr_text(file, "lab",
                          !e        ? ""
                          : *e->lab ? e->lab
                                    : documents.inventory->lab,
                          err);
    if (!rc)
        rc = h5_attr_text(file, "license", e ? e->licence : "", err);
    if (!rc)
        rc = h5_attr_text(file, "creator_name", buf_text(&authors), err);
    buf_free(&authors);
    if (known)
        documents_close(&documents);
    return rc;
}

static int plan_attrs(hid_t file, const struct plan *plan, struct err *err)
{
    struct buf bytes = { 0 }, axes = { 0 };
    char hex[HASH_HEX];
    int rc = plan_encode(plan, &bytes, err);

    if (!rc) {
        hash_bytes(bytes.data, bytes.len, hex);
        axes_text(plan, &axes);
        rc = h5_attr_text(file, "plan_sha256", hex, err);
    }
    if (!rc)
        rc = h5_attr_text(file, "axes", buf_text(&axes), err);
    buf_free(&bytes);
    buf_free(&axes);
    return rc;
}

/* True if every cell that can run is ok. */
static bool complete(const struct campaign *campaign)
{
    size_t done = campaign_count(campaign, STATUS_OK) +
                  campaign_count(campaign, STATUS_NA) +
                  campaign_count(campaign, STATUS_RETIRED);

    return done == campaign_cells(campaign);
}

static int count_attrs(hid_t file, const struct campaign *campaign,
                       struct err *err)
{
    int8_t whole = complete(campaign);
    int rc = h5_attr_i64(file, "journal_records",
                         (int64_t)campaign_records(campaign), err);

    if (!rc)
        rc = h5_attr_i64(file, "journal_bytes",
                         (int64_t)campaign_bytes(campaign), err);
    if (!rc)
        rc = h5_attr_numbers(file, "complete", H5T_STD_I8LE, H5T_NATIVE_INT8,
                             &whole, 1, err);
    return rc;
}

static int root_attrs(hid_t file, const struct campaign *campaign,
                      struct err *err)
{
    const int32_t version[2] = { H5_FORMAT_MAJOR, H5_FORMAT_MINOR };
    int64_t created = campaign_created_unix_ns(campaign);
    char utc[32];
    int rc = h5_attr_text(file, "format", H5_FORMAT, err);

    if (!rc)
        rc = h5_attr_numbers(file, "format_version", H5T_STD_I32LE,
                             H5T_NATIVE_INT32, version, 2, err);
    if (!rc)
        rc = h5_attr_text(file, "Conventions", "CF-1.10", err);
    if (!rc)
        rc = h5_attr_text(file, "software", "labsweep " LABSWEEP_VERSION, err);
    if (!rc)
        rc = h5_attr_text(file, "campaign", campaign_uuid(campaign), err);
    if (!rc)
        rc = h5_attr_text(file, "created_utc", clock_format_utc(created, utc),
                          err);
    if (!rc)
        rc = h5_attr_i64(file, "created_unix_ns", created, err);
    if (!rc)
        rc = experiment_attrs(file, campaign, err);
    if (!rc)
        rc = plan_attrs(file, campaign_plan(campaign), err);
    if (!rc)
        rc = count_attrs(file, campaign, err);
    return rc;
}

/* A label table a text column, cleaned: what boards print is not always
 * UTF-8. */
static int labels_write(hid_t file, const struct table *labels, struct err *err)
{
    hid_t group = h5_group_create(file, "labels", err);
    int rc = group < 0 ? ERR_IO : 0;

    for (size_t i = 0; !rc && i < labels->count; i++) {
        const struct table_column *column = &labels->columns[i];
        char **clean = calloc(column->n_labels + 1, sizeof(*clean));
        struct buf text = { 0 };

        if (!clean)
            rc = err_set(err, ERR_NOMEM, "no memory for labels");
        for (size_t k = 0; !rc && k < column->n_labels; k++) {
            buf_clear(&text);
            text_clean_utf8(&text, column->labels[k],
                            strlen(column->labels[k]));
            clean[k] = strdup(buf_text(&text));
            if (!clean[k])
                rc = err_set(err, ERR_NOMEM, "no memory for labels");
        }
        if (!rc)
            rc = h5_texts_write(group, column->name, clean, column->n_labels,
                                err);
        for (size_t k = 0; clean && k < column->n_labels; k++)
            free(clean[k]);
        free(clean);
        buf_free(&text);
    }
    h5_close(group);
    return rc;
}

/* A text parsed as JSON, or as a string if it is none. */
static struct json_value *json_of(const char *text)
{
    struct json_doc *doc;
    struct json_value *value;
    struct json root;

    if (json_doc_parse(text, strlen(text), "facts", &doc, NULL))
        return NULL;
    root = json_root(doc);
    value = json_copy(&root);
    json_doc_destroy(doc);
    return value;
}

static struct json_value *boards_json(const struct campaign *campaign)
{
    struct json_value *boards = json_new_object(), *facts;
    struct campaign_board board;

    for (size_t i = 0; campaign_board_at(campaign, i, &board); i++) {
        facts = json_of(board.facts_json);
        if (facts)
            json_set(boards, board.board, facts);
        else
            json_set_string(boards, board.board, board.facts_json);
    }
    return boards;
}

static struct json_value *notes_json(const struct campaign *campaign)
{
    struct json_value *notes = json_new_array();
    const struct record_note *note;
    char utc[32];

    for (size_t i = 0; (note = campaign_note_at(campaign, i)); i++) {
        struct json_value *item = json_new_object();

        json_set_string(item, "utc", clock_format_utc(note->when_unix_ns, utc));
        json_set_string(item, "note", note->text);
        json_push(notes, item);
    }
    return notes;
}

static struct json_value *before_json(const struct campaign *campaign)
{
    struct json_value *list = json_new_array(), *value;
    const char *text;

    for (size_t i = 0; (text = campaign_amendment_at(campaign, i)); i++) {
        value = json_of(text);
        json_push(list, value ? value : json_new_object());
    }
    return list;
}

/* Write a JSON value (taken over) as a text. */
static int json_write(hid_t group, const char *name, const char *long_name,
                      struct json_value *own_value, struct err *err)
{
    struct buf text = { 0 }, clean = { 0 };
    int rc = json_print(own_value, false, &text, err);

    if (!rc) {
        text_clean_utf8(&clean, text.data, text.len);
        rc = h5_text_write(group, name, buf_text(&clean), long_name, err);
    }
    json_value_destroy(own_value);
    buf_free(&text);
    buf_free(&clean);
    return rc;
}

static int provenance_write(hid_t file, const struct campaign *campaign,
                            struct err *err)
{
    hid_t group = h5_group_create(file, "provenance", err);
    int rc = group < 0 ? ERR_IO : 0;

    if (!rc)
        rc = h5_text_write(group, "campaign_json", campaign_json(campaign),
                           "the campaign: UUID, instant, host, software", err);
    if (!rc)
        rc =
            h5_text_write(group, "documents_json", campaign_documents(campaign),
                          "experiment, inventory and adapters as given", err);
    if (!rc)
        rc = json_write(group, "replaced_documents_json",
                        "documents that amendments replaced",
                        before_json(campaign), err);
    if (!rc)
        rc = json_write(group, "boards_json",
                        "facts read from the boards, measured rooflines",
                        boards_json(campaign), err);
    if (!rc)
        rc = json_write(group, "notes_json", "notes of persons and coordinator",
                        notes_json(campaign), err);
    h5_close(group);
    return rc;
}

static int content_write(struct h5_archive *archive, struct err *err)
{
    size_t cells = campaign_cells(archive->campaign);
    int rc = root_attrs(archive->file, archive->campaign, err);

    archive->labels = table_create(0);
    archive->accepted = malloc((cells + 1) * sizeof(*archive->accepted));
    if (!rc && (!archive->labels || !archive->accepted))
        rc = err_set(err, ERR_NOMEM, "no memory for %zu cells", cells);
    for (size_t i = 0; !rc && i < cells; i++)
        archive->accepted[i] =
            (struct h5_accepted){ COLUMN_I64_MISSING,
                                  { COLUMN_I64_MISSING, 0 },
                                  { COLUMN_I64_MISSING, 0 },
                                  { COLUMN_I64_MISSING, 0 } };
    if (!rc)
        rc = h5_attempts_write(archive, err);
    if (!rc)
        rc = h5_cells_write(archive, err);
    if (!rc)
        rc = labels_write(archive->file, archive->labels, err);
    if (!rc)
        rc = provenance_write(archive->file, archive->campaign, err);
    table_destroy(archive->labels);
    free(archive->accepted);
    return rc;
}

/* Open and lock the temporary 'temp', so that what a killed publisher left is
 * used again and two of them never write one file.  Sets 'ret_fd'. */
static int temp_open(const char *temp, int *ret_fd, struct err *err)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    struct stat held, named;
    int fd;

    for (;;) {
        fd = open(temp, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0)
            return err_set_errno(err, ERR_IO, "cannot create '%s'", temp);
        if (fcntl(fd, F_OFD_SETLK, &lock)) {
            close(fd);
            return err_set(err, ERR_REFUSED,
                           "'%s' is being written by another process", temp);
        }
        /* the one before us may have renamed it since we opened it */
        if (!fstat(fd, &held) && !stat(temp, &named) &&
            held.st_ino == named.st_ino && held.st_dev == named.st_dev)
            break;
        close(fd);
    }
    *ret_fd = fd;
    return 0;
}

/* Write the archive to 'temp', open as 'fd', and wait for the disk. */
static int temp_write(const char *temp, int fd, const struct campaign *campaign,
                      struct err *err)
{
    struct h5_archive archive = { .campaign = campaign };
    int rc;

    archive.file = file_create(temp, err);
    if (archive.file < 0)
        return ERR_IO;
    rc = content_write(&archive, err);
    if (H5Fclose(archive.file) < 0 && !rc)
        rc = h5_fail(err, ERR_IO, "cannot close '%s'", temp);
    if (!rc && fsync(fd))
        rc = err_set_errno(err, ERR_IO, "cannot sync '%s'", temp);
    return rc;
}

int archive_publish_to(const char *dir, const char *path, struct err *err)
{
    char temp[FS_PATH_MAX], folder[FS_PATH_MAX];
    struct campaign *campaign;
    int fd = -1, rc;

    if (snprintf(temp, sizeof(temp), "%s.tmp", path) >= (int)sizeof(temp))
        return err_set(err, ERR_USAGE, "path '%s' is too long", path);
    h5_begin();
    rc = campaign_replay(dir, false, &campaign, err);
    if (rc)
        return rc;
    rc = temp_open(temp, &fd, err);
    if (!rc) {
        rc = temp_write(temp, fd, campaign, err);
        if (!rc && rename(temp, path))
            rc = err_set_errno(err, ERR_IO, "cannot rename '%s' to '%s'", temp,
                               path);
        if (rc)
            unlink(temp);
        close(fd);
    }
    campaign_destroy(campaign);
    if (rc)
        return rc;
    fs_dirname(path, folder, sizeof(folder));
    return fs_sync_dir(folder, err);
}

int archive_publish(const char *dir, struct err *err)
{
    char path[FS_PATH_MAX];

    if (!fs_join(path, sizeof(path), dir, CAMPAIGN_ARCHIVE))
        return err_set(err, ERR_USAGE, "path '%s' is too long", dir);
    return archive_publish_to(dir, path, err);
}
