#!/usr/bin/env bash
# "rtcn train" on one and on two executors in JVMs of their own with one core each, the same beats and
# network: examples per second after the first epoch, and what averaging after every 8 steps costs
# against averaging after every 64. Prints a table in Markdown.
#
# benchmarks/training/executors.sh [tiny|small] [epochs] [folder]
#
# Wants a build (./mvnw -DskipTests package) and two idle cores. The ECG is simulated.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
size=${1:-small} epochs=${2:-5}
folder=${3:-$(mktemp -d "${TMPDIR:-/tmp}/rtcn-executors.XXXXXX")}
batch=32
keys=(
  --set "simulate.patients={HC=32,AMI=32}" --set "classes=[HC,AMI]"
  --set simulate.duration-seconds=60 --set simulate.max-records-per-patient=1
  --set transform.max-beats-per-record=0
)
run=$folder/run
mkdir -p "$folder"
if [[ ! -f $run/stages/transform/manifest.json ]]; then
  "$home/deploy/bin/rtcn" simulate --run "$run" "${keys[@]}" > "$folder/prepare.log" 2>&1
  "$home/deploy/bin/rtcn" ingest --run "$run" --input "$run/raw" "${keys[@]}" >> "$folder/prepare.log" 2>&1
  "$home/deploy/bin/rtcn" transform --run "$run" "${keys[@]}" >> "$folder/prepare.log" 2>&1
fi

# Examples per second from the end of the first epoch to the end of the last.
measure() {
  "$home/deploy/bin/rtcn" train --run "$run" --overwrite "${keys[@]}" \
    --set "train.network.size=$size" --set "train.epochs=$epochs" --set "train.batch-size=$batch" \
    --set "train.workers=$1" --set "train.averaging-frequency=$2" --set train.checkpoint-seconds=0 \
    -- --master "local-cluster[$1,1,2048]" > "$folder/train-$1-$2.log" 2>&1 \
    || { tail -n 5 "$folder/train-$1-$2.log" >&2; exit 1; }
  awk -F, -v perStep=$((batch * $1)) \
    'NR == 2 {step = $2; t = $NF} NR > 2 {s = $2; e = $NF} END {printf "%.1f", (s - step) * perStep / (e - t)}' \
    "$run/models/rtcn/training_curve.csv"
}
one=$(measure 1 8)
two=$(measure 2 8)
rare=$(measure 1 64)
echo "$size, batch $batch, $(date +%F), one core per executor"
echo
echo "| executors | steps between averagings | examples/s | against one executor |"
echo "|---|---|---|---|"
echo "| 1 | 8 | $one | |"
echo "| 2 | 8 | $two | $(awk -v a="$two" -v b="$one" 'BEGIN {printf "%.2f", a / b}') × |"
echo "| 1 | 64 | $rare | averaging every 8 steps takes $(awk -v a="$one" -v b="$rare" 'BEGIN {printf "%.1f", 100 * (1 - a / b)}') % of the time |"
