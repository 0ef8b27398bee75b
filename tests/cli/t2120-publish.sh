#!/bin/bash
# t2120-publish.sh - archive.h5 appears while a sweep runs, at a signal, and
# on request, and is whole each time
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99

jq -n --arg dir "$PWD" '{ lab: "bench",
    platforms: { shell: { type: "CPU", engine: "batched", weights: "dram",
                          activations: "dram" } },
    boards: [ { name: "b", platform: "shell", transport: "local",
                adapter: "scripts", parameters: { dir: $dir } } ] }' \
    >inventory.json
mkdir adapters
jq -n '{ adapter: "scripts", jobs: [ { name: "measure",
        run: "{param.dir}/{!command} {n} {param.dir}" } ] }' \
    >adapters/scripts.json

# What a cell prints grows the journal; the last one waits for the file 'go',
# so that the sweep cannot end.
cat >large <<'END'
#!/bin/sh
[ "$1" -lt 12 ] && head -c 300000 /dev/urandom | base64 -w 100 && exit
until [ -e "$2/go" ]; do sleep 0.05; done
END
printf '#!/bin/sh\nsleep 0.05\n' >short
chmod +x large short

sweep_runs() { kill -0 "$sweep" 2>/dev/null; }

begin() {
    rm -rf c go
    labsweep run experiment.json -i inventory.json -o c -q >out 2>err \
        </dev/null &
    sweep=$!
}

a_journal_that_grew_is_published() {
    experiment 12 large
    jq '.measure.total_limit = "60 s" | .measure.silence_limit = "60 s" |
        .measure.max_time = "50 s"' experiment.json >e && mv e experiment.json
    begin
    wait_until 40 test -s c/archive.h5
    sweep_runs || oops "the sweep ended before its archive appeared"
    touch go
    wait "$sweep" || oops "the sweep failed"
    run labsweep archive verify c
    expect_code 0
}

a_signal_publishes() {
    experiment 400 short
    begin
    wait_until 30 eval 'labsweep status c --json 2>/dev/null |
        jq -e ".status.cells.ok > 3" >/dev/null'
    [ ! -e c/archive.h5 ] || oops "published before the signal"
    kill -USR1 "$sweep"
    code=0
    wait "$sweep" || code=$?
    expect_code 1
    run labsweep archive verify c
    expect_code 0
    [ "$(cells_that c ok)" -gt 3 ] || oops "ok cells: $(cells_that c ok)"
}

a_request_publishes() {
    rm c/archive.h5
    run labsweep archive publish c
    expect_code 0
    run labsweep archive verify c
    expect_code 0
}

holds "a journal that grew is published during the sweep" \
    a_journal_that_grew_is_published
holds "a signal ends the sweep and publishes" a_signal_publishes
holds "a request publishes" a_request_publishes
done_testing
