#!/usr/bin/env bash
# compare.sh PTBXL [FOLDER]
#
# "rtcn ingest" and "rtcn transform" beside script.py, which a researcher would write instead: PTB-XL (or an
# excerpt, with ptbxl_database.csv) at 500 Hz on one core, the first 50 recordings and all. For each the whole time,
# starts and imports included, and milliseconds per further recording. By turns, ROUNDS times (2).
# Needs the built jar and PYTHON with wfdb, scipy, sleepecg, pyarrow; for honest ratios idle cores.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rtcn=$here/../../deploy/bin/rtcn
data=$(cd "$1" && pwd)
folder=${2:-$(mktemp -d "${TMPDIR:-/tmp}/rtcn-script.XXXXXX")}
few=50
core=${CORE:-0}
mkdir -p "$folder"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
TIMEFORMAT='%R %U %S'

"$here/../first-recordings.sh" "$data" $few "$folder/few"
count=$(find "$data/records500" -name '*.hea' | wc -l)

run() { # NAME INPUT COMMAND...: seconds elapsed to FOLDER/NAME-INPUT
  local name=$1 input=$2
  shift 2
  { time taskset -c "$core" "$@" > "$folder/log" 2>&1 || { tail -n 5 "$folder/log" >&2; exit 1; }; } 2>> "$folder/$name-$input"
}

"$rtcn" help > /dev/null # makes the archive of classes, if there is none
rm -f "$folder"/{ingest,transform,script}-{few,all}
for _ in $(seq 1 "${ROUNDS:-2}"); do
  for input in few all; do
    source=$data
    [[ $input == all ]] || source=$folder/few
    rm -rf "$folder/run"
    run ingest $input "$rtcn" ingest --run "$folder/run" --input "$source" -- --master 'local[1]'
    run transform $input "$rtcn" transform --run "$folder/run" -- --master 'local[1]'
    run script $input "${PYTHON:-python3}" "$here/script.py" "$source" "$folder/tables"
  done
done
# Of the quickest turn: seconds elapsed, or of processor time.
best() { # NAME INPUT elapsed|cpu
  awk -v which="$3" '{ t = which == "cpu" ? $2 + $3 : $1; if (NR == 1 || t < m) m = t } END { print m }' "$folder/$1-$2"
}
for which in elapsed cpu; do
  awk -v n=$((count - few)) -v count="$count" -v few=$few -v which=$which \
    -v xf="$(best ingest few $which)" -v ia="$(best ingest all $which)" \
    -v tf="$(best transform few $which)" -v ta="$(best transform all $which)" \
    -v sf="$(best script few $which)" -v sa="$(best script all $which)" '
    function line(name, f, a) {
      printf "%-9s  %6.2f s for %d, %6.2f s for %d recordings, %6.2f ms per further one\n", name, f, few, a, count, 1000 * (a - f) / n
    }
    BEGIN {
      print which == "cpu" ? "Processor time:" : "Elapsed:"
      line("ingest", xf, ia); line("transform", tf, ta); line("script.py", sf, sa)
      printf "rtcn is %.2f times as fast per further recording, and %.2f times in all\n", (sa - sf) / (ia - xf + ta - tf), sa / (ia + ta) }'
done
echo "Work files: $folder"
