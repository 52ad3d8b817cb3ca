#!/usr/bin/env bash
# measure.sh RUN [ROUNDS]
#
# Seconds of processor time and elapsed of the commands whose start a person waits for, on a run that ingest and
# transform have filled. Needs the built jar (./mvnw -DskipTests package); for honest elapsed times idle cores.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
run=$1
rounds=$(seq 1 "${2:-3}")
rtcn=$home/deploy/bin/rtcn
out=$(mktemp -d "${TMPDIR:-/tmp}/rtcn-start.XXXXXX")
trap 'rm -rf "$out"' EXIT
TIMEFORMAT='%U %S %R'

measure() { # NAME COMMAND...
  local name=$1 round
  shift
  for round in $rounds; do
    { time "$@" > "$out/out" 2> "$out/err" || true; } 2>> "$out/$name.times"
  done
  sort -n "$out/$name.times" | awk -v name="$name" \
    '{ cpu[NR] = $1 + $2; wall[NR] = $3 } END { m = int((NR + 1) / 2); printf "%-28s %5.2f s of CPU, %5.2f s elapsed (median of %d)\n", name, cpu[m], wall[m], NR }'
}

"$rtcn" help > /dev/null # makes the archive of classes, if there is none
record=$("$rtcn" sql "SELECT record_id FROM beats ORDER BY record_id LIMIT 1" --run "$run" --format csv | tail -n 1)
measure help "$rtcn" --help
measure "option that is refused" "$rtcn" ingest --run "$run" --set transform.image.voces=9
measure "input that is missing" "$rtcn" ingest --run "$out/none" --input nowhere
measure records "$rtcn" records --run "$run"
measure "plot of a recording" "$rtcn" plot "$record" --run "$run" --out "$out/ecg.png"
measure "plot of a beat" "$rtcn" plot "$("$rtcn" sql "SELECT beat_id FROM beats WHERE record_id = '$record' LIMIT 1" \
  --run "$run" --format csv | tail -n 1)" --run "$run" --out "$out/beat.png"
measure "sql, one group" "$rtcn" sql "SELECT label, count(*) AS beats FROM beats GROUP BY label" --run "$run"
measure "sql, join and order" "$rtcn" sql "SELECT r.sex, b.label, count(*) AS beats, avg(b.rr_before_s) AS rr FROM beats b JOIN records r
  USING (record_id) GROUP BY 1, 2 ORDER BY beats DESC" --run "$run"
measure doctor "$rtcn" doctor --run "$run"
