#!/usr/bin/env bash
# benchmarks/method/few-train.sh RUN [SEEDS [MEASURED [rtcn's options]]]
#
# Measures against classes of unequal size, few patients training and many measured, on simulated ECG: SEEDS (default 10)
# trainings of each arm, each on 144 patients of its own, all measured on the same MEASURED (default 2,016) others.
# Settings: few-train.conf beside this script. Started again it resumes. Wants ./mvnw -DskipTests package first.
set -euo pipefail

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
(($# >= 1)) || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2; }
run=$1
seeds=${2:-10}
measured=${3:-2016}
shift "$(($# < 3 ? $# : 3))"

# Folds of 144 patients: one per seed, and as many as hold those that are measured.
folds=$((seeds + (measured + 143) / 144))
settings=(
  --config "$home/benchmarks/method/few-train.conf"
  --set "split.folds=$folds"
  --set "simulate.patients={HC=$((120 * folds)), AMI=$((12 * folds)), IMI=$((12 * folds)), ASMI=0, ALMI=0, ILMI=0}"
  "$@"
)
rtcn() {
  "$home/deploy/bin/rtcn" "$@" --run "$run" "${settings[@]}"
}
rtcn simulate
rtcn ingest --input "$run/raw"
rtcn transform
rtcn ablate --seeds "$seeds"
