#!/usr/bin/env bash
# Resident memory over 10,000 training steps, each on a batch of its own, from /proc: a table in
# Markdown with a line per tenth, and the growth after the first.
#
# benchmarks/training/memory.sh [steps] [tiny|small]
#
# Wants a build (./mvnw -DskipTests package).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec java -Xmx512m \
  -cp "common/target/test-classes:jobs/target/rtcn.jar:deploy/runtime/target/spark/jars/*" \
  org.rtcn.common.nn.MemoryBenchmark "${1:-10000}" "${2:-tiny}" 2> /dev/null
