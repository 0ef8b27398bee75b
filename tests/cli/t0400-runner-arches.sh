#!/bin/bash
# t0400-runner-arches.sh - every kernel of every build gives one answer
#
# The boards' builds run here under qemu; 300 images of MNIST are enough to
# tell kernels apart, and few enough for an emulator.
. "$(dirname "$0")/lib.sh"
mnist=$top/data/mnist
models=$top/runner/models
[ -e "$mnist/t10k-images-idx3-ubyte" ] || skip_all "no MNIST: scripts/fetch-mnist"
images=300

# The first images and labels, with the count in the IDX head.
count_bytes() { printf "\\0\\0\\$(printf %03o $((images / 256)))\\$(
    printf %03o $((images % 256)))"; }
{
    head -c 4 "$mnist/t10k-images-idx3-ubyte"
    count_bytes
    tail -c +9 "$mnist/t10k-images-idx3-ubyte" | head -c $((8 + images * 784))
} >few-images
{
    head -c 4 "$mnist/t10k-labels-idx1-ubyte"
    count_bytes
    tail -c +9 "$mnist/t10k-labels-idx1-ubyte" | head -c $images
} >few-labels

# answer PRECISION KERNEL RUNNER...: hash of all predictions, and the right
answer() {
    local precision=$1 kernel=$2 bits=16
    shift 2
    case $precision in INT2) bits=2 ;; INT4) bits=4 ;; esac
    "$@" run --weights "$models/mlp-w256-b$bits.mlpw" --images few-images \
        --labels few-labels --precision "$precision" --kernel "$kernel" \
        --batch 8 --accuracy-only >answer.json || return
    jq -er 'if .pred_hash and .correct then "\(.pred_hash) \(.correct)" else null end' \
        answer.json
}

reference() { answer "$1" portable labrunner-x86_64; }

all_kernels_of() {
    local kernel precision rest seen=0 wanted got
    "$@" --version >version
    while read -r kernel precision rest; do
        case $precision in INT[248] | FP16 | FP32) ;; *) continue ;; esac
        wanted=$(reference "$precision")
        got=$(answer "$precision" "$kernel" "$@") || {
            # a kernel that this CPU, real or emulated, does not have
            [ "$kernel" != portable ] || oops "portable fails"
            echo "# not here: $kernel $precision"
            continue
        }
        expect_same "$kernel $precision" "$got" "$wanted"
        seen=$((seen + 1))
    done <version
    [ $seen -ge 5 ] || oops "only $seen kernels answered"
    echo "# $seen kernels agree"
}

reference_is_right() {
    for precision in INT2 INT4 INT8 FP16 FP32; do
        local right
        right=$(reference $precision | cut -d' ' -f2)
        [ "$right" -ge 290 ] || oops "$precision: $right of $images right"
    done
}

emulated() {
    local runner=$top/build/runner-$1/bin/labrunner-$2
    if [ -x "$runner" ] && command -v "$3" >/dev/null; then
        holds "all kernels of $1 agree with x86-64's portable ones" \
            all_kernels_of "$3" "$runner"
    else
        echo "# no build for $1, or no $3"
    fi
}

[ "$(uname -m)" = x86_64 ] || skip_all "the reference is x86-64's"
holds "the portable kernels are right" reference_is_right
holds "all kernels of x86-64 agree with the portable ones" \
    all_kernels_of labrunner-x86_64
emulated aarch64 aarch64 qemu-aarch64-static
emulated armhf armv7l qemu-arm-static
done_testing
