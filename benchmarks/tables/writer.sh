#!/usr/bin/env bash
# writer.sh RUN [ROUNDS]
#
# MB of samples per second that tables take, on one core, by the present writer and by the one before it
# (Spark's), by turns in one JVM, on rows of RUN in memory: spectrograms, beats, signals; and the files' sizes.
# Needs the built jar and tests (./mvnw -DskipTests package); for honest ratios an idle core.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
opens=$(tr '\n' ' ' < "$home/pom.xml" | sed 's/.*<spark.add.opens>//; s/<\/spark.add.opens>.*//')
# shellcheck disable=SC2086 # words are wanted
exec java $opens -Xmx4g \
  -cp "$home/jobs/target/test-classes:$home/jobs/target/rtcn.jar:$home/conf:$home/deploy/runtime/target/spark/jars/*" \
  org.rtcn.jobs.tables.WriterBenchmark "$@"
