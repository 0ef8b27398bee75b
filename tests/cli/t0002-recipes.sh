#!/bin/bash
# t0002-recipes.sh - what the skeleton scripts write is whole and compiles
. "$(dirname "$0")/lib.sh"

# A copy of the sources, with one skeleton more.
skeleton() {
    rm -rf tree
    mkdir tree
    cp -r "$top"/{core,experiments,inventory,hdf5_schema} tree/
    cp -r "$top"/{orchestrator,workers,docs,.clang-format} tree/
    TREE=$PWD/tree run "$top/scripts/new-$1" "$2"
    expect_code 0
}

compiles() {
    gcc -std=c17 -D_GNU_SOURCE -DLABSWEEP_VERSION='"0"' -Wall -Wextra \
        -Wpedantic -Wmissing-prototypes -Werror -Itree -fsyntax-only "$1"
}

meter_skeleton() {
    skeleton meter wattson
    compiles tree/workers/meter/wattson.c
    grep -q '^METER(wattson)$' tree/workers/meter/meters.def
    compiles tree/workers/meter/meter.c
    clang-format-14 --style=file --dry-run -Werror \
        tree/workers/meter/wattson.c
    TREE=$PWD/tree run "$top/scripts/new-meter" wattson
    expect_code 2
}

command_skeleton() {
    skeleton command brew
    compiles tree/orchestrator/cmd/cmd_brew.c
    grep -q '^COMMAND(brew)$' tree/orchestrator/cmd/commands.def
    clang-format-14 --style=file --dry-run -Werror \
        tree/orchestrator/cmd/cmd_brew.c
    TREE=$PWD/tree run "$top/scripts/new-command" 'rm -rf'
    expect_code 2
}

holds "a new meter is one file and one row" meter_skeleton
holds "a new subcommand is one file and one row" command_skeleton
done_testing
