#!/usr/bin/env bash
# compare.sh OTHER PTBXL [FOLDER]
#
# "rtcn ingest" and "rtcn transform" of PTB-XL (or an excerpt, with ptbxl_database.csv) on one core, by this
# checkout and by OTHER, a checkout of another commit: seconds of the stage for the first 50 recordings and for
# all, milliseconds per further recording, bytes of the tables. Both need the built jar (./mvnw -DskipTests
# package). Two idle cores make honest ratios; ROUNDS=3 repeats it; COPIES=4 takes every recording four times, under
# other numbers, so that a JVM that is still warming up counts for less; STAGES=ingest leaves transform out. The
# rows must be the same: the manifests' digests say so.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
other=$(cd "$1" && pwd)
data=$(cd "$2" && pwd)
folder=${3:-$(mktemp -d "${TMPDIR:-/tmp}/rtcn-tables.XXXXXX")}
few=50
stages=${STAGES:-ingest transform}
rounds=$(seq 1 "${ROUNDS:-1}")
mkdir -p "$folder"

"$home/benchmarks/first-recordings.sh" "$data" $few "$folder/few"

if ((${COPIES:-1} > 1)); then
  [[ -d $folder/copies ]] || "$home/benchmarks/tables/copies.py" "$data" "$folder/copies" "$COPIES"
  data=$folder/copies
fi

value() { grep -o "\"$2\" *: *[0-9.]*" "$1" | head -1 | grep -o '[0-9.]*$'; }
digests() { grep -o '"digest" *: *"[0-9a-f]*"' "$1" | sort | sha256sum | cut -c1-12; }

measure() { # CHECKOUT NAME INPUT
  local run=$folder/$2-$(basename "$3") stage
  rm -rf "$run"
  for stage in $stages; do
    local input=()
    [[ $stage != ingest ]] || input=(--input "$3")
    "$1/deploy/bin/rtcn" "$stage" --run "$run" ${input[@]+"${input[@]}"} -- --master 'local[1]' >> "$folder/$2.log" 2>&1 \
      || { tail -n 5 "$folder/$2.log" >&2; exit 1; }
  done
}

for round in $rounds; do
  for input in "$folder/few" "$data"; do
    measure "$other" "before-$round" "$input"
    measure "$home" "now-$round" "$input"
  done
done
all=$(basename "$data")
for stage in $stages; do
  for build in before now; do
    for round in $rounds; do
      small=$folder/$build-$round-few/stages/$stage/manifest.json
      large=$folder/$build-$round-$all/stages/$stage/manifest.json
      count=$(value "$folder/$build-$round-$all/stages/ingest/manifest.json" kept)
      echo "$stage $build, round $round: $few recordings $(value "$small" duration_s) s, $count recordings" \
        "$(value "$large" duration_s) s," \
        "$(awk "BEGIN {printf \"%.2f\", 1000 * ($(value "$large" duration_s) - $(value "$small" duration_s)) / ($count - $few)}")" \
        "ms per further recording, rows $(digests "$large")"
    done
  done
done
for table in signals beats spectrograms; do
  [[ -d $folder/now-1-$all/tables/$table ]] || continue
  echo "$table: $(du -sb "$folder/before-1-$all/tables/$table" | cut -f1) bytes before," \
    "$(du -sb "$folder/now-1-$all/tables/$table" | cut -f1) now"
done
echo "Work files: $folder"
