#!/usr/bin/env bash
# scale.sh [RECORDS] [FOLDER]
#
# "rtcn ingest" of simulated 10 s recordings (12 leads, 500 Hz, format 16) on one and on two executors in
# JVMs of their own, and of a quarter of them: seconds of the stage, recordings per second, largest resident
# memory of an executor. Needs the built jar (./mvnw -DskipTests package) and, for honest ratios, two idle
# cores. One recording in twenty is simulated; the others are the same files under other patients' names.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
records=${1:-20000}
folder=${2:-$(mktemp -d "${TMPDIR:-/tmp}/rtcn-ingest.XXXXXX")}
copies=20
patients=$(((records + copies - 1) / copies))
mkdir -p "$folder"

if [[ ! -d $folder/all ]]; then
  "$home/deploy/bin/rtcn" simulate --run "$folder/simulated" --set "simulate.patients={HC=$patients}" \
    --set simulate.max-records-per-patient=1 > "$folder/simulate.log" 2>&1
  mkdir "$folder/all.tmp" "$folder/quarter"
  for ((copy = 0; copy < copies; copy++)); do
    cp -rl "$folder/simulated/raw" "$folder/all.tmp/copy$copy"
    if ((copy < copies / 4)); then cp -rl "$folder/simulated/raw" "$folder/quarter/copy$copy"; fi
  done
  mv "$folder/all.tmp" "$folder/all"
fi

# Largest resident memory of the executors that talk to a driver's port, MiB.
peak() {
  local highest=$1 pid kb
  for pid in $(pgrep -f CoarseGrainedExecutorBackend || true); do
    if grep -qsz -- "$2" "/proc/$pid/cmdline"; then
      kb=$(awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2> /dev/null || echo 0)
      if ((${kb:-0} / 1024 > highest)); then highest=$((kb / 1024)); fi
    fi
  done
  echo "$highest"
}

measure() {
  local input=$1 executors=$2 run=$folder/run-$1-$2 highest=0
  # A port of its own marks the executors of this run.
  local port=$((20000 + RANDOM % 10000))
  rm -rf "$run"
  "$home/deploy/bin/rtcn" ingest --run "$run" --input "$folder/$input" -- \
    --master "local-cluster[$executors,1,2048]" --executor-memory 2g --conf "spark.driver.port=$port" \
    > "$folder/ingest-$input-$executors.log" 2>&1 &
  local job=$!
  while kill -0 $job 2> /dev/null; do
    highest=$(peak "$highest" ":$port")
    sleep 1
  done
  wait $job || { tail -n 5 "$folder/ingest-$input-$executors.log" >&2; exit 1; }
  local manifest=$run/stages/ingest/manifest.json seconds kept
  seconds=$(grep -o '"duration_s" *: *[0-9.]*' "$manifest" | head -1 | grep -o '[0-9.]*$')
  kept=$(grep -o '"kept" *: *[0-9]*' "$manifest" | head -1 | grep -o '[0-9]*$')
  echo "$executors executor(s): $kept recordings, stage $seconds s," \
    "$(awk "BEGIN {printf \"%.0f\", $kept / $seconds}") recordings/s, peak $highest MiB per executor"
  rm -rf "$run/tables/signals"
}

measure quarter 1
measure all 1
measure all 2
echo "Work files: $folder"
