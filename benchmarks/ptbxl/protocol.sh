#!/usr/bin/env bash
# benchmarks/ptbxl/protocol.sh PTBXL RUN [rtcn's options, e.g. --config ptbxl-three-class --set train.epochs=30]
#
# From PTB-XL's folder to a table by the split that its authors recommend: the last of its ten folds is measured, the one before
# validates (which epoch is kept, the threshold, the temperature), folds 1 to 8 train. An excerpt without fold 10 is split
# likewise by the folds that it has. Tasks: infarct or none, and its site. Classes are rtcn.classes: by default the five
# common sites and healthy controls; recordings of other findings take no part. Started again it resumes.
# Wants ./mvnw -DskipTests package first.
set -euo pipefail

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
(($# >= 2)) || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2; }
ptbxl=$1
run=$2
shift 2
[[ -f $ptbxl/ptbxl_database.csv ]] || { echo "protocol.sh: Cannot find $ptbxl/ptbxl_database.csv: give PTB-XL's own folder" >&2; exit 2; }

# The fold stands third from the end of a row; reports may hold line breaks, so rows are taken by their end.
last=$(sed -n 's|.*,\([0-9]\{1,2\}\),records100/[^,]*,records500/[^,]*$|\1|p' "$ptbxl/ptbxl_database.csv" | tr -d '\r' | sort -n | tail -n 1)
[[ -n $last ]] || { echo "protocol.sh: Cannot find folds in $ptbxl/ptbxl_database.csv: its rows end in strat_fold and two file names" >&2; exit 2; }
((last == 10)) || echo "protocol.sh: no fold 10 here: fold $last is measured, fold $((last - 1)) validates"

rtcn() {
  local stage=$1
  shift
  "$home/deploy/bin/rtcn" "$stage" --run "$run" "$@"
}
settings=("$@" --set ingest.source=ptbxl --set "split.test-folds=[$last]" --set "train.validation.folds=[$((last - 1))]")
rtcn ingest --input "$ptbxl" "${settings[@]}"
rtcn transform "${settings[@]}"
rtcn train "${settings[@]}"
rtcn evaluate "${settings[@]}"

rtcn sql "
  SELECT variant, task, name, round(value, 3) AS value, round(ci_low, 3) AS low, round(ci_high, 3) AS high, n AS patients
  FROM metrics
  WHERE level = 'patient' AND class IS NULL AND subgroup IS NULL AND task <> 'baseline_majority'
    AND name IN ('macro_auroc', 'auroc', 'balanced_accuracy', 'sensitivity_at_specificity_90', 'brier')
    AND variant NOT IN ('majority', 'prior', 'half')
  ORDER BY task, name, variant"
