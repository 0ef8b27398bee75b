# lab.sh - a loopback lab of this test's own, ended with it; after lib.sh
#
# Sets $inventory: boards b-1 to b-N of platform "shell" with the command
# adapter, in a lab at $work/lab.  The cell's command is its axis 'command'.

lab() { "$top/tests/lab/lab" "$@"; }

lab_end() {
    lab stop "$work/lab" >/dev/null 2>&1
}

# lab_begin N BASE: a base for each test file, a port for each run of it, so
# that two builds can be tested at once.  Sets $port.
lab_begin() {
    command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] ||
        skip_all "no sshd: install openssh-server"
    trap lab_end EXIT
    before_end=lab_end
    trap 'exit 130' INT
    trap 'exit 143' TERM
    local tries=0
    port=$((22000 + $$ % 10000))
    until lab start "$work/lab" "$1" --base "$2" --port $port >lab.log 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 5 ] && grep -q 'is taken' lab.log || {
            cat lab.log
            exit 1
        }
        port=$((port + 1))
    done
    lab_inventory "$1" "$2"
}

# lab_inventory N BASE: the boards of the lab, in $inventory.
lab_inventory() {
    inventory=$work/inventory.json
    cat >"$inventory" <<END
{
  "lab": "$name",
  "known_hosts": "lab/known_hosts",
  "platforms": { "shell": { "type": "CPU", "engine": "per_image" } },
  "boards": [ {
    "name": "b-[1-$1]", "platform": "shell", "transport": "ssh",
    "host": "$2.{n}", "port": $port, "key": "lab/key",
    "adapter": "$top/inventory/adapters/command.json",
    "lease_dir": "~/.lease"
  } ]
}
END
}

# experiment N COMMAND...: N cells for each command, quick to fail.
experiment() {
    local n=$1
    shift
    jq -n --argjson n "$n" '{
        experiment: "quick",
        axes: [ { name: "n", type: "integer" },
                { name: "command", type: "text" } ],
        matrix: [ { platform: ["shell"], precision: ["INT8"],
                    n: [range(1; $n + 1)], command: $ARGS.positional } ],
        measure: { warmup: "0.1 s", min_time: "0.1 s", max_time: "5 s",
                   total_limit: "10 s", silence_limit: "10 s",
                   connect_limit: "5 s", attempts: 1 }
    }' --args "$@" >experiment.json
}

# cells CAMPAIGN: "number status reason" of each cell; attempts CAMPAIGN:
# "cell attempt status" of each attempt.
cells() { "$top/tests/cli/archive.py" cells "$1/archive.h5"; }
attempts() { "$top/tests/cli/archive.py" attempts "$1/archive.h5"; }

# cells_that CAMPAIGN STATUS: how many.
cells_that() { cells "$1" | awk -v s="$2" '$2 == s' | wc -l; }
