#!/usr/bin/env bash
# "rtcn train" on one and on two executors in JVMs of their own with one core each, the same beats and
# network: examples per second over the second half of the epochs, when the JIT compilers rest, and what
# averaging after every 8 steps costs against averaging after every 32. Prints a table in Markdown.
#
# benchmarks/training/executors.sh [tiny|small] [epochs] [folder]
#
# Wants a build (./mvnw -DskipTests package) and two idle cores. The ECG is simulated.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
size=${1:-small} epochs=${2:-30}
folder=${3:-$(mktemp -d "${TMPDIR:-/tmp}/rtcn-executors.XXXXXX")}
batch=32
keys=(
  --set "simulate.patients={HC=32,AMI=32}" --set "classes=[HC,AMI]"
  --set simulate.duration-seconds=60 --set simulate.max-records-per-patient=1
  --set transform.max-beats-per-record=0
)
run=$folder/run
mkdir -p "$folder"
trap '[[ $? == 0 ]] || echo "Failed: see the logs in $folder" >&2' EXIT
if [[ ! -f $run/stages/transform/manifest.json ]]; then
  "$home/deploy/bin/rtcn" simulate --run "$run" "${keys[@]}" > "$folder/prepare.log" 2>&1
  "$home/deploy/bin/rtcn" ingest --run "$run" --input "$run/raw" "${keys[@]}" >> "$folder/prepare.log" 2>&1
  "$home/deploy/bin/rtcn" transform --run "$run" "${keys[@]}" >> "$folder/prepare.log" 2>&1
fi

# Examples per second over the second half of the epochs.
measure() {
  "$home/deploy/bin/rtcn" train --run "$run" --overwrite "${keys[@]}" \
    --set "train.network.size=$size" --set "train.epochs=$epochs" --set "train.batch-size=$batch" \
    --set "train.workers=$1" --set "train.averaging-frequency=$2" --set train.checkpoint-seconds=0 \
    -- --master "local-cluster[$1,1,2048]" > "$folder/train-$1-$2.log" 2>&1 \
    || { tail -n 5 "$folder/train-$1-$2.log" >&2; exit 1; }
  awk -F, -v perStep=$((batch * $1)) \
    '{step[NR] = $2; t[NR] = $NF} END {h = int((NR + 1) / 2); printf "%.1f", (step[NR] - step[h]) * perStep / (t[NR] - t[h])}' \
    "$run/models/rtcn/training_curve.csv"
}
one=$(measure 1 32)
two=$(measure 2 32)
often=$(measure 1 8)
echo "$size, batch $batch, $epochs epochs, $(date +%F), one core per executor"
echo
echo "| executors | steps between averagings | examples/s | against one executor |"
echo "|---|---|---|---|"
echo "| 1 | 32 | $one | |"
echo "| 2 | 32 | $two | $(awk -v a="$two" -v b="$one" 'BEGIN {printf "%.2f", a / b}') × |"
echo "| 1 | 8 | $often | averaging every 8 steps instead of every 32 costs $(awk -v a="$often" -v b="$one" 'BEGIN {printf "%.1f", 100 * (1 - a / b)}') % |"
