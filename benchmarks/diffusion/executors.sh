#!/usr/bin/env bash
# Beats per second that "rtcn augment" draws on one and on two executors in JVMs of their own with one
# core each: the same model, the same beats. The ECG is simulated.
#
# benchmarks/diffusion/executors.sh [tiny|small|base] [beats per class] [folder]
#
# Wants a build (./mvnw -DskipTests package) and two idle cores.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
size=${1:-small} beats=${2:-12000}
folder=${3:-$(mktemp -d "${TMPDIR:-/tmp}/rtcn-sampling.XXXXXX")}
keys=(
  --set "simulate.patients={HC=130,AMI=10}" --set "classes=[HC,AMI]"
  --set simulate.duration-seconds=120 --set simulate.max-records-per-patient=1
  --set transform.max-beats-per-record=0 --set "augment.max-per-class=$beats" --set augment.max-ratio=1000
  --set "augment.ddpm.size=$size" --set augment.ddpm.training-steps=200 --set augment.reserve=0
)
run=$folder/run
mkdir -p "$folder"
trap '[[ $? == 0 ]] || echo "Failed: see the logs in $folder" >&2' EXIT
if [[ ! -f $run/stages/transform/manifest.json ]]; then
  "$home/deploy/bin/rtcn" simulate --run "$run" "${keys[@]}" > "$folder/prepare.log" 2>&1
  "$home/deploy/bin/rtcn" ingest --run "$run" --input "$run/raw" "${keys[@]}" >> "$folder/prepare.log" 2>&1
  "$home/deploy/bin/rtcn" transform --run "$run" "${keys[@]}" >> "$folder/prepare.log" 2>&1
fi
for executors in 1 2; do
  "$home/deploy/bin/rtcn" augment --run "$run" --overwrite "${keys[@]}" \
    -- --master "local-cluster[$executors,1,2048]" > "$folder/augment-$executors.log" 2>&1 \
    || { tail -n 5 "$folder/augment-$executors.log" >&2; exit 1; }
  echo "$executors executor(s): $(grep -o 'drew .*' "$folder/augment-$executors.log")"
done
