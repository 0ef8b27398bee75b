#!/bin/bash
# t1220-power.sh - sensors looked at, calibrated, swept over, and an outlet
# turned off and on
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh"
command -v python3 >/dev/null || skip_all "no python3"

# A board's sysfs, numbered as no board's: two devices of one name, a rail of
# an older Jetson, an INA3221 whose in4 sums shunts, a core inside a package.
sensor() { # FOLDER FILE TEXT
    mkdir -p "sys/$1"
    echo "$3" >"sys/$1/$2"
}
sensor class/hwmon/hwmon5 name ina226_u76
sensor class/hwmon/hwmon5 power1_input 3000000
sensor class/hwmon/hwmon1 name ina3221
sensor class/hwmon/hwmon1 in1_label VDD_GPU
sensor class/hwmon/hwmon1 in1_input 5000
sensor class/hwmon/hwmon1 curr1_input 900
sensor class/hwmon/hwmon1 in4_input 1
sensor class/hwmon/hwmon2 name ina260
sensor class/hwmon/hwmon2 power1_input 1000000
sensor class/hwmon/hwmon7 name ina260
sensor class/hwmon/hwmon7 power1_input 2000000
sensor class/hwmon/hwmon7 temp1_input 41000
sensor bus/iio/devices/iio:device0 name ina3221x
sensor bus/iio/devices/iio:device0 rail_name_0 VDD_IN
sensor bus/iio/devices/iio:device0 in_power0_input 4000
sensor class/powercap/intel-rapl:0 name package-0
sensor class/powercap/intel-rapl:0 max_energy_range_uj 3000000
sensor class/powercap/intel-rapl:0 energy_uj 0
sensor class/powercap/intel-rapl:0:0 name core
sensor class/powercap/intel-rapl:0:0 energy_uj 0

# A sensor file that wanders about 4 W, and a plug that says 5 W and what was
# switched; with a file "load" the plug says that and the sensor too little.
cat >emulate.py <<'END'
import http.server, json, os, threading, time, random
def load():
    try: return float(open("load").read())
    except (OSError, ValueError): return None
def sensor():
    last, joules = time.time(), 0
    while True:
        w, now = load(), time.time()
        uw = 4e6 if w is None else (w - 0.2) / 1.1 * 1e6
        joules, last = joules + 6 * (now - last), now
        with open("power1_input", "r+") as f:
            f.write("%-9d\n" % (uw + random.randrange(20000)))
        with open("sys/class/powercap/intel-rapl:0/energy_uj", "r+") as f:
            f.write("%-9d\n" % (joules * 1e6 % 3e6))
        time.sleep(0.005)
class Plug(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if "Switch.Set" in self.path:
            open("switched", "a").write(self.path[-5:] + "\n")
            answer = {"was_on": True}
        else:
            answer = {"apower": load() or 5.0 + random.randrange(3) * 0.1}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
open("power1_input", "w").write("4000000  \n")
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

# inventory NAME PORT UNIT: a board with a rail and a plug.
inventory() {
    local ledger=${4:-$work/cycles}
    cat >"$1.json" <<END
{
  "lab": "$name", "known_hosts": "lab/known_hosts",
  "platforms": { "shell": { "type": "CPU", "engine": "per_image" } },
  "boards": [ {
    "name": "b-1", "platform": "shell", "host": "127.0.63.1", "port": $2,
    "key": "lab/key", "adapter": "$top/inventory/adapters/command.json",
    "lease_dir": "~/.lease", "stage_dir": "~/.stage", "sysfs": "$work/sys",
    "power_cycle": { "meter": "plug", "off": "0 s", "boot": "0 s", "per_day": 2,
                     "ledger": "$ledger" },
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
inventory elsewhere "$port" uW "$work/other/cycles"

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
    cp out entry.json
    expect_same "meters" "$(jq -r '.meters[].name' out | tr '\n' ' ')" \
        "ina3221-VDD_GPU ina260-power1_input-2 ina226_u76-power1_input \
ina260-power1_input-4 ina3221x-VDD_IN intel-rapl:0-package-0 "
    expect_same "primary" "$(jq -r '.meters[] | select(.primary) |
        .name + " " + .scope' out)" "ina3221x-VDD_IN module"
}
holds "boards discover proposes an entry" discover_proposes

# The entry as it is, but for the lab's own platform and folders.
the_proposal_is_read() {
    jq --arg adapter "$top/inventory/adapters/command.json" --slurpfile e \
        entry.json '.boards = [$e[0] + { platform: "shell", $adapter,
        lease_dir: "~/.lease", stage_dir: "~/.stage" }]' good.json >found.json
    run labsweep boards check -i found.json
    expect_code 0
    expect_out 'ina3221-VDD_GPU +file +rail +ok +4\.5 W'
    expect_out 'ina260-power1_input-2 +file +rail +ok +1 W'
    expect_out 'ina260-power1_input-4 +file +rail +ok +2 W'
    expect_out 'ina226_u76-power1_input +file +rail +ok +3 W'
    expect_out 'ina3221x-VDD_IN +file +module +ok +4 W'
    expect_out 'intel-rapl:0-package-0 +rapl +package +ok +(6|[56]\.[0-9]*) W'
}
holds "what discover proposes is an inventory, and is read" the_proposal_is_read

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

asked() { [ "$(grep -c 'press Enter' points.err 2>/dev/null)" -ge "$1" ] 2>/dev/null; }
calibrates_at_points() {
    mkfifo enter
    exec 7<>enter
    echo 2 >load
    labsweep meters calibrate b-1 rail -i good.json --reference plug \
        --points 3 --seconds 1 --certificate "bench 7" --json \
        <enter >points.json 2>points.err &
    local calibrate=$!
    wait_until 60 asked 1
    echo 5 >load
    echo >&7
    wait_until 60 asked 2
    echo 9 >load
    echo >&7
    wait $calibrate || oops "no fit: $(cat points.err)"
    rm load
    jq -e '.meters | .points == 3 and .residual_w < 0.1 and
           (.calibration | .gain > 1.08 and .gain < 1.12 and
            (.offset | rtrimstr(" W") | tonumber | . > 0.1 and . < 0.3) and
            .certificate == "bench 7")' points.json >/dev/null ||
        oops "fit differs: $(cat points.json)"
    jq --slurpfile c points.json '.boards[0].meters[0].calibration =
        ($c[0].meters.calibration + { due: "2020-12-31" })' \
        good.json >calibrated.json
}
holds "a line is fitted through loads set one after the other" \
    calibrates_at_points

check_flags_an_old_calibration() {
    run labsweep boards check -i calibrated.json
    expect_code 0
    expect_out 'rail .* ok +4\.[56][0-9]* W.* expired on 2020-12-31'
}
holds "boards check corrects, and tells that a calibration expired" \
    check_flags_an_old_calibration

# The numbers of the page's traces are those of the archive's rows.
cat >traces.py <<'END'
import csv, json, re, sys
page = open("swept/report.html").read()
data = json.loads(re.search('id="data">(.*?)</script>', page, re.S).group(1))
table = data["tables"]["power_traces"]
rows = [dict(zip(table["fields"], r)) for r in table["rows"]]
run = next(r for r in csv.DictReader(open("runs.csv")) if r["meter"] == "rail")
f = {k: float(v) for k, v in run.items() if re.fullmatch(r"-?[0-9.e+-]+", v)}
def near(what, a, b, by):
    if not abs(a - b) <= by: sys.exit(f"{what}: {a} in the page, {b} in rows")
for part, start, end, power in (
        ("idle", "idle_start_s", "idle_end_s", "power_idle_w"),
        ("inference", "window_start_s", "window_end_s", "power_full_w")):
    at, = [r for r in rows if r["part"] == part]
    near(part + " start", at["t_s"], f[start], 1e-4)
    near(part + " end", at["t_end_s"], f[end], 1e-4)
    near(part + " power", at["power_w"], f[power], 1e-4)
    assert at["meter"] == "rail" and at["power_scope"] == "board"
inside = [r["power_w"] for r in rows if r["part"] == "reading" and
          f["window_start_s"] <= r["t_s"] and r["t_end_s"] <= f["window_end_s"]]
assert len(inside) > 20, f"{len(inside)} points of the trace in the window"
near("trace", sum(inside) / len(inside), f["power_full_w"], 0.05)
assert any(r["t_s"] < f["idle_end_s"] for r in rows if r["part"] == "reading")
near("corrected", f["power_full_w"], f["power_full_raw_w"] *
     f["calibration_gain"] + f["calibration_offset_w"], 1e-6)
near("raw", f["power_full_raw_w"], 4.01, 0.03)
assert "expired on 2020-12-31" in run["power_note"], run["power_note"]
assert "bench 7" in run["calibration"]
# what moves the counter may be held up for some of the second; a turn of it
# that was lost would be 3 W
for meter, watts, by in (("tool", 4.01, 0.15), ("counter", 6, 0.5)):
    row = next(r for r in csv.DictReader(open("runs.csv"))
               if r["meter"] == meter)
    near(meter, float(row["power_full_w"]), watts, by)
    assert row["power_scope"] == {"tool": "module", "counter": "package"}[meter]
spec, = [x for x in data["figures"] if x["id"] == "power_trace"]
assert spec["table"] == "power_traces" and spec["text"], "no sentence"
END

cat >tegrastats <<END
#!/bin/sh
while sleep 0.04; do
    read -r uw <$work/power1_input &&
        echo "RAM 1903/7846MB VDD_IN \$((uw / 1000))/2658 VDD_CPU 320/518"
done
END
chmod +x tegrastats
# A file, a counter that wraps, a printing tool and a plug, over sshd.
sweeps() {
    experiment 1 'sleep 1; echo "{\"batches\": 40, \"fps_comp\": 9999}"'
    jq '.capture = ["power", "raw_output"]' experiment.json >e.json
    jq '.boards[0].meters += [
        { name: "tool", driver: "lines", scope: "module", period: "50 ms",
          idle: "0.3 s", options: { tool: "tegrastats",
                                    command: "$HOME/tegrastats" } },
        { name: "counter", driver: "rapl", scope: "package", period: "50 ms",
          idle: "0.3 s", sources: [ { path: "rapl:package-0", unit: "uJ",
                                      quantity: "energy" } ] } ]' \
        calibrated.json | sed "s|\$HOME|$work|" >all.json
    run labsweep run e.json -i all.json -o swept
    expect_code 0
    run labsweep export swept --table power_runs --format csv
    expect_code 0
    expect_out 'rail'
    expect_out 'plug'
    cp out runs.csv
    run labsweep analyze power swept --json
    expect_code 0
    cp out power.json
    labsweep export swept --format jsonl >cell.json
    jq -e --slurpfile c cell.json '$c[0] as $c | def near($w): . > 0.99 * $w and
        . < 1.01 * $w; .analyze | length == 1 and (.[0] |
        .power_scope == "board" and
        .idle_kind == "before_run" and .window_source == "whole_run" and
        (.power_base_w | near(4.6)) and (.power_idle_w | near(4.6)) and
        (.power_full_w | near(4.6)) and
        (.energy_image_j | near($c.energy_j / 40)) and
        (.images_per_joule | near(40 / $c.energy_j)) and
        (.energy_image_pm_j | near($c.energy_uncertainty_j / 40)) and
        (.above_idle_image_j - $c.energy_above_idle_j / 40 | fabs) < 1e-4)' \
        power.json >/dev/null ||
        oops "analyze power: $(cat power.json cell.json)"
    run labsweep report swept
    expect_code 0
    run python3 traces.py
    expect_code 0
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
    # nor does the cap end for another user, or on another machine: the
    # board tells it
    run env HOME=/nonexistent labsweep boards power-cycle b-1 -i silent.json
    expect_code 1
    expect_out 'was power-cycled 2 times in 24 hours'
    run labsweep boards power-cycle b-1 -i elsewhere.json
    expect_code 1
    expect_out 'was power-cycled 2 times in 24 hours'
    expect_same "the ledger" "$(ls cycles/*/cycle-* | wc -l)" 2
    expect_same "the other's" "$(ls other/cycles/*/cycle-* | wc -l)" 2
    run labsweep boards power-cycle b-1 -i good.json --yes
    expect_code 0
}
holds "power-cycle turns off, then on, twice a day" cycles_by_hand

# Nothing listens at port 1: the first contact marks, quarantine's probe cycles.
quarantine_cycles() {
    rm -rf cycles switched
    experiment 1 true
    jq '.capture = ["raw_output"]' experiment.json >q.json
    run labsweep run q.json -i silent.json -o dead
    [ "$code" != 0 ] || oops "a silent board ran a cell"
    expect_err 'b-1: did not answer, power-cycled'
    [ "$(grep -c false switched)" -ge 1 ] || oops "the plug was not asked"
    [ "$(grep -c false switched)" -le 2 ] || oops "the cap was not held"
}
holds "quarantine power-cycles a silent board, to its cap" quarantine_cycles

# It is the lease host that is silent, at the first contact and at the probe:
# the board keeps its power.
a_silent_lease_host_cycles_nothing() {
    rm -rf cycles switched
    jq '.lease_host = { host: "127.0.63.1", port: 1, key: "lab/key" } |
        .boards[0].exclusive = ["hub"]' good.json >hub.json
    labsweep run q.json -i hub.json -o hub >hub.log 2>&1 </dev/null &
    local job=$!
    wait_until 90 eval '[ "$(grep -c "b-1: .*the lease host: cannot connect" hub.log)" -ge 3 ]'
    kill -TERM $job
    wait $job || true
    [ ! -e switched ] || oops "the board was power-cycled"
}
holds "a silent lease host costs no board its power" \
    a_silent_lease_host_cycles_nothing

done_testing
