#!/bin/bash
# t1320-read-only.sh - folders that cannot be written, disks that are full
. "$(dirname "$0")/lib.sh"

import() {
    labsweep import "$top/data/published/published_mnist.csv" -o "$1" >/dev/null
}

# Run a command where folder c cannot be written: a mount of its own for root,
# whom permissions do not stop.
read_only() {
    if [ "$(id -u)" = 0 ]; then
        # shellcheck disable=SC2016
        run unshare -m sh -c 'mount --bind c c && mount -o remount,bind,ro c &&
            exec "$@"' sh "$@"
    else
        chmod -R a-w c # the files too: as on a mount
        run "$@"
        chmod -R u+w c
    fi
}

# ... and where folder f is a disk of 2 MB.
full() {
    # shellcheck disable=SC2016
    run unshare -m sh -c 'mount -t tmpfs -o size=700k none f && cp -r c/. f &&
        { dd if=/dev/zero of=f/filler bs=4k 2>/dev/null || :; } && "$@"
        code=$?; labsweep archive info f >info 2>&1 || exit 90
        cmp -n "$(stat -c %s c/journal)" c/journal f/journal || exit 91; cmp c/archive.h5 f/archive.h5 ||
        exit 92; exit $code' sh "$@"
}

looks() {
    import c
    for words in "status c" "status c --json" "archive info c" \
        "archive verify c" "export c" "analyze pareto c"; do
        # shellcheck disable=SC2086
        read_only labsweep $words
        expect_code 0
    done
}

refuses() {
    for words in "archive rebuild c" "note c hello" \
        "invalidate c --where batch=1 --reason x" "resume c"; do
        # shellcheck disable=SC2086
        read_only labsweep $words
        expect_code 4
        expect_sentence "c/"
    done
    run labsweep archive verify c
    expect_code 0
}

stands_on_a_full_disk() {
    [ "$(id -u)" = 0 ] || return 0 # needs a mount
    mkdir -p f
    for words in "archive rebuild f" "note f hello"; do
        # shellcheck disable=SC2086
        full labsweep $words
        expect_code 4
        expect_err '[Nn]o space|File too large|cannot'
    done
}

if [ "$(id -u)" = 0 ] && ! unshare -m true 2>/dev/null; then
    skip_all "root without mount namespaces"
fi
holds "a folder that cannot be written can be read" looks
holds "what would write says so, and changes nothing" refuses
holds "a full disk leaves journal and archive as they were" \
    stands_on_a_full_disk
done_testing
