#!/bin/bash
# t1340-security.sh - hostile parameters do nothing; secrets stay where they are
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
lab_begin 1 127.0.94
pwned=/tmp/pwned$$ # short: a value has 63 bytes

# An adapter that lets the board say an axis' value back, byte for byte.
cat >echo.json <<'END'
{ "adapter": "echo", "jobs": [ { "name": "measure", "run":
    "printf '%s' {word} | od -An -v -tx1 | tr -d ' \\n'; echo; printf '%s' {param.word} >/dev/null; sleep 0.3" } ] }
END
words=("\$(touch $pwned)" "\`touch $pwned\`" "; touch $pwned" "'; touch $pwned; '"
    "\" && touch $pwned \"" "| touch $pwned" "> $pwned"
    "a b  c" "*" "~" "\\" "--help" "\${HOME}" "ä€" "{word}" "{!word}" "%s%n")

# Meanwhile: every command line on this machine, into the file argv.
watch_argv() {
    rm -f over
    ( while [ ! -e over ]; do
        for f in /proc/[0-9]*/cmdline; do
            tr '\0' ' ' <"$f" || true # gone meanwhile
            echo
        done 2>/dev/null >>argv
        sleep 0.05
    done ) &
    watcher=$!
}
unwatch_argv() {
    touch over
    wait $watcher
}

hostile_parameters_are_words() {
    jq '.boards[0] += { adapter: "./echo.json",
        parameters: { word: ("\u0027; touch " + $pwned + "; \u0027") } }' \
        --arg pwned "$pwned" "$inventory" >hostile-inventory.json
    jq -n '{ experiment: "hostile", axes: [ { name: "word", type: "text" } ],
        matrix: [ { platform: ["shell"], word: $ARGS.positional } ],
        capture: ["raw_output"],
        measure: { warmup: "0.1 s", min_time: "0.1 s", max_time: "5 s",
            total_limit: "20 s" } }' --args -- "${words[@]}" >hostile.json
    watch_argv
    run labsweep run hostile.json -i hostile-inventory.json -o hostile
    unwatch_argv
    expect_code 0
    cat out err >sweep.log
    [ ! -e "$pwned" ] || oops "a parameter was run"
    "$top/tests/cli/archive.py" strings hostile/archive.h5 >raw
    for word in "${words[@]}"; do
        printf '%s' "$word" | od -An -v -tx1 | tr -d ' \n' >hex
        grep -qxF "$(cat hex)" raw || oops "not said back: '$word'"
    done
}

# A plug that answers whoever knows its password, and writes down who does not.
cat >plug.py <<'END'
import base64, http.server, os
known = open("plug-password").read().strip()
token = "Basic " + base64.b64encode(b"bench:" + known.encode()).decode()
class Plug(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        asked = self.headers.get("Authorization")
        body = b'{"apower": 5.5}' if asked == token else b"{}"
        self.send_response(200 if asked == token else 401)
        if asked != token:
            self.send_header("WWW-Authenticate", 'Basic realm="plug"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        open("asked", "a").write("known\n" if asked == token else "unknown\n")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Plug)
open("plug.new", "w").write(str(server.server_port))
os.rename("plug.new", "plug")
server.serve_forever()
END

# metered NAME URL PASSWORD_FILE: an inventory with a plug behind a password.
metered() {
    jq --arg url "$2" --arg file "$3" '.boards[0].meters = [ {
        name: "plug", driver: "http", scope: "wall", period: "50 ms",
        idle: "0.2 s", options: { url: $url, profile: "shelly2",
            user: "bench", password_file: $file } } ]' "$inventory" >"$1"
}

a_meters_password_is_read_from_its_file() {
    umask 077
    echo "$(head -c 18 /dev/urandom | base64)/?" >plug-password
    echo not-this-one-4711 >wrong-password
    python3 plug.py 2>plug.err &
    local plug=$! port
    wait_until 20 test -s plug
    port=$(cat plug)
    # from the inventory's folder, wherever the sweep is started
    metered metered.json "http://127.0.0.1:$port" plug-password
    metered wrong.json "http://127.0.0.1:$port" "$work/wrong-password"
    metered said.json "http://bench:$(cat plug-password)@127.0.0.1:$port" \
        "$work/plug-password"
    experiment 1 'sleep 0.5'
    jq '.capture = ["power", "raw_output"]' experiment.json >power.json
    watch_argv
    mkdir -p elsewhere
    cd elsewhere
    run labsweep run ../power.json -i ../metered.json -o ../metered
    cd "$work"
    mv elsewhere/out elsewhere/err .
    unwatch_argv
    cat out err >metered.log
    expect_code 0
    grep -q '^known' asked || oops "the plug was not asked"
    run labsweep run power.json -i wrong.json -o wrong
    cat out err >wrong.log
    expect_code 3
    run labsweep run power.json -i said.json -o said
    cat out err >said.log
    kill $plug
    expect_code 2
    expect_sentence 'url: a password does not belong into an inventory.*password_file'
    [ ! -e said ] || oops "a campaign was made"
    chmod 644 plug-password
    run labsweep run power.json -i metered.json -o opened
    chmod 600 plug-password
    [ "$code" != 0 ] || oops "it ran"
    "$top/tests/cli/archive.py" cells opened/archive.h5 >>out 2>&1 || true
    cat out >>err
    expect_err "plug-password' may be read by others"
}

# The private key and the meters' passwords (as they are, and as HTTP says
# them) are what we know by reference: looked for in all that the sweeps
# wrote and said.
the_key_is_nowhere() {
    grep -v -- '-----' lab/key >secret
    [ "$(wc -l <secret)" -gt 2 ] || oops "no secret to look for"
    cat plug-password wrong-password >>secret
    for file in plug-password wrong-password; do
        printf 'bench:%s' "$(cat $file)" | base64 >>secret
    done
    for campaign in metered wrong; do
        ! grep -rqaFf secret $campaign ||
            oops "a secret is in $(grep -rlaFf secret $campaign)"
        "$top/tests/cli/archive.py" strings $campaign/archive.h5 >archive.txt
        [ -s archive.txt ] || oops "nothing is in the archive"
        ! grep -qaFf secret archive.txt || oops "a secret is in an archive"
    done
    labsweep report metered >report.log 2>&1 || true
    labsweep boards check -i metered.json >check.log 2>&1 || true
    grep -q 'labsweep run ../power.json' argv || oops "ours was not seen"
    labsweep report hostile >report.log 2>&1 || true
    labsweep export hostile --format csv >export.log 2>&1 || true
    labsweep boards leases -i hostile-inventory.json --json >leases.log 2>&1
    ! grep -rqaFf secret hostile argv ./*.log ||
        oops "the key is in $(grep -rlaFf secret hostile argv ./*.log)"
    [ -s argv ] || oops "no command line was seen"
    grep -q 'labsweep run hostile.json' argv || oops "ours was not seen"
    "$top/tests/cli/archive.py" strings hostile/archive.h5 \
        >archive.txt ||
        oops "the archive cannot be read"
    [ -s archive.txt ] || oops "nothing is in the archive"
    ! grep -qaFf secret archive.txt || oops "the key is in the archive"
}

open_files_are_told() {
    chmod 644 lab/key
    experiment 1 true
    run labsweep run experiment.json -i "$inventory" -o open
    chmod 600 lab/key
    expect_err "the key .*lab/key' may be read by others \(mode 0644\)"
    chmod 777 hostile
    run labsweep resume hostile
    chmod 755 hostile
    expect_code 0
    expect_err "anybody may write into 'hostile' \(mode 0777\)"
}

holds "hostile parameters are words" hostile_parameters_are_words
holds "a meter's password is read from its file" \
    a_meters_password_is_read_from_its_file
holds "the key and the passwords are nowhere" the_key_is_nowhere
holds "files that others may touch are told" open_files_are_told
done_testing
