/* hash.h - SHA-256 of bytes and files, by libcrypto */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define HASH_BYTES      32
#define HASH_SHA1_BYTES 20
#define HASH_HEX        65 /* 64 hex digits and a zero */

/* SHA-256 (FIPS 180-4) of 'len' bytes as lower-case hex. */
void hash_bytes(const void *data, size_t len, char hex[HASH_HEX]);

/* SHA-256 of a file's content.  Returns 0, ERR_NOT_FOUND, ERR_IO. */
int hash_file(const char *path, char hex[HASH_HEX], struct err *err);

/* HMAC-SHA1 (RFC 2104), which hashed names in known_hosts files are made
 * of; nothing new should use it. */
void hash_hmac_sha1(const void *key, size_t key_len, const void *data,
                    size_t len, uint8_t mac[HASH_SHA1_BYTES]);

/* The first eight bytes of the SHA-256 of 'len' bytes, big endian. */
uint64_t hash_u64(const void *data, size_t len);

#endif
