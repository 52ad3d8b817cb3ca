#!/usr/bin/env bash
# Training on more and more beats with two executors of 1.5 GB (EXECUTOR_MB=1536 in the environment): examples per second, the time until the
# first round is done (which deals the examples to the workers' disks), and the executors' memory. The
# network is a tiny one, the images (74 KB each) are made up. Prints a table in Markdown.
#
# benchmarks/training/size.sh [rounds] [beats...]
#
# Wants a build (./mvnw -DskipTests package), two idle cores, and 150 KB of disk per beat.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rounds=${1:-60}
memory=${EXECUTOR_MB:-1536}
shift || true
sizes=("$@")
((${#sizes[@]} > 0)) || sizes=(4000 24000 100000 400000)
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
export SPARK_LOCAL_IP=127.0.0.1 SPARK_SCALA_VERSION=2.12
home=$(mktemp -d "${TMPDIR:-/tmp}/rtcn-size.XXXXXX")
trap 'rm -rf "$home"' EXIT
ln -s "$PWD/deploy/runtime/target/spark/jars" "$home/jars"
export SPARK_HOME=$home
echo "| beats | examples/s | s per 1,000 | s until the first round is done | heap in use after collection, MiB | peak resident memory, MiB |"
echo "|---|---|---|---|---|---|"
# The benchmark's classes in a jar beside the program's: both have one class loader, here and in the executors.
(cd jobs/target/test-classes && jar --create --file "$home/benchmark.jar" org/rtcn/jobs/train)
for beats in "${sizes[@]}"; do
  java "@$PWD/conf/jvm.options" -Xmx1g -cp "$home/jars/*" "-Dlog4j2.configurationFile=file:$PWD/conf/log4j2.properties" \
    org.apache.spark.deploy.SparkSubmit \
    --master "local-cluster[2,1,$memory]" --properties-file conf/spark-local.properties \
    --conf "spark.local.dir=$home/local" --conf "spark.executor.memory=${memory}m" \
    --jars jobs/target/rtcn.jar --class org.rtcn.jobs.train.ShardBenchmark "$home/benchmark.jar" "$beats" "$rounds" \
    > "$home/out-$beats" 2> "$home/log-$beats" || true
  grep '^|' "$home/out-$beats" || { grep -m 5 -A 4 "Exception\|Error" "$home/log-$beats" >&2; exit 1; }
  rm -rf "$home/local" "$home/work"
done
