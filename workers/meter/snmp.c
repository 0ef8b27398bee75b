/* snmp.c - meter "snmp": outlets of power distribution units
 *
 * The one home of net-snmp.  "options": { "address": "HOST[:161]", "profile":
 * a row of snmp_profiles.def, "outlet": 1, "community": "public",
 * "community_file": PATH, "version": 2 }.  Profile "oid" reads the numeric
 * OIDs of the sources.  A community for writing is named by a file, never in
 * the inventory.
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/library/large_fd_set.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/text.h"
#include "core/units.h"
#include "workers/meter/options.h"
#include "workers/meter/meter_driver.h"

#define SOURCES_MAX 8
#define LIMIT_S     2.0
#define MISSES_MAX  5

static const struct profile {
    const char *name, *power, *unit, *outlet;
    long on, off;
} profiles[] = {
#define SNMP(name, power, unit, outlet, on, off)                               \
    { name, power, unit, outlet, on, off },
#include "workers/meter/snmp_profiles.def"
#undef SNMP
};

/* What an entry asks for. */
struct setting {
    const struct profile *profile;
    const char *address;
    char community[128];
    int64_t outlet, version;
    char oids[SOURCES_MAX][160];
    double factor[SOURCES_MAX];
    size_t len;
};

struct snmp_state {
    struct setting setting;
    void *session; /* of net-snmp's single session calls */
    bool asking;
    unsigned misses;
    int64_t next_ns, asked_ns; /* monotonic */
};

static pthread_once_t snmp_begun = PTHREAD_ONCE_INIT;

/* No file of the host's net-snmp is read, nothing is logged. */
static void begin_snmp(void)
{
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID,
                           NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID,
                           NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
    setenv("MIBS", "", 1);
    snmp_disable_log();
    init_snmp("labsweep");
}

/* ---- the entry */

static int find_profile(const char *name, const struct profile **ret,
                        struct err *err)
{
    const char *names[ARRAY_LEN(profiles) + 1] = { 0 };

    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        names[i] = profiles[i].name;
        if (!strcmp(name, names[i])) {
            *ret = &profiles[i];
            return 0;
        }
    }
    return meter_unknown("profile", name, names, err);
}

static void fill(char to[160], const char *form, int64_t outlet)
{
    const char *mark = strstr(form, "{c}");

    if (mark)
        snprintf(to, 160, "%.*s%d%s", (int)(mark - form), form, (int)outlet,
                 mark + 3);
    else
        snprintf(to, 160, "%s", form);
}

/* ".1.3.6.1": numbers and dots; names would need the host's MIBs. */
static bool is_numeric(const char *text)
{
    oid name[MAX_OID_LEN];
    size_t len = MAX_OID_LEN;

    pthread_once(&snmp_begun, begin_snmp);
    return !text[strspn(text, ".0123456789")] && read_objid(text, name, &len);
}

static int check_source(const struct board_meter_source *source, size_t i,
                        const char *filled, struct err *err)
{
    if (strcmp(source->quantity, "power") != 0)
        return err_set(err, ERR_USAGE,
                       "sources[%zu]: found quantity '%s', expected 'power'", i,
                       source->quantity);
    if (!is_numeric(filled))
        return err_set(err, ERR_USAGE,
                       "sources[%zu]: '%.80s' is no numeric OID such as "
                       "\".1.3.6.1.4.1\"",
                       i, source->path);
    return 0;
}

static int set_oids(const struct board_meter *config, struct setting *s,
                    struct err *err)
{
    if (config->sources_len > SOURCES_MAX ||
        (!config->sources_len && !s->profile->power))
        return err_set(err, ERR_USAGE,
                       "has %zu sources, expected OIDs, 1 to %d",
                       config->sources_len, SOURCES_MAX);
    for (; s->len < config->sources_len; s->len++) {
        const struct board_meter_source *source = &config->sources[s->len];

        fill(s->oids[s->len], source->path, s->outlet);
        s->factor[s->len] = source->factor;
        if (check_source(source, s->len, s->oids[s->len], err))
            return ERR_USAGE;
    }
    if (!s->len) {
        fill(s->oids[s->len++], s->profile->power, s->outlet);
        return units_factor(s->profile->unit, "W", &s->factor[0], err);
    }
    return 0;
}

static int set_community(const struct board_meter *config, struct setting *s,
                         struct err *err)
{
    const char *word = "public";
    int rc = meter_option(config, "community", false, &word, err);

    if (!rc)
        snprintf(s->community, sizeof(s->community), "%s", word);
    if (!rc)
        rc = meter_option_secret(config, "community_file", s->community,
                                 sizeof(s->community), err);
    return rc;
}

static int settings(const struct board_meter *config, struct setting *s,
                    struct err *err)
{
    static const char *const keys[] = { "address", "profile",
                                        "outlet",  "community",
                                        "version", "community_file",
                                        NULL };
    const char *name = "oid";
    int rc = meter_option_keys(config, keys, err);

    *s = (struct setting){ .outlet = 1, .version = 2 };
    if (!rc)
        rc = meter_option(config, "address", true, &s->address, err);
    if (!rc)
        rc = meter_option(config, "profile", false, &name, err);
    if (!rc)
        rc = find_profile(name, &s->profile, err);
    if (!rc)
        rc = meter_option_i64(config, "outlet", 1, 256, &s->outlet, err);
    if (!rc)
        rc = meter_option_i64(config, "version", 1, 2, &s->version, err);
    return rc ? rc : set_oids(config, s, err);
}

static int check(const struct board_meter *config, struct err *err)
{
    struct setting setting;

    return settings(config, &setting, err);
}

/* ---- the session */

static void *session_open(const struct setting *s, struct err *err)
{
    netsnmp_session session;
    char peer[280];
    void *handle;

    pthread_once(&snmp_begun, begin_snmp);
    snmp_sess_init(&session);
    snprintf(peer, sizeof(peer), "udp:%s", s->address);
    session.peername = peer;
    session.version = s->version == 1 ? SNMP_VERSION_1 : SNMP_VERSION_2c;
    session.community = (u_char *)(uintptr_t)s->community;
    session.community_len = strlen(s->community);
    session.retries = 0;
    session.timeout = (long)(LIMIT_S * 1e6);
    handle = snmp_sess_open(&session);
    if (!handle)
        err_set(err, ERR_IO, "cannot reach '%s'", s->address);
    return handle;
}

static netsnmp_pdu *new_pdu(const struct setting *s, int kind)
{
    netsnmp_pdu *pdu = snmp_pdu_create(kind);
    oid name[MAX_OID_LEN];

    for (size_t i = 0; pdu && kind == SNMP_MSG_GET && i < s->len; i++) {
        size_t len = MAX_OID_LEN;

        if (read_objid(s->oids[i], name, &len))
            snmp_add_null_var(pdu, name, len);
    }
    return pdu;
}

/* Numbers come as integers, gauges and, from some, as text; below 0 a unit
 * says that it has none. */
static double number_of(const netsnmp_variable_list *var)
{
    char text[64];
    double value;

    switch (var->type) {
    case ASN_INTEGER:
        return *var->val.integer < 0 ? (double)NAN : (double)*var->val.integer;
    case ASN_GAUGE:
    case ASN_COUNTER:
        return (double)(uint32_t)*var->val.integer;
    case ASN_OCTET_STR:
        snprintf(text, sizeof(text), "%.*s",
                 var->val_len < 60 ? (int)var->val_len : 60,
                 (const char *)var->val.string);
        return text_to_f64(text, &value) && value >= 0 ? value : (double)NAN;
    default:
        return NAN;
    }
}

static double power_of(const struct setting *s, const netsnmp_pdu *pdu)
{
    double sum = 0;
    size_t i = 0;

    for (const netsnmp_variable_list *v = pdu->variables; v && i < s->len;
         v = v->next_variable)
        sum += number_of(v) * s->factor[i++];
    return i == s->len ? sum : (double)NAN;
}

static void take(struct meter *m, double power_w, const char *why)
{
    struct snmp_state *s = m->state;
    int64_t half = (clock_mono_ns() - s->asked_ns) / 2;

    s->misses = isnan(power_w) ? s->misses + 1 : 0;
    if (!s->misses)
        m->clock_bound_s = fmax(m->clock_bound_s, NS_TO_S(half));
    meter_keep(
        m, &(struct power_reading){ .t_ns = clock_unix_ns() - half,
                                    .power_w = power_w,
                                    .late = s->asked_ns - s->next_ns >
                                            S_TO_NS(m->config->period_s / 2) });
    if (s->misses >= MISSES_MAX)
        meter_fail(m, "%u answers in a row were none: %s", s->misses, why);
    s->asking = false;
    s->next_ns = meter_next_due(s->next_ns, m->config->period_s);
}

static int on_answer(int operation, netsnmp_session *session, int id,
                     netsnmp_pdu *pdu, void *ctx)
{
    struct meter *m = ctx;
    const struct snmp_state *s = m->state;
    const char *why = "it has no such outlet";
    double power_w = NAN;

    (void)session;
    (void)id;
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
        why = "it does not answer (address, community?)";
    else if (pdu->errstat)
        why = snmp_errstring((int)pdu->errstat);
    else
        power_w = power_of(&s->setting, pdu);
    take(m, power_w, why);
    return 1;
}

static int snmp_meter_open(struct meter *m, struct err *err)
{
    struct snmp_state *s = calloc(1, sizeof(*s));

    if (!s)
        return err_set(err, ERR_NOMEM, "no memory for a meter");
    m->state = s;
    return settings(m->config, &s->setting, err);
}

static void hang_up(struct snmp_state *s)
{
    if (s->session)
        snmp_sess_close(s->session);
    s->session = NULL;
    s->asking = false;
}

static int snmp_start(struct meter *m, struct err *err)
{
    struct snmp_state *s = m->state;
    int rc = set_community(m->config, &s->setting, err);

    if (rc)
        return rc;
    hang_up(s);
    s->misses = 0;
    s->next_ns = clock_mono_ns();
    s->session = session_open(&s->setting, err);
    return s->session ? 0 : ERR_IO;
}

static int snmp_stop(struct meter *m, struct err *err)
{
    (void)err;
    m->running = false;
    hang_up(m->state);
    return 0;
}

static int fd_of(const struct snmp_state *s)
{
    netsnmp_transport *transport = snmp_sess_transport(s->session);

    return transport ? transport->sock : -1;
}

static size_t snmp_wants(struct meter *m, struct pollfd *fds, int64_t *deadline)
{
    const struct snmp_state *s = m->state;
    int64_t until =
        s->asking ? s->asked_ns + S_TO_NS(LIMIT_S) + MS_TO_NS(1) : s->next_ns;

    if (until < *deadline)
        *deadline = until;
    if (!s->asking)
        return 0;
    fds[0] = (struct pollfd){ .fd = fd_of(s), .events = POLLIN };
    return 1;
}

static void snmp_on_fd(struct meter *m, const struct pollfd *fd)
{
    struct snmp_state *s = m->state;
    netsnmp_large_fd_set ready;

    netsnmp_large_fd_set_init(&ready, FD_SETSIZE);
    netsnmp_large_fd_setfd(fd->fd, &ready);
    snmp_sess_read2(s->session, &ready);
    netsnmp_large_fd_set_cleanup(&ready);
}

static void snmp_on_time(struct meter *m, int64_t now_ns)
{
    struct snmp_state *s = m->state;
    netsnmp_pdu *pdu;

    if (s->asking && now_ns > s->asked_ns + S_TO_NS(LIMIT_S)) {
        snmp_sess_timeout(s->session);
        return;
    }
    if (s->asking || now_ns < s->next_ns)
        return;
    pdu = new_pdu(&s->setting, SNMP_MSG_GET);
    s->asking = true;
    s->asked_ns = now_ns;
    if (pdu && snmp_sess_async_send(s->session, pdu, on_answer, m))
        return;
    snmp_free_pdu(pdu);
    take(m, NAN, "it cannot be asked");
}

static void snmp_meter_close(struct meter *m)
{
    if (m->state)
        hang_up(m->state);
    free(m->state);
}

static int set_outlet(const struct setting *s, bool on, struct err *err)
{
    void *session = session_open(s, err);
    netsnmp_pdu *pdu = new_pdu(s, SNMP_MSG_SET), *answer = NULL;
    long value = on ? s->profile->on : s->profile->off;
    oid name[MAX_OID_LEN];
    size_t len = MAX_OID_LEN;
    char text[160];
    int rc = session && pdu ? 0 : ERR_IO;

    fill(text, s->profile->outlet, s->outlet);
    if (!rc && read_objid(text, name, &len)) {
        snmp_pdu_add_variable(pdu, name, len, ASN_INTEGER, &value,
                              sizeof(value));
        if (snmp_sess_synch_response(session, pdu, &answer) != STAT_SUCCESS)
            rc = err_set(err, ERR_TIMEOUT, "'%s' does not answer", s->address);
        else if (answer->errstat)
            rc = err_set(err, ERR_IO, "outlet %d cannot be switched: %s",
                         (int)s->outlet, snmp_errstring((int)answer->errstat));
        snmp_free_pdu(answer);
    }
    if (session)
        snmp_sess_close(session);
    return rc;
}

static int snmp_power(const struct board_meter *config, bool on,
                      struct err *err)
{
    struct setting setting;
    int rc = settings(config, &setting, err);

    if (!rc)
        rc = set_community(config, &setting, err);
    if (!rc && !setting.profile->outlet)
        rc = err_set(err, ERR_USAGE,
                     "profile 'oid' does not tell how to switch");
    return rc ? rc : set_outlet(&setting, on, err);
}

const struct meter_driver meter_snmp = {
    .name = "snmp",
    .help = "outlets of power distribution units, by SNMP",
    .period_s = 1,
    .check = check,
    .open = snmp_meter_open,
    .start = snmp_start,
    .stop = snmp_stop,
    .wants = snmp_wants,
    .on_fd = snmp_on_fd,
    .on_time = snmp_on_time,
    .close = snmp_meter_close,
    .power = snmp_power,
};
