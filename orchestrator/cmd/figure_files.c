/* figure_files.c - figures as files, and node to draw them */
#include "orchestrator/cmd/figure_files.h"

#include <dirent.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/fs.h"
#include "report/figures.h"
#include "report/page.h"

extern char **environ;

static int write_named(const char *dir, const char *name, const char *suffix,
                       const void *text, size_t len, struct err *err)
{
    char file[96], path[FS_PATH_MAX];

    snprintf(file, sizeof(file), "%s%s", name, suffix);
    if (!fs_join(path, sizeof(path), dir, file))
        return err_set(err, ERR_USAGE, "path '%.80s' is too long", dir);
    return fs_write_atomic(path, text, len, err);
}

static int write_table(const struct report_data *data,
                       const struct report_table *table, const char *dir,
                       struct err *err)
{
    struct buf text = { 0 };
    struct sheet *sheet = NULL;
    int rc = table->make(data, &sheet, err);

    if (!rc)
        rc = sheet_print_json(sheet, &text, err);
    if (!rc)
        rc = write_named(dir, table->name, ".json", text.data, text.len, err);
    sheet_destroy(sheet);
    buf_free(&text);
    return rc;
}

static int write_all(const struct report_data *data, const char *dir,
                     struct err *err)
{
    const struct report_table *table;
    const struct figure *figure;
    int rc = fs_make_dirs(dir, err);

    for (size_t i = 0; !rc && (figure = figure_at(i)); i++) {
        struct buf text = { 0 };

        figure_print_spec(figure, data, &text);
        rc = write_named(dir, figure->id, ".vl.json", text.data, text.len, err);
        buf_free(&text);
    }
    for (size_t i = 0; !rc && (table = report_table_at(i)); i++)
        rc = write_table(data, table, dir, err);
    return rc;
}

static int data_of(const struct archives *archives, const char *where,
                   unsigned flags, struct report_data *data, struct err *err)
{
    return report_data_create((const struct dataset *const *)archives->datasets,
                              archives->len, archives->facts, where, flags,
                              data, err);
}

int figure_files_write(const struct archives *archives, const char *where,
                       unsigned flags, const char *dir, struct err *err)
{
    struct report_data data;
    int rc = data_of(archives, where, flags, &data, err);

    if (rc)
        return rc;
    rc = write_all(&data, dir, err);
    report_data_free(&data);
    return rc;
}

/* node with the scripts of 'from'; its words go to standard error. */
static int run_node(const char *from, const char *to, const char *scope,
                    struct err *err)
{
    char script[FS_PATH_MAX];
    char *const words[] = { (char[]){ "node" },       script,
                            (char *)(uintptr_t)from,  (char *)(uintptr_t)to,
                            (char *)(uintptr_t)scope, NULL };
    int status, failed;
    pid_t pid;

    fs_join(script, sizeof(script), from, "render.js");
    failed = posix_spawnp(&pid, "node", NULL, NULL, words, environ);
    if (failed)
        return err_set(err, ERR_NOT_FOUND,
                       "cannot run node, which draws SVG: %s",
                       strerror(failed));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return err_set(err, ERR_IO, "node is lost: %s", strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(err, ERR_IO, "node could not draw the figures");
    return 0;
}

/* Remove a folder of plain files. */
static void remove_folder(const char *dir)
{
    DIR *open = opendir(dir);
    const struct dirent *entry;
    char path[FS_PATH_MAX];

    while (open && (entry = readdir(open)))
        if (entry->d_name[0] != '.' &&
            fs_join(path, sizeof(path), dir, entry->d_name))
            unlink(path);
    if (open)
        closedir(open);
    rmdir(dir);
}

static int draw_from(const struct report_data *data, const char *from,
                     const char *to, struct err *err)
{
    enum scope_kind scope = SCOPE_KIND_SYS; /* compute, where there is any */
    const char *name, *text;
    size_t len;
    int rc = write_all(data, from, err);

    for (size_t i = 0; i < data->len; i++)
        if (data->sources[i].best_len[SCOPE_KIND_COMP])
            scope = SCOPE_KIND_COMP;
    for (size_t i = 0; !rc && (name = report_script_at(i, &text, &len)); i++)
        rc = write_named(from, name, "", text, len, err);
    if (!rc)
        rc = fs_make_dirs(to, err);
    if (!rc)
        rc = run_node(from, to, scope_kind_word(scope), err);
    return rc;
}

int figure_files_draw(const struct archives *archives, const char *where,
                      unsigned flags, const char *dir, struct err *err)
{
    const char *tmp = getenv("TMPDIR");
    struct report_data data;
    char from[FS_PATH_MAX];
    int rc = data_of(archives, where, flags, &data, err);

    if (rc)
        return rc;
    snprintf(from, sizeof(from), "%s/labsweep-svg-XXXXXX",
             tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(from)) {
        rc = err_set(err, ERR_IO, "cannot make '%.120s': %s", from,
                     strerror(errno));
    } else {
        rc = draw_from(&data, from, dir, err);
        remove_folder(from);
    }
    report_data_free(&data);
    return rc;
}
