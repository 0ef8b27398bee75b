/* emulator.h - instruments that are none, over real sockets and terminals
 *
 * Each is a process of its own and ends with the test.  Power is the square
 * wave of emulator_wave(), so that a reading can be held against its time.
 */
#ifndef TESTS_UNIT_METER_EMULATOR_H
#define TESTS_UNIT_METER_EMULATOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "workers/meter/fake.h"

struct emulator {
    pid_t pid;
    char address[128]; /* "127.0.0.1:PORT" or a terminal's path */
    char dir[64];      /* temporary folder, "" if none */
};

/* What all of them measure: 2 W and 5 W, 400 ms each. */
extern const struct fake_wave emulator_wave;

/* Power now, in W. */
double emulator_power(void);

/* Answer a line (without its end) into 'answer'; "" says nothing. */
typedef void emulator_answer(const char *line, char *answer, size_t size);

/* Do as it likes with the n-th connection, which is closed thereafter. */
typedef void emulator_serve(int fd, size_t n);

/* A TCP server of lines on a free port; one that does as it likes; a serial device that answers 0xf0 with a
 * frame of UM24C, UM25C or UM34C (its model's number), the second to fourth
 * 'damaged'; an instrument of lines behind a terminal; an HTTP
 * server; Debian's snmpd with the OIDs of a power distribution unit.
 * Returns false where it cannot run (no snmpd). */
bool emulator_lines(emulator_answer *answer, struct emulator *ret);
bool emulator_raw(emulator_serve *serve, struct emulator *ret);
bool emulator_um(uint16_t model, bool damaged, struct emulator *ret);
bool emulator_terminal(emulator_answer *answer, struct emulator *ret);
bool emulator_http(struct emulator *ret);
bool emulator_snmp(struct emulator *ret);
void emulator_end(struct emulator *emulator);

#endif
