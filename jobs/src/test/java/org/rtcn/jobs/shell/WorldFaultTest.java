package org.rtcn.jobs.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class WorldFaultTest {
  /** As Spark's driver has it of an executor in another JVM. */
  private static final String OF_AN_EXECUTOR =
      "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent failure:"
          + " Lost task 0.3 in stage 1.0 (TID 7) (192.0.2.2 executor 1):"
          + " org.apache.spark.SparkException: [TASK_WRITE_FAILED] Task failed while writing rows"
          + " to file:/data/run/.staging/x.\n"
          + "\tat org.apache.spark.sql.errors.QueryExecutionErrors$.f(QueryExecutionErrors.scala:1)\n"
          + "Caused by: java.io.IOException: %s\n"
          + "\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)\n"
          + "\n"
          + "Driver stacktrace:";

  @Test
  void aFullDiskWhereverItIsFound() {
    for (Throwable error :
        List.of(
            new UncheckedIOException(
                "Failed to write /data/run/x", new IOException("No space left on device")),
            new IllegalStateException(
                new FileSystemException("/data/run/x", null, "No space left on device")),
            new SparkException(String.format(OF_AN_EXECUTOR, "No space left on device")),
            new SparkException(String.format(OF_AN_EXECUTOR, "Disk quota exceeded")),
            new IOException(
                "File /data/run/x could only be written to 0 of the 1 minReplication nodes."))) {
      assertThat(WorldFault.explain(error))
          .as(error.toString())
          .hasValueSatisfying(
              sentence ->
                  assertThat(sentence)
                      .startsWith("Cannot write /data/run/")
                      .contains("no space is left", "Free now: ", " MB at ")
                      .doesNotContain("\n"));
    }
  }

  @Test
  void eachKindHasItsSentence() {
    said(
        new IOException("/data/run/x (Read-only file system)"),
        "Cannot write /data/run/x: the file system is read-only");
    said(
        new FileNotFoundException("/data/run/x (Permission denied)"),
        "Cannot read or write /data/run/x: permission denied to user ");
    said(
        new AccessDeniedException("/data/run/x"),
        "Cannot read or write /data/run/x: permission denied");
    said(
        new AccessControlException(
            "Permission denied: user=a, access=WRITE, inode=\"/ecg\":hdfs:hdfs:drwxr-xr-x"),
        "Cannot read or write /ecg: permission denied");
    said(
        new ParentNotDirectoryException("Parent path is not a directory: file:/data/file"),
        "Cannot create /data/file: a file stands");
    said(
        new IOException("Mkdirs failed to create file:/dev/null/run (exists=false, cwd=file:/)"),
        "Cannot create /dev/null/run: /dev/null is a file");
    said(
        new IllegalArgumentException(new UnknownHostException("nohost.invalid")),
        "Cannot find the host nohost.invalid");
    said(
        new ConnectException(
            "Call From vm/127.0.0.1 to localhost:9 failed on connection exception:"
                + " java.net.ConnectException: Connection refused"),
        "Cannot reach localhost:9");
    said(
        new UnsupportedFileSystemException("No FileSystem for scheme \"foo\""),
        "this Spark has no file system of that kind");
    said(
        new RuntimeException(
            "java.lang.ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not"
                + " found"),
        "--packages");
    said(
        new IOException(
            "s3a://bucket/x: com.amazonaws.AmazonClientException: No AWS Credentials provided by"
                + " X"),
        "Cannot log in to s3a://bucket/x");
    said(
        new IOException(
            "getFileStatus on s3a://bucket/x: NoSuchBucket: The specified bucket does not exist"),
        "Cannot find the bucket of s3a://bucket/x");
    said(
        new RuntimeException(
            "file:/data/run/tables/beats/part-0.parquet is not a Parquet file. Expected magic"
                + " number at tail, but found [0, 0, 0, 0]"),
        "Cannot read /data/run/tables/beats/part-0.parquet: the file is damaged");
    said(new IOException("/data/run/x (Too many open files)"), "ulimit -n");
    said(
        new UnsatisfiedLinkError("/tmp/lib.so: failed to map segment from shared object"),
        "Cannot use /tmp/lib.so");
    said(
        new SparkException(
            String.format(OF_AN_EXECUTOR, "x")
                .replace("java.io.IOException: x", "java.lang.OutOfMemoryError: Java heap space")),
        "Give --executor-memory");
    said(
        new UnsatisfiedLinkError(
            "/x/libjnind4jcpu.so: libnd4jcpu.so: cannot open shared object file: No such file or"
                + " directory"),
        "Remove JavaCPP's cache");
    said(
        new UnsupportedOperationException("getSubject is not supported"),
        "Set JAVA_HOME to a Java 17 or 21");
    said(
        new UnsatisfiedLinkError(
            "/x/libjniopenblas.so: /lib/libc.so.6: version `GLIBC_2.34' not found (required by"
                + " /x/libjniopenblas.so)"),
        "This host's C library is too old for this jar");
    said(
        new UnsatisfiedLinkError(
            "/x/libnd4jcpu.so: libgomp.so.1: cannot open shared object file: No such file or"
                + " directory"),
        "Install OpenMP's library");
    said(
        new SparkException(
            "Job aborted due to stage failure: Total size of serialized results of 3 tasks (2.1"
                + " GiB) is bigger than spark.driver.maxResultSize (2.0 GiB)"),
        "Ask for fewer rows or columns");
    said(
        new IOException("Cannot delete /ecg/x. Name node is in safe mode."),
        "HDFS does not serve now");
    said(
        new SocketTimeoutException("10000 millis timeout while waiting for channel to be ready"),
        "Cannot reach");
    said(new BindException("Cannot assign requested address"), "SPARK_LOCAL_IP");
    said(
        new IOException("Cannot run program \"chmod\": error=12, Cannot allocate memory"),
        "Cannot go on: the operating system refuses");
    said(new IOException("unable to create native thread: possibly out of memory"), "ulimit -u");
    said(new IOException("/data/run/x (Stale file handle)"), "Cannot use /data/run/x");
    said(new IOException("/data/run/x (Input/output error)"), "Check the disk or its mount");
  }

  @Test
  void faultsOfOursStayOurs() {
    for (Throwable error :
        List.of(
            new NullPointerException("Cannot invoke x because y is null"),
            new IllegalStateException("Failed to account for every input: 3 found, 2 kept"),
            new ArrayIndexOutOfBoundsException("Index 3 out of bounds for length 3"),
            new SparkException(
                String.format(OF_AN_EXECUTOR, "x")
                    .replace("java.io.IOException: x", "java.lang.NullPointerException")),
            new ClassCastException("class a cannot be cast to class b"),
            new UncheckedIOException(new IOException("Stream closed")))) {
      assertThat(WorldFault.explain(error)).as(error.toString()).isEmpty();
    }
  }

  private static void said(Throwable error, String sentence) {
    assertThat(WorldFault.explain(new IllegalStateException("Failed to run", error)))
        .as(error.toString())
        .hasValueSatisfying(
            text -> assertThat(text).startsWith("Cannot ").contains(sentence).doesNotContain("\n"));
  }
}
