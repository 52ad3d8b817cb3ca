#!/usr/bin/env bash
# jHDF 0.9.4: Dataset.getData(offset, dimensions) on a chunked data set gives zeros for every chunk but the first, without an
# error; getData() gives the right numbers. The chunk of a slice is looked up by its number where its offset is wanted.
#
# Input: a 4 x 8 matrix of 1 to 32 in chunks of 2 x 4, written by h5py 3.16.0. Seen with Java 17:
#   whole  [[1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12, 13, 14, 15, 16], [17, ...
#   slice  [[1, 2, 3, 4, 0, 0, 0, 0], [9, 10, 11, 12, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0]]
# The script fails if that changes: then common/formats/hdf5/Chunks.java can go.
#
# Needs Python 3.11 or later and a JDK 17; fetches h5py and jHDF into a temporary folder.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip -q install h5py==3.16.0 numpy==2.4.6
venv/bin/python - << 'PY'
import h5py, numpy
with h5py.File("chunked.h5", "w") as file:
    file.create_dataset("x", data=numpy.arange(1, 33, dtype="<i4").reshape(4, 8), chunks=(2, 4))
PY

cat > pom.xml << 'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>io.jhdf</groupId><artifactId>jhdf</artifactId><version>0.9.4</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
XML
"$project/mvnw" -B -ntp -q -f pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$work/jars"

cat > Slice.java << 'JAVA'
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import java.nio.file.Path;
import java.util.Arrays;

public class Slice {
  public static void main(String[] arguments) {
    try (HdfFile file = new HdfFile(Path.of("chunked.h5"))) {
      Dataset set = file.getDatasetByPath("/x");
      System.out.println("whole  " + Arrays.deepToString((Object[]) set.getData()));
      System.out.println(
          "slice  " + Arrays.deepToString((Object[]) set.getData(new long[] {0, 0}, new int[] {4, 8})));
    }
  }
}
JAVA
java -cp "jars/*" Slice.java | tee seen
grep -qF 'whole  [[1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12, 13, 14, 15, 16],' seen
grep -qF 'slice  [[1, 2, 3, 4, 0, 0, 0, 0], [9, 10, 11, 12, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],' seen
echo "as described"
