/* driver.c - feeds a fuzz target without a fuzzer's runtime
 *
 *     fuzz_NAME [CORPUS]    every file of the folder, then seeded mutations
 *                           of them for LABSWEEP_FUZZ_S seconds (1)
 *
 * A crash or a sanitizer's report is the failure; the seed of the input is
 * printed before it is used when LABSWEEP_FUZZ_SAY is set.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/fs.h"
#include "core/units.h"
#include "core/vec.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (1u << 16)

struct corpus {
    VEC(struct buf) inputs;
};

static uint64_t next(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random >> 11;
}

static void corpus_read(struct corpus *corpus, const char *dir)
{
    DIR *folder = dir ? opendir(dir) : NULL;
    struct dirent *entry;

    while (folder && (entry = readdir(folder))) {
        char path[FS_PATH_MAX];
        struct buf input = { 0 };

        if (entry->d_name[0] == '.' ||
            !fs_join(path, sizeof(path), dir, entry->d_name))
            continue;
        if (fs_read_file(path, 64u << 20, &input, NULL) ||
            !VEC_PUSH(&corpus->inputs, input))
            buf_free(&input);
    }
    if (folder)
        closedir(folder);
}

/* One mutation: flip, set, cut, repeat or insert. */
static void mutate(struct buf *input, uint64_t *random)
{
    size_t at = input->len ? next(random) % input->len : 0;
    uint8_t block[16];

    switch (next(random) % 5) {
    case 0:
        if (input->len)
            input->data[at] ^= (uint8_t)(1u << next(random) % 8);
        break;
    case 1:
        if (input->len)
            input->data[at] = (uint8_t)next(random);
        break;
    case 2:
        input->len = at;
        break;
    case 3:
        if (input->len && input->len < INPUT_MAX &&
            buf_reserve(input, input->len - at)) {
            size_t part = input->len - at;

            memcpy(input->data + input->len, input->data + at, part);
            input->len += part;
        }
        break;
    default:
        for (size_t i = 0; i < sizeof(block); i++)
            block[i] = (uint8_t)next(random);
        buf_put(input, block, next(random) % sizeof(block));
    }
}

static void fuzz_seed(const struct corpus *corpus, uint64_t seed)
{
    uint64_t random = seed * 0x9e3779b97f4a7c15u + 88172645463325252u;
    struct buf input = { 0 };
    size_t count;

    if (getenv("LABSWEEP_FUZZ_SAY"))
        fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    if (corpus->inputs.len) {
        const struct buf *from =
            &corpus->inputs.at[next(&random) % corpus->inputs.len];

        buf_put(&input, from->data, from->len);
    }
    count = 1 + next(&random) % 8;
    for (size_t i = 0; i < count; i++)
        mutate(&input, &random);
    fuzz_one(input.data ? input.data : (const uint8_t *)"", input.len);
    buf_free(&input);
}

int main(int argc, char **argv)
{
    const char *limit = getenv("LABSWEEP_FUZZ_S");
    int64_t until = clock_mono_ns() + (limit ? atoll(limit) : 1) * NS_PER_S;
    struct corpus corpus = { 0 };
    uint64_t seed = 0;

    corpus_read(&corpus, argc > 1 ? argv[1] : NULL);
    for (size_t i = 0; i < corpus.inputs.len; i++)
        fuzz_one(corpus.inputs.at[i].data, corpus.inputs.at[i].len);
    while (clock_mono_ns() < until)
        fuzz_seed(&corpus, ++seed);
    printf("%zu files, %llu mutations\n", corpus.inputs.len,
           (unsigned long long)seed);
    for (size_t i = 0; i < corpus.inputs.len; i++)
        buf_free(&corpus.inputs.at[i]);
    VEC_FREE(&corpus.inputs);
    return 0;
}
