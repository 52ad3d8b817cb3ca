package org.rtcn.jobs.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;
import org.rtcn.common.error.IoReason;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.shell.WorldFault;

/** Where Java and Spark put what they need for a while: unpacked libraries, shuffles, spills. */
public final class TemporaryFolders {
  private static final byte[] SAMPLE = new byte[64 << 10];

  private TemporaryFolders() {}

  /** The folders of this JVM. */
  public static Set<String> all() {
    SparkEnv env = SparkEnv.get();
    Set<String> folders = new LinkedHashSet<>();
    folders.addAll(sparks(env == null ? new SparkConf(true) : env.conf()));
    folders.add(System.getProperty("java.io.tmpdir"));
    return folders;
  }

  /**
   * Refuses to start where nothing can be written: Spark would end the JVM with a status of its
   * own.
   *
   * @throws UserException naming the folder
   */
  static void requireWritable(SparkConf conf) {
    WorldFault.temporaryFolders(TemporaryFolders::all);
    requireOne(List.of(System.getProperty("java.io.tmpdir")), "set TMPDIR to another folder");
    requireOne(sparks(conf), "set TMPDIR or SPARK_LOCAL_DIRS to another folder");
  }

  private static List<String> sparks(SparkConf conf) {
    return Arrays.asList(Utils.getConfiguredLocalDirs(conf));
  }

  private static void requireOne(List<String> folders, String remedy) {
    List<String> reasons = new ArrayList<>();
    for (String folder : folders) {
      try {
        Path sample =
            Files.createTempFile(Files.createDirectories(Path.of(folder)), "rtcn", ".tmp");
        try {
          Files.write(sample, SAMPLE);
          return;
        } finally {
          Files.delete(sample);
        }
      } catch (IOException e) {
        reasons.add(folder + " (" + IoReason.of(e) + ")");
      }
    }
    throw new UserException(
        "Cannot write to the temporary folder "
            + String.join(", ", reasons)
            + ": fix that, or "
            + remedy);
  }
}
