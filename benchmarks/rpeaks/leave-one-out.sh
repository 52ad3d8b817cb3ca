#!/usr/bin/env bash
# The detector's constants chosen anew on all annotated WFDB records of a folder but one, judged on that one: LeaveOneOut.java.
#
#     benchmarks/rpeaks/leave-one-out.sh FOLDER [DRAWS]
#
# Wants compiled classes (./mvnw -DskipTests package) and javac. Prints a table in Markdown.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A copy of the detector whose constants can be set from outside.
mkdir -p "$work/src" "$work/classes"
for class in RPeakDetector Interlopers QrsFeature LeadAgreement Fiducials; do
  sed -E 's/(private )?static final double/static double/' \
    "$root/common/signal/src/main/java/org/rtcn/common/dsp/$class.java" > "$work/src/$class.java"
done
classpath=$root/common/signal/target/classes
javac -d "$work/classes" -cp "$classpath" "$work"/src/*.java "$here/LeaveOneOut.java"
java -cp "$work/classes:$classpath" LeaveOneOut "$@"
