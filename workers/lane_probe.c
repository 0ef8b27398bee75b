/* lane_probe.c - identity files and uname, read and compared */
#include "workers/lane_probe.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/vec.h"
#include "workers/collect/clean.h"

/* The first that is there counts; a label of the lab's own stands in for
 * boards whose maker gave them no serial number. */
static const char command[] =
    "p() { k=$1; shift; for f; do if [ -r \"$f\" ]; then "
    "v=$(head -c 200 \"$f\" 2>/dev/null | tr -d '\\000' | head -n 1); "
    "if [ -n \"$v\" ]; then printf '%s=%s\\n' \"$k\" \"$v\"; return; fi; "
    "fi; done; }; "
    "printf 'home=%s\\narch=%s\\nkernel=%s\\nhostname=%s\\n' \"$HOME\" "
    "\"$(uname -m)\" \"$(uname -sr)\" \"$(uname -n)\"; "
    "p boot_id /proc/sys/kernel/random/boot_id; "
    "p model /sys/firmware/devicetree/base/model "
    "/sys/class/dmi/id/product_name; "
    "p device_tree /sys/firmware/devicetree/base/serial-number; "
    "p serial /sys/class/dmi/id/product_serial "
    "/sys/class/dmi/id/board_serial; "
    "p machine_id /etc/machine-id; "
    "p label \"$HOME/.config/labsweep/serial\"; "
    "printf 'cpu=%s\\ncores=%s\\nmemory_kib=%s\\n' "
    "\"$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)\" "
    "\"$(grep -c '^processor' /proc/cpuinfo)\" "
    "\"$(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)\"; "
    "for f in /sys/class/net/*/address; do p mac \"$f\"; done; "
    "echo end=1";

const char *lane_probe_command(void)
{
    return command;
}

#define WORD(key)                                                              \
    {                                                                          \
#key, offsetof(struct board_facts, key),                               \
            sizeof(((struct board_facts *)0)->key)                             \
    }

static const struct {
    const char *key;
    size_t offset, size;
} words[] = {
    /* clang-format off */
    WORD(home), WORD(arch), WORD(kernel), WORD(hostname), WORD(model),
    WORD(boot_id), WORD(serial), WORD(device_tree), WORD(machine_id),
    WORD(label), WORD(cpu), WORD(cores), WORD(memory_kib),
    /* clang-format on */
};

static void take_line(struct board_facts *facts, const char *line, size_t len)
{
    const char *equals = memchr(line, '=', len), *value = equals + 1;
    size_t key_len;

    if (!equals)
        return;
    key_len = (size_t)(equals - line);
    len -= key_len + 1;
    while (len && strchr(" \t", value[len - 1]))
        len--;
    if (key_len == 3 && !memcmp(line, "mac", 3) &&
        len < sizeof(facts->macs[0]) && facts->macs_len < LANE_MACS_MAX) {
        memcpy(facts->macs[facts->macs_len], value, len);
        facts->macs[facts->macs_len++][len] = 0;
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        char *word = (char *)facts + words[i].offset;

        if (strlen(words[i].key) != key_len ||
            memcmp(words[i].key, line, key_len) != 0)
            continue;
        if (len >= words[i].size)
            len = words[i].size - 1;
        while (len && ((unsigned char)value[len] & 0xc0) == 0x80)
            len--; /* do not cut a character */
        memcpy(word, value, len);
        word[len] = 0;
    }
}

int lane_probe_parse(const void *output, size_t len,
                     struct board_facts *ret_facts, struct err *err)
{
    struct board_facts facts = { 0 };
    struct buf clean = { 0 };
    const char *text, *end;
    int rc = 0;

    collect_clean(&clean, output, len);
    text = buf_text(&clean);
    for (; *text; text = *end ? end + 1 : end) {
        end = text + strcspn(text, "\n");
        take_line(&facts, text, (size_t)(end - text));
    }
    if (facts.home[0] != '/' || !facts.arch[0]) {
        char line[160];

        rc = err_set(err, ERR_FORMAT,
                     "the board does not say its home folder and "
                     "architecture; it said: %s",
                     collect_last_words(output, len, line, sizeof(line)));
    }
    buf_free(&clean);
    if (!rc)
        *ret_facts = facts;
    return rc;
}

static int differs(const char *what, const char *found, const char *wanted,
                   struct err *err)
{
    return err_set(err, ERR_REFUSED,
                   "another board answered: %s is %s%s%s, expected '%s'", what,
                   *found ? "'" : "", *found ? found : "not told",
                   *found ? "'" : "", wanted);
}

int lane_probe_verify(const struct board_facts *facts,
                      const struct board_identity *identity, struct err *err)
{
    bool mac = !identity->mac;

    if (identity->serial && strcmp(identity->serial, facts->serial) != 0 &&
        strcmp(identity->serial, facts->label) != 0)
        return differs("serial",
                       facts->serial[0] ? facts->serial : facts->label,
                       identity->serial, err);
    if (identity->device_tree &&
        strcmp(identity->device_tree, facts->device_tree) != 0)
        return differs("device_tree", facts->device_tree, identity->device_tree,
                       err);
    if (identity->machine_id &&
        strcmp(identity->machine_id, facts->machine_id) != 0)
        return differs("machine_id", facts->machine_id, identity->machine_id,
                       err);
    for (size_t i = 0; !mac && i < facts->macs_len; i++)
        mac = !strcasecmp(identity->mac, facts->macs[i]);
    if (!mac)
        return differs("mac", facts->macs_len ? facts->macs[0] : "",
                       identity->mac, err);
    return 0;
}
