/* hash.c - digests by libcrypto */
#include "core/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

static void to_hex(const uint8_t digest[HASH_BYTES], char hex[HASH_HEX])
{
    for (size_t i = 0; i < HASH_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void hash_bytes(const void *data, size_t len, char hex[HASH_HEX])
{
    uint8_t digest[HASH_BYTES] = { 0 };

    EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL);
    to_hex(digest, hex);
}

uint64_t hash_u64(const void *data, size_t len)
{
    uint8_t digest[HASH_BYTES] = { 0 };
    uint64_t value = 0;

    EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL);
    for (size_t i = 0; i < 8; i++)
        value = value << 8 | digest[i];
    return value;
}

void hash_hmac_sha1(const void *key, size_t key_len, const void *data,
                    size_t len, uint8_t mac[HASH_SHA1_BYTES])
{
    memset(mac, 0, HASH_SHA1_BYTES);
    HMAC(EVP_sha1(), key, (int)key_len, data, len, mac, NULL);
}

int hash_file(const char *path, char hex[HASH_HEX], struct err *err)
{
    uint8_t digest[HASH_BYTES] = { 0 }, block[65536];
    FILE *file = fopen(path, "rbe");
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t got;
    int rc = 0;

    if (!file) {
        rc = err_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                           "cannot read '%s'", path);
        goto out;
    }
    if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL)) {
        rc = err_set(err, ERR_NOMEM, "no memory to hash '%s'", path);
        goto out;
    }
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        EVP_DigestUpdate(ctx, block, got);
    if (ferror(file))
        rc = err_set_errno(err, ERR_IO, "cannot read '%s'", path);
    else
        EVP_DigestFinal_ex(ctx, digest, NULL);
    if (!rc)
        to_hex(digest, hex);
out:
    EVP_MD_CTX_free(ctx);
    if (file)
        fclose(file);
    return rc;
}
