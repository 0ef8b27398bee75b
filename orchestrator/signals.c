/* signals.c - signals become a wish that loops look at
 *
 * The variables are the one place where a global cannot be avoided: a
 * handler has no argument.
 */
#include "orchestrator/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t wish, last, count;

static void on_signal(int number)
{
    count++;
    if (number == SIGUSR1) {
        if (wish < SIGNALS_STOP)
            wish = SIGNALS_STOP;
        return;
    }
    wish = SIGNALS_END;
    last = number;
}

void signals_catch(void)
{
    struct sigaction action = { .sa_handler = on_signal };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

enum signals_wish signals_wish(void)
{
    return (enum signals_wish)wish;
}

int signals_last(void)
{
    return (int)last;
}

int signals_count(void)
{
    return (int)count;
}
