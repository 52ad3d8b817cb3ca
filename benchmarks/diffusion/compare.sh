#!/usr/bin/env bash
# Beats per second of the diffusion U-Net in training and inference, ours and PyTorch's, one thread,
# turn by turn; then what each sampler costs and is worth, for a model of some training steps.
#
# benchmarks/diffusion/compare.sh [size] [seconds] [turns] [training steps] [seconds of warm-up]
#
# Wants a build (./mvnw package) and, in PYTHON (default python3), PyTorch from PyPI: it is no
# dependency of anything else here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
size=${1:-small} seconds=${2:-5} turns=${3:-3} steps=${4:-300} warm=${5:-15}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
path=${RTCN_CLASSES:-common/target/test-classes:jobs/target/rtcn.jar:deploy/runtime/target/spark/jars/*}
# As deploy/bin/rtcn sets it.
core=${OPENBLAS_CORETYPE:-}
if [[ -z $core ]] && grep -qs AuthenticAMD /proc/cpuinfo \
  && grep -qsE '^flags.* avx512dq .* avx512bw avx512vl' /proc/cpuinfo; then
  core=SKYLAKEX
fi
java=(env ${core:+"OPENBLAS_CORETYPE=$core"} java -Xmx2g "-Drtcn.kernels=${RTCN_KERNELS:-auto}" -cp "$path" org.rtcn.common.diffusion.DiffusionBenchmark "$size" "$seconds" "$warm")
for ((turn = 0; turn < turns; turn++)); do
  "${java[@]}" 2> /dev/null
  env -u OPENBLAS_CORETYPE "${PYTHON:-python3}" benchmarks/diffusion/unet_torch.py "$size" "$seconds" cpu "$warm"
done
[[ $steps == 0 ]] || "${java[@]}" "$steps" 2> /dev/null
