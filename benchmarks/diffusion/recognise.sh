#!/usr/bin/env bash
# Does an RTCN of recorded beats alone recognise the class of generated beats as often as that of
# recorded ones? Two halves of the patients: one trains the judge, the other the diffusion model; the
# judge reads the recorded and the generated beats of the other half, then the halves change places.
# Prints a table in Markdown.
#
# benchmarks/diffusion/recognise.sh RUN FIRST-HALF SECOND-HALF [rtcn options]
#
# RUN has been transformed; the halves are its folds, for example [1,2,3,4,5] [6,7,8,9,10].
# Writes RUN/recognise. Wants a build (./mvnw package). For example, on simulated ECG:
#   rtcn simulate --run r --set simulate.patients="{HC=60,AMI=40,ASMI=40,ALMI=40,IMI=40,ILMI=40}"
#   rtcn ingest --run r --input r/raw; rtcn transform --run r
#   benchmarks/diffusion/recognise.sh r [1,2,3,4,5] [6,7,8,9,10] --set train.epochs=24
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
run=$1 halves=("$2" "$3")
shift 3
for half in 0 1; do
  part=$run/recognise/half-$half
  if [[ ! -d $part/tables ]]; then
    mkdir -p "$part"
    cp -a "$run/tables" "$run/stages" "$part/"
    rm -rf "$part"/stages/{augment,train,evaluate} "$part"/tables/synthetic_*
  fi
  # What one half is trained on, the other holds out.
  held=(--set "split.test-folds=${halves[1 - half]}")
  [[ -f $part/stages/augment/manifest.json ]] \
    || "$home/deploy/bin/rtcn" augment --run "$part" "${held[@]}" "$@" > "$part/augment.log" 2>&1
  [[ -f $part/stages/train/manifest.json ]] \
    || "$home/deploy/bin/rtcn" train --run "$part" "${held[@]}" --set train.synthetic=ignore "$@" \
      > "$part/train.log" 2>&1
done
path=${RTCN_CLASSES:-$home/jobs/target/test-classes:$home/jobs/target/rtcn.jar:$home/deploy/runtime/target/spark/jars/*}
opens=()
for package in java.lang java.lang.invoke java.nio java.util java.util.concurrent sun.nio.ch; do
  opens+=(--add-opens "java.base/$package=ALL-UNNAMED")
done
java -Xmx3g "${opens[@]}" --add-opens java.base/sun.security.action=ALL-UNNAMED -Dspark.master='local[2]' \
  -Dspark.ui.enabled=false -cp "$path" org.rtcn.jobs.augment.RecognitionProbe \
  "$run/recognise/half-0" "$run/recognise/half-1" "$run/recognise/half-1" "$run/recognise/half-0" 2> "$run/recognise/probe.log"
