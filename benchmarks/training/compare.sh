#!/usr/bin/env bash
# Our network and the same in PyTorch on images of the default size, one thread, turn by turn: images
# per second in training and inference, and where a step's time goes. Prints tables in Markdown. A
# line of a table is the median of the turns' medians. STOCK=1 also times the network out of DL4J's
# own layers, once.
#
# benchmarks/training/compare.sh [tiny|small|base] [batch] [seconds] [turns] [seconds of warm-up]
#
# Wants a build (./mvnw -DskipTests package, with -Ptorch for RTCN_KERNELS=torch) and, in PYTHON
# (default python3), PyTorch from PyPI: it is no dependency of anything else here. For honest ratios
# nothing else should run. LOG=FILE keeps what the programs print, and adds to what is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
size=${1:-small} batch=${2:-32} seconds=${3:-8} turns=${4:-3} warm=${5:-20}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
path=${RTCN_CLASSES:-common/target/test-classes:jobs/target/rtcn.jar:deploy/runtime/target/spark/jars/*}
log=${LOG:-$(mktemp "${TMPDIR:-/tmp}/rtcn-compare.XXXXXX")}
[[ -n ${LOG:-} ]] || trap 'rm -f "$log"' EXIT
# As deploy/bin/rtcn sets it.
core=${OPENBLAS_CORETYPE:-}
if [[ -z $core ]] && grep -qs AuthenticAMD /proc/cpuinfo \
  && grep -qsE '^flags.* avx512dq .* avx512bw avx512vl' /proc/cpuinfo; then
  core=SKYLAKEX
fi
ours() {
  env ${core:+"OPENBLAS_CORETYPE=$core"} java -Xmx2g "-Drtcn.kernels=${RTCN_KERNELS:-auto}" -cp "$path" \
    org.rtcn.common.nn.TrainingBenchmark "$size" "$batch" "$1" "$2" "$warm" 2> /dev/null \
    | grep -E '^(#|ours|stock|share)' | tee -a "$log" >&2
}
for ((turn = 0; turn < turns; turn++)); do
  ours "$seconds" ours
  env -u OPENBLAS_CORETYPE "${PYTHON:-python3}" benchmarks/training/rtcn_torch.py \
    "$size" "$batch" "$seconds" cpu "warm=$warm" | tee -a "$log" >&2
done
[[ ${STOCK:-0} == 0 ]] || ours "$seconds" stock
[[ ${SHARES:-1} == 0 ]] || ours "$seconds" shares

rate() {
  awk -v who="$1" -v what="$2" '$1 == who && $2 == what {print $3}' "$log" | sort -g \
    | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }
echo "$size, batch $batch, one thread, $(date +%F), $(grep -m 1 '# PyTorch' "$log" | cut -c 3- | cut -d, -f 1)"
echo
echo "| images/s | ours | PyTorch | ours / PyTorch |"
echo "|---|---|---|---|"
for what in train infer; do
  echo "| $what | $(rate ours $what) | $(rate torch $what) |" \
    "$(ratio "$(rate ours $what)" "$(rate torch $what)") |"
done
[[ -z $(rate stock train) ]] || echo "DL4J's own layers: $(rate stock train) in training, $(rate stock infer) in inference"
echo
echo "| time of a training step of ours | % |"
echo "|---|---|"
grep '^share' "$log" | while read -r _ percent label; do echo "| $label | $percent |"; done
