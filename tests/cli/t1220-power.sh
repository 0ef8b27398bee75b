#!/bin/bash
# t1220-power.sh - sensors looked at, calibrated, swept over, and an outlet
# turned off and on
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh"
command -v python3 >/dev/null || skip_all "no python3"

# A sensor file that wanders about 4 W, and a plug that says what is in "on".
cat >emulate.py <<'END'
import http.server, json, os, threading, time, random
def sensor():
    while True:
        with open("power1_input", "r+") as f:
            f.write("%d\n" % (4000000 + random.randrange(20000)))
        time.sleep(0.005)
class Plug(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if "Switch.Set" in self.path:
            open("switched", "a").write(self.path[-5:] + "\n")
            answer = {"was_on": True}
        else:
            answer = {"apower": 5.0 + random.randrange(3) * 0.1}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
open("power1_input", "w").write("4000000\n")
threading.Thread(target=sensor, daemon=True).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Plug)
open("port.new", "w").write(str(server.server_port))
os.rename("port.new", "port")
server.serve_forever()
END
python3 emulate.py 2>emulate.log &
emulator=$!
end_all() {
    kill $emulator 2>/dev/null
    lab_end
}
wait_until 20 test -s port || oops "no emulator"
plug=$(cat port)
lab_begin 1 127.0.63
trap end_all EXIT
before_end=end_all
export XDG_STATE_HOME=$work/state

# inventory NAME PORT UNIT: a board with a rail and a plug.
inventory() {
    cat >"$1.json" <<END
{
  "lab": "$name", "known_hosts": "lab/known_hosts",
  "platforms": { "shell": { "type": "CPU", "engine": "per_image" } },
  "boards": [ {
    "name": "b-1", "platform": "shell", "host": "127.0.63.1", "port": $2,
    "key": "lab/key", "adapter": "$top/inventory/adapters/command.json",
    "lease_dir": "~/.lease", "stage_dir": "~/.stage",
    "power_cycle": { "meter": "plug", "off": "0 s", "boot": "0 s", "per_day": 2 },
    "meters": [
      { "name": "rail", "driver": "file", "scope": "board", "primary": true,
        "idle": "0.3 s", "period": "5 ms",
        "sources": [ { "path": "$work/power1_input", "unit": "$3" } ] },
      { "name": "plug", "driver": "http", "scope": "wall", "period": "50 ms",
        "idle": "0.3 s", "accuracy": { "reading_pct": 1 },
        "options": { "url": "http://127.0.0.1:$plug", "profile": "shelly2" } }
    ] } ]
}
END
}
inventory good "$port" uW
inventory milli "$port" mW
inventory silent 1 uW

check_reads_every_sensor() {
    run labsweep boards check -i good.json
    expect_code 0
    expect_out 'rail +file +board +ok +(4|4\.0[0-9]*) W'
    expect_out 'plug +http +wall +ok +5(\.[0-9]*)? W'
    run labsweep boards check -i good.json --json
    expect_code 0
    jq -e '.boards[0].sensors | length == 2 and .[0].resolution_w > 0 and
           .[0].update_interval_s < 0.1' out >/dev/null || oops "JSON differs"
}
holds "boards check reads every declared sensor" check_reads_every_sensor

check_names_a_wrong_unit() {
    run labsweep boards check -i milli.json
    expect_code 1
    expect_out 'rail +file +board +BAD .*is it uW where mW is declared'
}
holds "boards check names a unit that is off by 1000" check_names_a_wrong_unit

discover_proposes() {
    run labsweep boards discover b-1 -i good.json
    expect_code 0
    jq -e '.name == "b-1" and .adapter == "labrunner" and
           (.identity | type) == "object"' out >/dev/null ||
        oops "no entry"
}
holds "boards discover proposes an entry" discover_proposes

calibrates() {
    run labsweep meters calibrate b-1 rail -i good.json --reference plug \
        --seconds 1 --json
    expect_code 0
    jq -e '.meters.calibration | .gain > 1.2 and .gain < 1.35 and
           .offset == "0 W"' out >/dev/null || oops "gain differs"
    run labsweep meters calibrate b-1 rail -i good.json --load "8 W" \
        --seconds 1
    expect_code 0
    expect_out '"gain":[[:space:]]*(1\.99|2|2\.0)'
    run labsweep meters list
    expect_out '^snmp '
}
holds "meters calibrate finds a gain" calibrates

sweeps() {
    experiment 1 'sleep 1'
    jq '.capture = ["power", "raw_output"]' experiment.json >e.json
    run labsweep run e.json -i good.json -o swept
    expect_code 0
    run labsweep export swept --table power_runs --format csv
    expect_code 0
    expect_out 'rail'
    expect_out 'plug'
    run labsweep analyze power swept --json
    expect_code 0
    run labsweep report swept
    expect_code 0
    grep -q 'inference' swept/report.html || oops "no trace in the report"
}
holds "a sweep has a row and a trace for each meter" sweeps

cycles_by_hand() {
    rm -f switched
    run labsweep boards power-cycle b-1 -i good.json
    expect_code 0
    expect_same "what the plug heard" "$(tr -d '\n' <switched)" "false=true"
    run labsweep boards power-cycle b-1 -i good.json
    expect_code 0
    run labsweep boards power-cycle b-1 -i good.json
    expect_code 1
    expect_out 'was power-cycled 2 times in 24 hours, 2 are allowed'
    run labsweep boards power-cycle b-1 -i good.json --yes
    expect_code 0
}
holds "power-cycle turns off, then on, twice a day" cycles_by_hand

# Nothing listens at port 1: the first contact marks, quarantine's probe cycles.
quarantine_cycles() {
    rm -rf state switched
    experiment 1 true
    jq '.capture = ["raw_output"]' experiment.json >q.json
    run labsweep run q.json -i silent.json -o dead
    [ "$code" != 0 ] || oops "a silent board ran a cell"
    expect_err 'b-1: did not answer, power-cycled'
    [ "$(grep -c false switched)" -ge 1 ] || oops "the plug was not asked"
    [ "$(grep -c false switched)" -le 2 ] || oops "the cap was not held"
}
holds "quarantine power-cycles a silent board, to its cap" quarantine_cycles

done_testing
