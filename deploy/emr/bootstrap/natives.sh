#!/usr/bin/env bash
# EMR bootstrap action: what ND4J's natives want of a node.
set -euo pipefail
# One OpenMP thread per task also for what is started outside Spark.
echo 'export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1' | sudo tee /etc/profile.d/rtcn.sh > /dev/null
# The natives link to the C++ and OpenMP runtimes of the distribution.
if ! ldconfig -p | grep -q 'libgomp.so.1'; then sudo dnf install -y -q libgomp; fi
