#!/usr/bin/env bash
# scale.sh [BEATS] [FOLDER]
#
# "rtcn transform" over simulated ECG on one and on two executors in JVMs of their own: beats per
# second, peak memory of the executors, bytes per beat. Needs the built jar (./mvnw -DskipTests
# package) and, for honest ratios, two idle cores. The ECG is simulated: ten-minute recordings of
# some 700 beats each, every beat kept.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
beats=${1:-100000}
folder=${2:-$(mktemp -d "${TMPDIR:-/tmp}/rtcn-scale.XXXXXX")}
per_class=$(((beats + 2099) / 2100))
keys=(
  --set "simulate.patients={HC=$per_class,AMI=$per_class,IMI=$per_class}"
  --set simulate.duration-seconds=600 --set simulate.max-records-per-patient=1
  --set transform.max-beats-per-record=0
)
one=$folder/executors-1
mkdir -p "$folder"
if [[ ! -f $one/stages/ingest/manifest.json ]]; then
  "$home/deploy/bin/rtcn" simulate --run "$one" "${keys[@]}" > "$folder/prepare.log" 2>&1
  "$home/deploy/bin/rtcn" ingest --run "$one" --input "$one/raw" "${keys[@]}" >> "$folder/prepare.log" 2>&1
fi

# Largest resident memory of the executors below a process, MiB.
peak() {
  local highest=0 pid kb
  for pid in $(pgrep -f CoarseGrainedExecutorBackend || true); do
    if grep -qsz -- "$2" "/proc/$pid/cmdline"; then
      kb=$(awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2> /dev/null || echo 0)
      if ((${kb:-0} / 1024 > highest)); then highest=$((kb / 1024)); fi
    fi
  done
  echo $((highest > $1 ? highest : $1))
}

for executors in 1 2; do
  run=$folder/executors-$executors
  if ((executors == 2)); then
    rm -rf "$run"
    mkdir -p "$run/tables" "$run/stages"
    ln -s "$one"/tables/{records,signals,splits} "$run/tables/"
    cp -r "$one/stages/ingest" "$run/stages/"
  fi
  # A port of its own marks the executors of this run.
  port=$((20000 + RANDOM % 20000))
  started=$(date +%s.%N)
  "$home/deploy/bin/rtcn" transform --run "$run" --overwrite "${keys[@]}" -- \
    --master "local-cluster[$executors,1,2048]" --executor-memory 2g --conf "spark.driver.port=$port" \
    > "$folder/transform-$executors.log" 2>&1 &
  job=$!
  highest=0
  while kill -0 $job 2> /dev/null; do
    highest=$(peak "$highest" ":$port")
    sleep 1
  done
  wait $job || { tail -n 5 "$folder/transform-$executors.log" >&2; exit 1; }
  seconds=$(echo "$(date +%s.%N) - $started" | bc)
  stage=$(grep -o '"duration_s" *: *[0-9.]*' "$run/stages/transform/manifest.json" | head -1 | grep -o '[0-9.]*$' || true)
  kept=$(grep -o '"beats.kept" *: *[0-9]*' "$run/stages/transform/manifest.json" | grep -o '[0-9]*$')
  bytes=$(du -sb "$run/tables/beats" "$run/tables/spectrograms" | awk '{sum += $1} END {printf "%.0f", sum}')
  echo "executors $executors: $kept beats, $seconds s with Spark's start, stage ${stage:-?} s," \
    "$(echo "scale=1; $kept / ${stage:-$seconds}" | bc) beats/s, peak $highest MiB per executor, $((bytes / kept)) bytes per beat"
done
echo "Work files: $folder"
