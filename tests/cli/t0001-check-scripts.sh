#!/bin/bash
# t0001-check-scripts.sh - each check script finds its planted offence
. "$(dirname "$0")/lib.sh"

# A tree that every script passes, to plant one offence in.
whole_tree() {
    rm -rf tree
    mkdir -p tree/core tree/orchestrator/sched tree/orchestrator/cmd tree/docs
    cp "$top/docs/rooms.txt" tree/docs/
    cp "$top/.clang-format" tree/
    cat >tree/core/knob.h <<'END'
/* knob.h - what is turned */
#ifndef CORE_KNOB_H
#define CORE_KNOB_H

#include <stddef.h>

/* How far it goes, in steps. */
size_t knob_steps(void);

#endif
END
    cat >tree/core/knob.c <<'END'
/* knob.c - what is turned */
#include "core/knob.h"

size_t knob_steps(void)
{
    return 11;
}
END
}

put() {
    local file=tree/$1 noun
    shift
    noun=$(basename "$file")
    { echo "/* $noun - planted */"; printf '%s\n' "$@"; } >"$file"
}

long_function() {
    echo "void $1(void);"
    echo "void $1(void)"
    echo "{"
    for _ in $(seq "$2"); do echo "    ;"; done
    echo "}"
}

finds() {
    run "$top/scripts/$1" tree
    [ "$code" != 0 ] || oops "$1 passed the planted tree"
    expect_out "$2"
}

all_pass_a_whole_tree() {
    for script in rooms length format headers comments names; do
        whole_tree
        run "$top/scripts/check-$script" tree
        expect_code 0
        [ ! -s out ] || oops "check-$script spoke"
    done
}

rooms_upward() {
    put core/up.c '#include "orchestrator/sched/sched.h"'
    finds check-rooms 'core/up.c:2: core .* may not know orchestrator/sched'
}
rooms_foreign() {
    put core/far.c '#include <mpi.h>'
    finds check-rooms 'core/far.c:2: <mpi.h> has its home in'
}
rooms_unknown() {
    put core/new.c '#include <zmq.h>'
    finds check-rooms 'core/new.c:2: <zmq.h> is in no row'
}
rooms_impure() {
    put orchestrator/sched/late.c '#include <time.h>' \
        '#include "core/clock.h"'
    finds check-rooms 'late.c:2: orchestrator/sched is barred from <time.h>'
    finds check-rooms 'late.c:3: .* barred from <core/clock.h>'
}
rooms_not_from_root() {
    put core/near.c '#include "knob.h"'
    finds check-rooms 'core/near.c:2: "knob.h" is not a path from the root'
}
rooms_homeless() {
    mkdir tree/attic
    put attic/old.c '#include "core/knob.h"'
    finds check-rooms 'attic/old.c:2: no room'
}
rooms_upward_table() {
    echo 'room 0 cellar : analysis' >>tree/docs/rooms.txt
    finds check-rooms 'room cellar names analysis of a higher layer'
}
length_file() {
    put core/long.c "$(yes 'extern int x;' | head -600)"
    finds check-length 'core/long.c: 60[0-9] lines, at most 600'
}
length_function() {
    put core/tall.c "$(long_function tall_grow 60)"
    finds check-length 'core/tall.c:3: tall_grow\(\) has 6[0-9] lines'
}
length_exec() {
    put orchestrator/cmd/cmd_x.c "$(long_function x_exec 41)"
    finds check-length 'x_exec\(\) has 4[0-9] lines, at most 40'
}
format_spoilt() {
    put core/wide.c 'int  wide_of( int x );'
    run "$top/scripts/check-format" tree
    [ "$code" != 0 ] || oops "check-format passed the planted tree"
    expect_err 'core/wide.c:2'
}
header_needs_other() {
    put core/needy.h '/* Steps. */' 'size_t needy_steps(void);'
    finds check-headers 'core/needy.h: does not compile alone'
}
comment_missing() {
    put core/mute.h '' 'int mute_one(int a,' '             int b);'
    finds check-comments 'core/mute.h:3: mute_one\(\) has no doc comment'
}
comment_of_other() {
    put core/half.h '/* Told. */' 'int half_one(void);' '' 'int half_two(void);'
    finds check-comments 'core/half.h:5: half_two\(\)'
    refuse_out half_one
}
comment_slashes() {
    put core/cpp.c 'int cpp_x; // no'
    finds check-comments 'core/cpp.c:2: a // comment'
}
comment_opening() {
    printf 'int bare_x;\n' >tree/core/bare.c
    finds check-comments 'core/bare.c:1: opens with'
}
names_empty() {
    put core/utils.c 'int x;'
    finds check-names 'core/utils.c'
}
names_twice() {
    mkdir tree/analysis
    put core/one.c 'int one_same(void) { return 1; }'
    put analysis/two.c 'int one_same(void) { return 2; }' \
        'static int knob_steps(void) { return 2; }'
    finds check-names 'core/one.c:2: one_same\(\) is defined in analysis/two.c'
    refuse_out knob_steps
}
lock_names_a_host() {
    echo '{ "resolved": "https://registry.example/x" }' >tree/package-lock.json
    finds check-names 'package-lock.json: names a host'
}

planted() {
    whole_tree
    "$1"
}
holds "a whole tree passes, without a word" all_pass_a_whole_tree
for offence in rooms_upward rooms_foreign rooms_unknown rooms_impure \
    rooms_not_from_root rooms_homeless rooms_upward_table length_file \
    length_function length_exec format_spoilt header_needs_other \
    comment_missing comment_of_other comment_slashes comment_opening \
    names_empty names_twice lock_names_a_host; do
    holds "found: ${offence//_/ }" planted $offence
done
done_testing
