/* embed.h - files that CMake's embed_file() put into the program */
#ifndef CORE_EMBED_H
#define CORE_EMBED_H

#include <stdint.h>

/* Declares the bytes of an embedded file, and their count; a zero follows
 * them, so that a text can be read as a string. */
#define EMBEDDED(symbol)                                                       \
    extern const char symbol[];                                                \
    extern const uint64_t symbol##_len

#endif
