/* power_ledger.c - files whose names are all they hold */
#include "workers/power_ledger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/text.h"

#define AHEAD_NS  S_TO_NS(60) /* that another clock may be */
#define NAME_MAX_ 48

/* A folder for everybody; one that is there stays as it is. */
static int make_open(const char *dir)
{
    return mkdir(dir, 0777) ? -1 : chmod(dir, 0777);
}

int power_ledger_open(const struct board *board, int *ret_dir, struct err *err)
{
    char path[FS_PATH_MAX], name[300];
    const char *root = board->power_cycle.ledger;

    snprintf(name, sizeof(name), "%s@%s", board->name,
             board->host ? board->host : "");
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '_' : *c;
    if (!fs_join(path, sizeof(path), root, name))
        return err_set(err, ERR_IO, "the path of the power ledger is too long");
    if (make_open(root) && errno == ENOENT &&
        (fs_make_dirs(root, err) || chmod(root, 0777)))
        return ERR_IO;
    (void)make_open(path);
    *ret_dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *ret_dir >= 0
               ? 0
               : err_set_errno(err, ERR_IO, "cannot open the power ledger '%s'",
                               path);
}

int power_ledger_add(int dir, const char *word, int64_t t_ns, struct err *err)
{
    char name[NAME_MAX_];
    int fd;

    snprintf(name, sizeof(name), "%s-%" PRId64, word, t_ns);
    fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0 || fsync(dir))
        err_set_errno(err, ERR_IO, "cannot write the power ledger");
    else
        return close(fd) ? ERR_IO : 0;
    if (fd >= 0)
        close(fd);
    return ERR_IO;
}

/* The instant of WORD-INSTANT; 0: another word, or no instant. */
static int64_t instant_of(const char *name, const char *word)
{
    size_t len = strlen(word);
    int64_t t_ns;

    return !strncmp(name, word, len) && name[len] == '-' &&
                   text_to_i64(name + len + 1, &t_ns) && t_ns > 0
               ? t_ns
               : 0;
}

/* Call 'each' for every event of a word, with its instant. */
static void walk(int dir, const char *word,
                 void (*each)(void *ctx, int64_t t_ns), void *ctx)
{
    int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = own >= 0 ? fdopendir(own) : NULL;
    struct dirent *e;

    while (entries && (e = readdir(entries))) {
        int64_t t_ns = instant_of(e->d_name, word);

        if (t_ns)
            each(ctx, t_ns);
    }
    if (entries)
        closedir(entries);
    else if (own >= 0)
        close(own);
}

/* A walk's question and what it found. */
struct look {
    int dir;
    const char *word;
    int64_t from_ns, to_ns;
    size_t count;
    struct buf *out; /* names go here; NULL: they do not */
};

static void remove_one(const struct look *look, int64_t t_ns)
{
    char name[NAME_MAX_];

    snprintf(name, sizeof(name), "%s-%" PRId64, look->word, t_ns);
    (void)unlinkat(look->dir, name, 0);
}

static void drop(void *ctx, int64_t t_ns)
{
    remove_one(ctx, t_ns);
}

void power_ledger_remove(int dir, const char *word, int64_t t_ns)
{
    struct look look = { .dir = dir, .word = word };

    if (t_ns)
        remove_one(&look, t_ns);
    else
        walk(dir, word, drop, &look);
}

static void take(void *ctx, int64_t t_ns)
{
    struct look *look = ctx;

    if (t_ns < clock_unix_ns() - S_TO_NS(POWER_LEDGER_DAY_S))
        remove_one(look, t_ns);
    else if (t_ns > look->from_ns && t_ns <= look->to_ns) {
        look->count++;
        if (look->out && look->count <= POWER_LEDGER_MOST)
            buf_printf(look->out, " %s-%" PRId64, look->word, t_ns);
    }
}

size_t power_ledger_count(int dir, const char *word, double seconds)
{
    struct look look = { .dir = dir,
                         .word = word,
                         .from_ns = clock_unix_ns() - S_TO_NS(seconds),
                         .to_ns = clock_unix_ns() + AHEAD_NS };

    walk(dir, word, take, &look);
    return look.count;
}

void power_ledger_list(int dir, struct buf *out)
{
    struct look look = { .dir = dir,
                         .word = "cycle",
                         .to_ns = clock_unix_ns() + AHEAD_NS,
                         .out = out };

    walk(dir, "cycle", take, &look);
}

void power_ledger_merge(int dir, const void *lines, size_t len)
{
    const char *at = lines, *end;
    int64_t now = clock_unix_ns(), t_ns;
    char name[NAME_MAX_];

    for (int i = 0; len && i < POWER_LEDGER_MOST; i++) {
        end = memchr(at, '\n', len);
        size_t n = end ? (size_t)(end - at) : len;

        snprintf(name, sizeof(name), "%.*s", (int)(n < 47 ? n : 47), at);
        t_ns = instant_of(name, "cycle");
        if (t_ns > now - S_TO_NS(POWER_LEDGER_DAY_S) && t_ns < now + AHEAD_NS)
            (void)power_ledger_add(dir, "cycle", t_ns, NULL);
        n += end != NULL;
        at += n;
        len -= n;
    }
}
