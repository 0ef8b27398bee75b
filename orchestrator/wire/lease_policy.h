/* lease_policy.h - what to do about a board that somebody else holds */
#ifndef ORCHESTRATOR_WIRE_LEASE_POLICY_H
#define ORCHESTRATOR_WIRE_LEASE_POLICY_H

enum lease_policy {
    LEASE_WAIT, /* until it is free, or its lease has expired */
    LEASE_SKIP, /* do without the board: sisters, or unreachable */
    LEASE_FAIL, /* end the sweep */
};

#endif
