# lib.sh - what the command-line tests share; source it first
#
#     . "$(dirname "$0")/lib.sh"
#     sums_add_up() { run labsweep plan x.json; expect_code 0; }
#     holds "sums add up" sums_add_up
#     done_testing
#
# Prints TAP.  Every test file gets an empty folder of its own in $work, and
# leaves it there if anything failed.  BUILD is the build folder.
set -u -o pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$(basename "$0" .sh)
BUILD=${BUILD:-$top/build/release}
work=$BUILD/tests/cli/$name
PATH=$BUILD/bin:$PATH
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1
export LABSWEEP_LEASE_DIR=$work/leases # of this machine
count=0 failures=0
before_end=: # what a passing test does before its folder goes

rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 99

# run COMMAND...: sets $code; keeps the output in the files out and err.
run() {
    code=0
    "$@" >out 2>err </dev/null || code=$?
}

# Stop this test, showing what the last run said.
oops() {
    {
        echo "$*"
        [ -s out ] && sed 's/^/out: /' out | head -40
        [ -s err ] && sed 's/^/err: /' err | head -40
    } >&2
    exit 1
}

expect_code() { [ "$code" = "$1" ] || oops "exit code $code, not $1"; }
expect_out() { grep -q -E -e "$1" out || oops "no '$1' on standard output"; }
expect_err() { grep -q -E -e "$1" err || oops "no '$1' on standard error"; }
refuse_out() { ! grep -q -E -e "$1" out || oops "'$1' on standard output"; }
refuse_err() { ! grep -q -E -e "$1" err || oops "'$1' on standard error"; }
expect_file() { [ -s "$1" ] || oops "no file $1"; }

# expect_same WHAT GOT WANTED
expect_same() { [ "$2" = "$3" ] || oops "$1: got '$2', not '$3'"; }

# Standard error is one line, and that line says this.
expect_sentence() {
    [ "$(wc -l <err)" = 1 ] || oops "not one sentence on standard error"
    expect_err "$1"
}

# wait_until SECONDS COMMAND...: poll until it succeeds.
wait_until() {
    local ends=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $ends ] || oops "never came true: $*"
        sleep 0.05
    done
}

# holds WHAT COMMAND...: one test, in a subshell that ends at the first
# failing line.
holds() {
    local what=$1
    shift
    count=$((count + 1))
    rm -f out err
    (
        set -e
        "$@"
    )
    # shellcheck disable=SC2181  # 'if (...)' would turn set -e off
    if [ $? = 0 ]; then
        echo "ok $count - $what"
    else
        echo "not ok $count - $what"
        failures=$((failures + 1))
    fi
}

# skip_all WHY: nothing here can be tested (ctest shows it as skipped).
skip_all() {
    echo "1..0 # SKIP $*"
    exit 77
}

done_testing() {
    echo "1..$count"
    [ $failures = 0 ] || exit 1
    $before_end
    cd "$top" && rm -rf "$work"
}
