/* mem.c - aligned memory and whole files */
#include "runner/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HUGE_FROM  ((size_t)1 << 20)
#define HUGE_ALIGN ((size_t)2 << 20)

void *mem_alloc(size_t bytes)
{
    size_t align = bytes >= HUGE_FROM ? HUGE_ALIGN : MEM_ALIGN;
    size_t whole;
    void *p;

    if (bytes > PTRDIFF_MAX - HUGE_ALIGN - MEM_ALIGN)
        return NULL;
    whole = mem_round(bytes + MEM_ALIGN, MEM_ALIGN);
    p = aligned_alloc(align, mem_round(whole, align));
    if (!p)
        return NULL;
    if (align == HUGE_ALIGN)
        (void)madvise(p, mem_round(whole, align), MADV_HUGEPAGE);
    memset(p, 0, whole);
    return p;
}

size_t mem_mul(size_t a, size_t b)
{
    size_t r;

    return __builtin_mul_overflow(a, b, &r) ? SIZE_MAX : r;
}

static int read_all(int fd, const char *path, const char *what, size_t len,
                    uint8_t *data, struct fail *fail)
{
    for (size_t at = 0; at < len;) {
        ssize_t got = read(fd, data + at, len - at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_set_errno(fail, FAIL_IO, "cannot read %s %s", what,
                                  path);
        if (got == 0)
            return fail_set(fail, FAIL_IO,
                            "%s %s became shorter while it was read", what,
                            path);
        at += (size_t)got;
    }
    return 0;
}

int mem_read_file(const char *path, const char *what, size_t max,
                  uint8_t **ret_data, size_t *ret_len, struct fail *fail)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
    uint8_t *data = NULL;
    struct stat st;

    if (fd < 0)
        return fail_set_errno(fail, FAIL_IO, "cannot open %s %s", what, path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        fail_set(fail, FAIL_IO, "%s %s is not a regular file", what, path);
        goto out;
    }
    if ((uintmax_t)st.st_size > max) {
        fail_set(fail, FAIL_FORMAT,
                 "%s %s has %jd bytes, at most %zu make sense", what, path,
                 (intmax_t)st.st_size, max);
        goto out;
    }
    data = malloc((size_t)st.st_size + 1);
    if (!data) {
        fail_set(fail, FAIL_NOMEM, "no memory for %s %s (%jd bytes)", what,
                 path, (intmax_t)st.st_size);
        goto out;
    }
    rc = read_all(fd, path, what, (size_t)st.st_size, data, fail);
    if (rc)
        goto out;
    *ret_data = data;
    *ret_len = (size_t)st.st_size;
    data = NULL;
out:
    free(data);
    close(fd);
    return rc;
}
