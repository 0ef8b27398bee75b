/* lane_report.h - what a lane can have to say, on its way to the coordinator */
#ifndef ORCHESTRATOR_WIRE_LANE_REPORT_H
#define ORCHESTRATOR_WIRE_LANE_REPORT_H

enum lane_report_kind {
    LANE_READY,         /* connected and verified; text: board facts, JSON */
    LANE_STARTED,       /* cell, attempt */
    LANE_RESULT,        /* cell, attempt, status, duration_s, payload */
    LANE_MODE_INTENT,   /* text: mode before, mode: to be set; now call
                           lane_mode_acknowledged() */
    LANE_MODE_RESTORED, /* text: the mode that stands again */
    LANE_DOWN,          /* text: why; no further job is taken; transport_failed:
                           it may pass (link, time-out), else refused for good
                           (key, identity, pre command) */
    LANE_CLOSED,        /* the last report of a lane */
    LANE_FACTS,         /* text: board facts, JSON, more than LANE_READY said */
    LANE_NOTE,          /* text: a sentence for the journal */
    LANE_ASK,           /* text: what a person is asked to do */
    LANE_HELD,          /* LANE_DOWN, because somebody else holds the board */
};

#endif
