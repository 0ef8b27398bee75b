/* board.h - one device: where it is, what may be done to it, its meters */
#ifndef INVENTORY_BOARD_H
#define INVENTORY_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/json.h"
#include "experiments/pool.h"
#include "inventory/adapter.h"
#include "inventory/hours.h"
#include "inventory/platform.h"

/* A free parameter; numbers and booleans as they are written in JSON. */
struct board_parameter {
    const char *name, *value;
    bool is_number;
};

/* What identifies the device, verified at contact; NULL: not pinned. */
struct board_identity {
    const char *serial, *device_tree, *mac, *machine_id;
};

enum meter_scope {
    METER_MODULE,
    METER_RAIL,
    METER_BOARD,
    METER_WALL,
    METER_USB,
    METER_PACKAGE,
};

/* One thing a meter reads: where, in which unit, of which quantity. */
struct board_meter_source {
    const char *path;     /* of the driver's own form */
    const char *unit;     /* as core/units.h knows it */
    const char *quantity; /* "power" (if not said), "voltage", "current",
                             "energy", "temperature", "clock" */
    const char *label;    /* "" if not said */
    double scale;         /* 1 if not said */
    double factor;        /* number read times this is W, V, A, J, degC, Hz */
};

/* Power is the reading times gain, plus offset. */
struct meter_calibration {
    bool there;
    double gain, offset_w;  /* 1 and 0 without one */
    const char *date, *due; /* "2026-01-31"; "" if not said */
    const char *certificate;
};

struct board_meter {
    const char *name, *driver;
    enum meter_scope scope;
    bool primary;    /* its power is the cell's; exactly one a board */
    bool optional;   /* the cell stands though it is silent */
    bool on_board;   /* read on the board, not on the worker */
    double period_s; /* NaN: the driver's own */
    double idle_s;   /* how long idle power is taken */
    const struct board_meter_source *sources;
    size_t sources_len;
    const char *const *groups; /* exclusive groups of the meter itself */
    size_t groups_len;
    struct meter_calibration calibration;
    double accuracy_rel;  /* the maker's, 95 %: of the reading */
    double accuracy_w;    /* and beside it */
    double low_w, high_w; /* of a board at work; else the unit is wrong */
    struct json options;  /* what a driver alone knows; may be not there */
    const char *dir;      /* where relative paths in them start; NULL: here */
    struct json entry;    /* all of it */
};

/* How the board's power is turned off and on; meter NULL: it is not. */
struct board_power_cycle {
    const char *meter;    /* whose outlet it is on */
    double off_s, boot_s; /* 5 and 60 if not said */
    int64_t per_day;      /* at most; 3 */
    const char *ledger;   /* folder of all its users, where cycles are
                             counted; "/var/tmp/labsweep-power" */
};

/* How one op mode is asked of this board. */
struct board_mode {
    const char *name;
    const struct board_parameter *parameters;
    size_t parameters_len;
};

struct board {
    const char *name;   /* unfolded */
    const char *number; /* of the fold, as written; "" without */
    const struct platform *platform;
    const struct adapter *adapter; /* NULL for transport "none" */
    const char *transport;         /* "ssh", "local", "script", "none" */
    const char *host, *user;       /* NULL: ssh's own choice */
    int port;                      /* 0: ssh's own choice */
    const char *key;               /* path; NULL: the user's agent and keys */
    const char *jump;              /* as ssh -J; NULL: none */
    const char *script;            /* path, of transport "script" */
    const char *known_hosts;       /* path; NULL: the user's own */
    struct board_identity identity;
    const char *site, *sisters; /* NULL: not said */
    const char *const *exclusive;
    size_t exclusive_len;
    const struct hours *hours; /* when it may be used; none: always */
    size_t hours_len;
    const struct board_parameter *parameters;
    size_t parameters_len;
    const struct board_meter *meters;
    size_t meters_len;
    const struct board_mode *modes;
    size_t modes_len;
    double total_limit_s;          /* NaN: the experiment's */
    double temperature_limit_degc; /* NaN: the experiment's */
    struct board_power_cycle power_cycle;
    const char *pre, *post; /* commands around a lane's life; NULL: none */
    bool emulated;          /* measures nothing; always so with "script" */
    struct json accuracy;   /* declared ones, checked (declared.h) */
    const char *stage_dir;  /* on the board */
    const char *lease_dir;  /* on the board, common to all its users */
    const char *sysfs;      /* where its sensors' files lie; "/sys" */
};

/* Parse entry 'at' of "boards" for one unfolded name; "{n}" in texts is
 * 'number', "{name}" the board's name.  Platform, adapter and known_hosts
 * are the caller's to set; relative paths start at 'base_dir'.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int board_parse(const struct json *at, const char *name, const char *number,
                const char *base_dir, struct pool *pool,
                struct board *ret_board, struct err *err);

/* Parse "lease_host" as a board that nothing measures on: only how it is
 * reached, its name and its lease_dir are set.  known_hosts is the caller's
 * to set.  Returns 0, ERR_FORMAT, ERR_NOMEM. */
int board_parse_lease_host(const struct json *at, const char *base_dir,
                           struct pool *pool, struct board *ret_board,
                           struct err *err);

/* The mode of that name, the parameter of that name, the primary meter;
 * borrowed, NULL if there is none. */
const struct board_mode *board_mode(const struct board *board,
                                    const char *name);
const struct board_parameter *board_parameter(const struct board *board,
                                              const char *name);
const struct board_meter *board_primary_meter(const struct board *board);

/* "module", "rail", "board", "wall", "usb", "package". */
const char *meter_scope_word(enum meter_scope scope);

#endif
