/* http.c - meter "http": smart plugs, and whatever answers JSON
 *
 * The one home of libcurl.  One request at a time, never waited for: the
 * lane's thread waits on curl's sockets together with all else.
 */
#include <curl/curl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "workers/meter/http_setting.h"
#include "workers/meter/json_power.h"
#include "workers/meter/meter_driver.h"
#include "workers/meter/options.h"

#define ANSWER_MAX ((size_t)256 << 10)
#define LIMIT_MS   5000L
#define MISSES_MAX 5

struct http_state {
    struct http_setting setting;
    CURLM *multi;
    CURL *easy;
    struct pollfd fds[METER_FDS_MAX]; /* fd -1: free */
    struct buf answer;
    bool asking;
    unsigned misses;
    int64_t next_ns, asked_ns, timer_ns; /* monotonic; timer 0: none */
};

static size_t take_bytes(char *data, size_t one, size_t len, void *ctx)
{
    struct buf *answer = ctx;

    (void)one;
    if (answer->len + len > ANSWER_MAX)
        return 0;
    buf_put(answer, data, len);
    return buf_failed(answer) ? 0 : len;
}

static int watch(CURL *easy, curl_socket_t fd, int what, void *ctx, void *mine)
{
    struct http_state *s = ctx;
    struct pollfd *slot = NULL;

    (void)easy;
    (void)mine;
    for (size_t i = 0; i < METER_FDS_MAX; i++)
        if (s->fds[i].fd == fd || (!slot && s->fds[i].fd < 0))
            slot = &s->fds[i];
    if (!slot)
        return -1;
    slot->fd = what == CURL_POLL_REMOVE ? -1 : fd;
    slot->events = (short)((what & CURL_POLL_IN ? POLLIN : 0) |
                           (what & CURL_POLL_OUT ? POLLOUT : 0));
    return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    struct http_state *s = ctx;

    (void)multi;
    s->timer_ns = timeout_ms < 0 ? 0 : clock_mono_ns() + MS_TO_NS(timeout_ms);
    return 0;
}

static pthread_once_t curl_begun = PTHREAD_ONCE_INIT;

static void begin_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* A handle that gets into 'answer'; NULL without memory. */
static CURL *new_request(struct buf *answer)
{
    CURL *easy;

    pthread_once(&curl_begun, begin_curl);
    easy = curl_easy_init();
    if (!easy)
        return NULL;
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, LIMIT_MS);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "labsweep");
    return easy;
}

/* The password is read here and goes nowhere but into curl. */
static int log_in(CURL *easy, const struct board_meter *config,
                  const struct http_setting *setting, struct err *err)
{
    char password[256] = "";
    int rc = meter_option_secret(config, "password_file", password,
                                 sizeof(password), err);

    if (!rc && setting->user) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_ANY);
        curl_easy_setopt(easy, CURLOPT_USERNAME, setting->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, password);
    }
    explicit_bzero(password, sizeof(password));
    return rc;
}

static int check(const struct board_meter *config, struct err *err)
{
    struct http_setting setting;
    int rc = http_setting_parse(config, &setting, err);

    http_setting_free(&setting);
    return rc;
}

static int http_open(struct meter *m, struct err *err)
{
    struct http_state *s = calloc(1, sizeof(*s));
    int rc;

    if (!s)
        return err_set(err, ERR_NOMEM, "no memory for a meter");
    m->state = s;
    for (size_t i = 0; i < METER_FDS_MAX; i++)
        s->fds[i].fd = -1;
    rc = http_setting_parse(m->config, &s->setting, err);
    if (rc)
        return rc;
    s->easy = new_request(&s->answer);
    s->multi = curl_multi_init();
    if (!s->easy || !s->multi)
        return err_set(err, ERR_NOMEM, "no memory for HTTP");
    curl_easy_setopt(s->easy, CURLOPT_URL, s->setting.page[HTTP_READ]);
    curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
    curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
    return 0;
}

static void forget_request(struct http_state *s)
{
    if (s->asking)
        curl_multi_remove_handle(s->multi, s->easy);
    s->asking = false;
    s->timer_ns = 0;
}

static int http_start(struct meter *m, struct err *err)
{
    struct http_state *s = m->state;

    forget_request(s);
    s->misses = 0;
    s->next_ns = clock_mono_ns();
    return log_in(s->easy, m->config, &s->setting, err);
}

static int http_stop(struct meter *m, struct err *err)
{
    (void)err;
    m->running = false;
    forget_request(m->state);
    return 0;
}

static size_t http_wants(struct meter *m, struct pollfd *fds, int64_t *deadline)
{
    const struct http_state *s = m->state;
    int64_t until = s->asking ? s->timer_ns : s->next_ns;
    size_t n = 0;

    if (until && until < *deadline)
        *deadline = until;
    for (size_t i = 0; i < METER_FDS_MAX; i++)
        if (s->fds[i].fd >= 0)
            fds[n++] = s->fds[i];
    return n;
}

static double power_of(const struct http_state *s, struct err *err)
{
    double sum = 0, value;

    for (size_t i = 0; i < s->setting.paths; i++) {
        if (json_power_read((const char *)s->answer.data, s->answer.len,
                            s->setting.path[i], &value, err))
            return NAN;
        sum += value * s->setting.factor[i];
    }
    return sum;
}

static void finish(struct meter *m, CURLcode code)
{
    struct http_state *s = m->state;
    int64_t half = (clock_mono_ns() - s->asked_ns) / 2;
    struct power_reading reading = { .t_ns = clock_unix_ns() - half,
                                     .power_w = NAN,
                                     .late = s->asked_ns - s->next_ns >
                                             S_TO_NS(m->config->period_s / 2) };
    struct err err = { .text = "" };

    if (code)
        err_set(&err, ERR_IO, "%s", curl_easy_strerror(code));
    else
        reading.power_w = power_of(s, &err);
    forget_request(s);
    s->misses = isnan(reading.power_w) ? s->misses + 1 : 0;
    if (!s->misses)
        m->clock_bound_s = fmax(m->clock_bound_s, NS_TO_S(half));
    meter_keep(m, &reading);
    if (s->misses >= MISSES_MAX)
        meter_fail(m, "%u answers in a row were none: %s", s->misses, err.text);
    s->next_ns = meter_next_due(s->next_ns, m->config->period_s);
}

static void advance(struct meter *m, curl_socket_t fd, int what)
{
    struct http_state *s = m->state;
    CURLMsg *message;
    int left;

    curl_multi_socket_action(s->multi, fd, what, &left);
    while (s->asking && (message = curl_multi_info_read(s->multi, &left)))
        if (message->msg == CURLMSG_DONE)
            finish(m, message->data.result);
}

static void http_on_fd(struct meter *m, const struct pollfd *fd)
{
    advance(m, fd->fd,
            (fd->revents & POLLIN ? CURL_CSELECT_IN : 0) |
                (fd->revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
                (fd->revents & (POLLERR | POLLHUP) ? CURL_CSELECT_ERR : 0));
}

static void http_on_time(struct meter *m, int64_t now_ns)
{
    struct http_state *s = m->state;

    if (s->asking && s->timer_ns && now_ns >= s->timer_ns) {
        s->timer_ns = 0;
        advance(m, CURL_SOCKET_TIMEOUT, 0);
    } else if (!s->asking && now_ns >= s->next_ns) {
        buf_clear(&s->answer);
        s->asking = true;
        s->asked_ns = now_ns;
        curl_multi_add_handle(s->multi, s->easy);
    }
}

static void http_close(struct meter *m)
{
    struct http_state *s = m->state;

    if (!s)
        return;
    if (s->multi)
        forget_request(s);
    curl_easy_cleanup(s->easy);
    curl_multi_cleanup(s->multi);
    http_setting_free(&s->setting);
    buf_free(&s->answer);
    free(s);
}

static int http_power(const struct board_meter *config, bool on,
                      struct err *err)
{
    struct http_setting setting;
    struct buf answer = { 0 };
    CURL *easy = NULL;
    CURLcode code;
    const char *page;
    int rc = http_setting_parse(config, &setting, err);

    page = setting.page[on ? HTTP_ON : HTTP_OFF];
    if (!rc && !page)
        rc = err_set(err, ERR_USAGE, "its profile does not tell how to switch");
    if (!rc && !(easy = new_request(&answer)))
        rc = err_set(err, ERR_NOMEM, "no memory for HTTP");
    if (!rc)
        rc = log_in(easy, config, &setting, err);
    if (!rc) {
        curl_easy_setopt(easy, CURLOPT_URL, page);
        if (setting.post)
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
        code = curl_easy_perform(easy);
        if (code)
            rc = err_set(err, ERR_IO, "cannot switch by '%s': %s", page,
                         curl_easy_strerror(code));
    }
    curl_easy_cleanup(easy);
    http_setting_free(&setting);
    buf_free(&answer);
    return rc;
}

const struct meter_driver meter_http = {
    .name = "http",
    .help = "plugs and devices that tell their power as JSON over HTTP",
    .period_s = 1,
    .check = check,
    .open = http_open,
    .start = http_start,
    .stop = http_stop,
    .wants = http_wants,
    .on_fd = http_on_fd,
    .on_time = http_on_time,
    .close = http_close,
    .power = http_power,
};
