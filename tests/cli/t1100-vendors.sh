#!/bin/bash
# t1100-vendors.sh - shipped adapters drive tools that print golden logs
#
# The tools are scripts: what is tested is how they are called, with which
# files and words on standard input, and that op modes come and go.
. "$(dirname "$0")/lib.sh"

golden=$top/tests/golden/adapters
export HOME=$work GOLDEN=$golden WORK=$work LC_ALL=C
export INTEL_OPENVINO_DIR=$work/openvino
mkdir -p bin models bismo openvino/runtime package/driver python/pynq
PATH=$work/bin:$PATH

# tool FILE: a script from standard input.
tool() {
    { echo '#!/bin/sh'; cat; } >"$1"
    chmod +x "$1"
}

tool bin/nvpmodel <<'E'
s=$WORK/nvpmodel
[ -e $s ] || echo 3 >$s
case $1 in
-m) echo "$2" >$s; echo "nvpmodel $2" >>$WORK/modes ;;
-q) echo "NV Power Mode: $(sed 's/0/MAXN/; s/1/MAXQ/; s/[23]/MAXP/' $s)"
    cat $s ;;
esac
E
tool bin/sudo <<'E'
[ "$1" = -n ] && shift && exec "$@"
E
tool bin/jetson_clocks <<'E'
echo "jetson_clocks $1" >>$WORK/modes
[ "$1" != --store ] || : >"$2"
E
# A card that locks no clock above 1200 MHz, and takes a moment to move.
tool bin/nvidia-smi <<'E'
cd $WORK
[ -e limit ] || { echo 250 >limit; echo 210 >mhz; }
while [ $# -gt 0 ]; do
    case $1 in
    -pl) echo "$2" >limit; echo "nvidia-smi $1 $2" >>cards ;;
    -lgc) m=${2#*,}; [ $m -le 1200 ] || m=1200; (sleep 0.3; echo $m >mhz) &
        echo "nvidia-smi $1 $2" >>cards ;;
    -rgc) echo 210 >mhz; echo "nvidia-smi $1" >>cards ;;
    --query-gpu=*) q=${1#*=} ;;
    esac
    shift
done
case $q in
enforced.power.limit) printf '%.2f\n' $(cat limit) ;;
enforced.power.limit,clocks.sm) printf '%.2f, %d\n' $(cat limit mhz) ;;
esac
E
tool bin/trtexec <<'E'
for word; do
    case $word in
    --help) exec head -n 1 $GOLDEN/trtexec/10.2/times.log ;;
    --saveEngine=*) : >"${word#*=}"; exit 0 ;;
    --loadEngine=*) test -e "${word#*=}" || exit 1 ;;
    --exportTimes=*) times=${word#*=} ;;
    esac
done
echo "$@" >>$WORK/trtexec
sed '/^\[$/,$d' $GOLDEN/trtexec/10.2/times.log
sed -n '/^\[$/,$p' $GOLDEN/trtexec/10.2/times.log >"$times"
E
tool bin/benchmark_app <<'E'
while [ $# -gt 0 ]; do
    case $1 in
    -report_folder) folder=$2 ;;
    -m) test -e "$2" && test -e "${2%.xml}.bin" || exit 3 ;;
    esac
    shift
done
cat $GOLDEN/openvino/2022.3/summary.log
sed -n '/^{/,$p' $GOLDEN/openvino/2022.3/report.log \
    >"$folder/benchmark_report.json"
E
tool bismo/testapp <<'E'
[ "$1" = b ] || exit 1
printf 'hw_fclk_mhz, run_achieved_binops, run_cycles, '
for m in lhs_host2accel lhs_p2s lhs_pad res_accel2host res_unpad \
    rhs_host2accel rhs_p2s rhs_pad; do printf 'mat_%s_us, ' $m; done
echo
while read -r rows depth cols lhs rhs; do
    [ "$rows" != 0 ] || exit 0
    echo "$rows $depth $cols $lhs $rhs" >>$WORK/bismo.jobs
    echo "200, 5.5, $((rows * depth)), 1, 1, 1, 1, 1, 1, 1, 1, "
done
E
echo "2022.3.0-9052" >openvino/runtime/version.txt
"$top/tests/lab/virtual/models.py" models
echo 'io_shape_dict = {}' >package/driver/driver.py
echo 'print("Final accuracy: 91.868293")' >package/driver/validate.py
cat >package/driver/driver_base.py <<'E'
class FINNExampleOverlay:
    def __init__(self, batch_size, fclk_mhz, **other):
        self.batch, self.clock = batch_size, fclk_mhz

    def throughput_test(self):
        step = dict.fromkeys(
            ["pack_input[ms]", "copy_input_data_to_device[ms]",
             "copy_output_data_from_device[ms]", "unpack_output[ms]"], 0.25)
        return {"runtime[ms]": 2.0, "throughput[images/s]": 500.0 * self.batch,
                "fclk[mhz]": self.clock, "batch_size": self.batch, **step}
E
(cd package && python3 -m zipfile -c ../models/MLP-INT2-100.zip driver)
echo '__version__ = "3.0"' >python/pynq/__init__.py
printf 'class Clocks:\n    fclk0_mhz, fclk2_mhz = 100.0, 200.0\n' \
    >python/pynq/ps.py

jq --arg work "$work" --arg adapters "$top/inventory/adapters/" '
def board($name; $platform; $adapter; $modes): {
    name: $name, platform: $platform, transport: "local",
    adapter: ($adapters + $adapter + ".json"),
    stage_dir: ($work + "/stage"), lease_dir: ($work + "/lease-" + $name),
    parameters: { models: ($work + "/models"), driver: "driver",
        bitfile: "b.bit", mhz: 100, deploy: ($work + "/bismo"), sudo: "env",
        python: ("env PYTHONPATH=" + $work + "/python python3"),
        device: "MYRIAD", api: "sync" },
    op_modes: $modes };
.boards = [ board("finn"; "ZCU104-FINN"; "finn-loop"; {}),
    board("bismo"; "ZCU104-BISMO"; "bismo"; {}),
    board("ncs"; "NCS"; "openvino"; {}),
    board("tx2"; "TX2"; "trtexec"; {
        maxn: { id: 0, jetson_clocks: 1, granted: "MAXN 0" },
        maxq: { id: 1, jetson_clocks: 0, granted: "MAXQ 2" } }),
    (board("card"; "CARD"; "trtexec-smi"; {
        maxn: { watts: 150, mhz: 1200, granted: "150.00" },
        maxq: { watts: 200, mhz: 1300, granted: "200.00" } })
     | .parameters.device = 0) ]
| .platforms.CARD = .platforms.TX2
' "$top/inventory/qutibench.json" >inv.json
jq --arg top "$top" '
def row($platform; $precision; $modes): { topology: ["MLP"],
    dataset: ["MNIST"], platform: [$platform], precision: [$precision],
    pruning_factor_pct: [100], batch: [8], op_mode: $modes };
.topologies.MLP = ($top + "/experiments/topologies/mlp.json")
| .datasets.MNIST.dir = ($top + "/data/mnist") | .na = []
| .capture = ["latencies", "raw_output"]
| .matrix = [ row("ZCU104-FINN"; "INT2"; ["default"]),
    row("ZCU104-BISMO"; "INT2"; ["default"]),
    row("NCS"; "FP16"; ["default"]), row("TX2"; "FP16"; ["maxn", "maxq"]),
    row("CARD"; "FP16"; ["maxn", "maxq"]) ]
| .measure += { warmup: "0.01 s", min_time: "0.05 s", max_time: "5 s",
    total_limit: "30 s", attempts: 1 }
' "$top/experiments/mnist.json" >exp.json

sweep() {
    run labsweep run exp.json -i inv.json -o campaign
    expect_code 1
    expect_out '5 ok, 2 failed'
    expect_err "op mode 'maxq' was not granted: the board says '200.00, 1200', expected '200.00, 1300'"
    expect_err "op mode 'maxq' was not granted: the board says 'MAXQ 1', expected 'MAXQ 2'"
}

words_on_stdin() {
    expect_same "products" "$(cat bismo.jobs)" "2048 784 8 2 2
2048 2048 8 2 2
2048 2048 8 2 2
10 2048 8 2 2"
}

modes_come_and_go() {
    expect_same "modes" "$(grep -v ' 1$' modes | head -n 6)" "nvpmodel 0
jetson_clocks --store
jetson_clocks 
jetson_clocks --restore
nvpmodel 3
nvpmodel 3"
    expect_same "mode at the end" "$(cat nvpmodel)" 3
}

cards_are_restored() {
    expect_same "limit at the end" "$(cat limit)" 250.00
    expect_same "the lock at the end" "$(tail -n 2 cards)" "nvidia-smi -rgc
nvidia-smi -pl 250.00"
    run labsweep export campaign --table attempts --format csv
    expect_out ',"?150\.00, 1200"?,'
}

flags() {
    grep -q -e '--shapes=input:8x784 --warmUp=10 --duration=0.05' trtexec ||
        oops "other words for trtexec: $(cat trtexec)"
}

# A system under test whose log has LoadGen's own window, half a second of it.
tool sut <<'E'
now() { date -u '+%m-%d-%Y %H:%M:%S.%3N'; }
sleep 0.3
begin=$(now)
sleep 0.5
sed "s/\"07-31-2025 12:22:36.142\"/\"$begin\"/" \
    $GOLDEN/loadgen/4.1/singlestream.log >mlperf_log_detail.txt
echo ":::MLLOG {\"key\": \"power_end\", \"value\": \"$(now)\"}" \
    >>mlperf_log_detail.txt
sleep 0.3
E
loadgens_own_window() {
    jq --arg work "$work" --arg adapters "$top/inventory/adapters/" '.boards = [
        { name: "sut", platform: "TX2", transport: "local",
          adapter: ($adapters + "loadgen.json"),
          stage_dir: ($work + "/stage"), lease_dir: ($work + "/lease-sut"),
          parameters: { folder: $work, command: "./sut",
                        loadgen_version: "echo 4.1" }, op_modes: { maxn: {} },
          meters: [ { name: "wave", driver: "fake", scope: "wall",
                      period: "5 ms", idle: "0.1 s" } ] } ]' inv.json >sut.json
    jq '.capture = ["power", "raw_output"] | .matrix = [ .matrix[3] |
        .batch = [1] | .op_mode = ["maxn"] ]' exp.json >sut-exp.json
    run labsweep run sut-exp.json -i sut.json -o sutted
    expect_code 0
    labsweep export sutted --table power_runs --format jsonl |
        jq -e '.window_source == "exported" and
            (.window_end_s - .window_start_s | . > 0.49 and . < 5) and
            .power_full_w > 2' >/dev/null || oops "another window"
}

holds "LoadGen's own window is the power's" loadgens_own_window
holds "four tools on five boards are measured, and a mode not granted is invalid" sweep
holds "BISMO is asked for every layer" words_on_stdin
holds "op modes are set, and restored in reverse" modes_come_and_go
holds "a card's clock lock is read back, and given up" cards_are_restored
holds "trtexec is told batch, warm-up and time" flags
done_testing
