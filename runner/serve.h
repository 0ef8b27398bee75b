/* serve.h - answers requests, one JSON object a line, until there are none
 *
 *   {"cmd":"run", ...}       options of `labrunner run` as keys (min_s or
 *                            min-s; numbers, strings or true)
 *   {"cmd":"exec","argv":[...]}  run a program, answer its exit code
 *   {"cmd":"ping"} {"cmd":"clock"} {"cmd":"quit"}
 *
 * Each answer is one line with "ok": true or false; "id" is repeated.
 */
#ifndef RUNNER_SERVE_H
#define RUNNER_SERVE_H

#include "runner/fail.h"

/* Serve from 'in' to 'out' until 'in' ends or "quit".  Weights stay loaded
 * between runs; every run and program is a child, which dies when nobody
 * reads 'out' any more or when this process ends.  Returns 0, or -1: FAIL_OUTPUT, FAIL_NOMEM. */
int serve_loop(int in, int out, struct fail *fail);

#endif
