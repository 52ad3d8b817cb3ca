#!/usr/bin/env bash
# JavaCPP 1.5.13: JVMs that load the same libraries for the first time at the same time can be ended by SIGBUS in the dynamic loader.
# Each unpacks what is missing in ~/.javacpp/cache one library after another, under a lock; but a library that is whole is loaded without
# the lock, and may link to one that another JVM is writing at that moment.
#
# Three JVMs load LibTorch (org.bytedeco:pytorch:2.10.0-1.5.13) into an empty folder, six rounds. Seen on two cores with Java 17 on 2026-11-28:
#   8 of 18 ended with status 134, "SIGBUS (0x7) ... [ld-linux-x86-64.so.2+0x21932]"
# and none of 18 where they load one after another. OpenBLAS and ND4J 1.0.0-M2.1 (JavaCPP 1.5.7): none of 24.
# The script fails if none of 18 does any more: then common/nd4j/NativeLoading.java can go.
#
# Needs a JDK 17; fetches the jars into a temporary folder, 100 MB.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > pom.xml << 'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.bytedeco</groupId><artifactId>pytorch</artifactId><version>2.10.0-1.5.13</version></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>pytorch</artifactId><version>2.10.0-1.5.13</version><classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>openblas</artifactId><version>0.3.31-1.5.13</version><classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>javacpp</artifactId><version>1.5.13</version><classifier>linux-x86_64</classifier></dependency>
  </dependencies>
</project>
XML
"$project/mvnw" -B -ntp -q -f pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$work/jars"

cat > Load.java << 'JAVA'
public class Load {
  public static void main(String[] args) {
    org.bytedeco.javacpp.Loader.load(org.bytedeco.pytorch.global.torch.class);
  }
}
JAVA
javac -cp 'jars/*' Load.java
ended=0
for _ in 1 2 3 4 5 6; do
  rm -rf cache
  pids=()
  for _ in 1 2 3; do
    java -Xmx400m -XX:TieredStopAtLevel=1 -Dorg.bytedeco.javacpp.cachedir="$work/cache" -cp 'jars/*:.' Load > out.log 2>&1 &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || ended=$((ended + 1))
  done
done
echo "$ended of 18 ended"
((ended > 0))
