#!/usr/bin/env bash
# The network out of DL4J's own layers, ours, and PyTorch's, on images of the default size, one
# thread, turn by turn: images per second in training and inference, and where a step's time goes.
# Prints tables in Markdown. A line of a table is the median of the turns' medians.
#
# benchmarks/training/compare.sh [tiny|small] [batch] [seconds] [turns]
#
# Wants a build (./mvnw -DskipTests package) and, in PYTHON (default python3), PyTorch from PyPI: it
# is no dependency of anything else here. For honest ratios nothing else should run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
size=${1:-small} batch=${2:-32} seconds=${3:-8} turns=${4:-3}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
path=common/target/test-classes:jobs/target/rtcn.jar:deploy/runtime/target/spark/jars/*
log=$(mktemp "${TMPDIR:-/tmp}/rtcn-compare.XXXXXX")
trap 'rm -f "$log"' EXIT
ours() {
  java -Xmx2g -cp "$path" org.rtcn.common.nn.TrainingBenchmark "$size" "$batch" "$1" "$2" 2> /dev/null \
    | tee -a "$log" >&2
}
for ((turn = 0; turn < turns; turn++)); do
  ours "$seconds" ours
  "${PYTHON:-python3}" benchmarks/training/rtcn_torch.py "$size" "$batch" "$seconds" | tee -a "$log" >&2
  ours "$(echo "$seconds / 2" | bc)" stock
done
ours "$seconds" shares

rate() {
  awk -v who="$1" -v what="$2" '$1 == who && $2 == what {print $3}' "$log" | sort -g \
    | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }
echo "$size, batch $batch, one thread, $(date +%F), $(grep -m 1 '# PyTorch' "$log" | cut -c 3- | cut -d, -f 1)"
echo
echo "| images/s | DL4J's own layers | ours | PyTorch | ours / PyTorch |"
echo "|---|---|---|---|---|"
for what in train infer; do
  echo "| $what | $(rate stock $what) | $(rate ours $what) | $(rate torch $what) |" \
    "$(ratio "$(rate ours $what)" "$(rate torch $what)") |"
done
echo
echo "| time of a training step of ours | % |"
echo "|---|---|"
grep '^share' "$log" | while read -r _ percent label; do echo "| $label | $percent |"; done
