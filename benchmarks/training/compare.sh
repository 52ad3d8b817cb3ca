#!/usr/bin/env bash
# Images per second in training and inference, ours and PyTorch's, one thread, turn by turn.
#
# benchmarks/training/compare.sh [size] [batch] [seconds] [turns]
#
# Wants a build (./mvnw package) and, in PYTHON (default python3), PyTorch from PyPI: it is no
# dependency of anything else here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
size=${1:-small} batch=${2:-32} seconds=${3:-8} turns=${4:-3}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
path=common/target/test-classes:jobs/target/rtcn.jar:deploy/runtime/target/spark/jars/*
for ((turn = 0; turn < turns; turn++)); do
  java -Xmx2g -cp "$path" org.rtcn.common.nn.TrainingBenchmark "$size" "$batch" "$seconds" 2> /dev/null
  "${PYTHON:-python3}" benchmarks/training/rtcn_torch.py "$size" "$batch" "$seconds"
done
