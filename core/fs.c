/* fs.c - files and folders */
#include "core/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int fs_read_file(const char *path, size_t max, struct buf *content,
                 struct err *err)
{
    size_t start = content->len;
    uint8_t block[65536];
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

    if (fd < 0)
        return err_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                             "cannot open '%s'", path);
    while (!rc && (got = read(fd, block, sizeof(block))) > 0) {
        if (content->len - start + (size_t)got > max)
            rc = err_set(err, ERR_FORMAT, "'%s' is longer than %zu bytes", path,
                         max);
        else
            buf_put(content, block, (size_t)got);
    }
    if (got < 0)
        rc = err_set_errno(err, ERR_IO, "cannot read '%s'", path);
    else if (!rc && buf_failed(content))
        rc = err_set(err, ERR_NOMEM, "no memory to read '%s'", path);
    close(fd);
    if (rc)
        content->len = start;
    return rc;
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t put = write(fd, data, len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        data += put;
        len -= (size_t)put;
    }
    return 0;
}

int fs_write_atomic(const char *path, const void *data, size_t len,
                    struct err *err)
{
    char temp[FS_PATH_MAX], dir[FS_PATH_MAX];
    int fd, rc = 0;

    if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= (int)sizeof(temp))
        return err_set(err, ERR_IO, "path '%s' is too long", path);
    fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "cannot create '%s'", temp);
    if (fchmod(fd, 0644) || write_all(fd, data, len) || fsync(fd))
        rc = err_set_errno(err, ERR_IO, "cannot write '%s'", temp);
    if (close(fd) && !rc)
        rc = err_set_errno(err, ERR_IO, "cannot close '%s'", temp);
    if (!rc && rename(temp, path))
        rc = err_set_errno(err, ERR_IO, "cannot rename to '%s'", path);
    if (rc) {
        unlink(temp);
        return rc;
    }
    fs_dirname(path, dir, sizeof(dir));
    return fs_sync_dir(dir, err);
}

int fs_make_dirs(const char *path, struct err *err)
{
    char part[FS_PATH_MAX];
    size_t len = strlen(path);

    if (len >= sizeof(part))
        return err_set(err, ERR_IO, "path '%s' is too long", path);
    for (size_t i = 1; i <= len; i++) {
        if (i < len && path[i] != '/')
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, 0755) && errno != EEXIST)
            return err_set_errno(err, ERR_IO, "cannot make folder '%s'", part);
    }
    return 0;
}

int fs_sync_dir(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

    if (fd < 0 || fsync(fd))
        rc = err_set_errno(err, ERR_IO, "cannot sync folder '%s'", path);
    if (fd >= 0)
        close(fd);
    return rc;
}

bool fs_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool fs_is_file(const char *path)
{
    struct stat st;

    return !stat(path, &st) && !S_ISDIR(st.st_mode);
}

bool fs_join(char *path, size_t size, const char *dir, const char *name)
{
    int len;

    if (name[0] == '/' || !*dir)
        len = snprintf(path, size, "%s", name);
    else
        len = snprintf(path, size, "%s/%s", dir, name);
    return len >= 0 && (size_t)len < size;
}

void fs_dirname(const char *path, char *dir, size_t size)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        snprintf(dir, size, ".");
    else if (slash == path)
        snprintf(dir, size, "/");
    else
        snprintf(dir, size, "%.*s", (int)(slash - path), path);
}

const char *fs_basename(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

int fs_program_dir(char *dir, size_t size, struct err *err)
{
    char path[FS_PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (len < 0)
        return err_set_errno(err, ERR_IO, "cannot read /proc/self/exe");
    path[len] = 0;
    fs_dirname(path, dir, size);
    return 0;
}
