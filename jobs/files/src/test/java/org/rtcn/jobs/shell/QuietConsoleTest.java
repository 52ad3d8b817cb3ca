package org.rtcn.jobs.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Filter.Result;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;

class QuietConsoleTest {
  private static final String SPARK = "org.apache.spark.scheduler.TaskSetManager";

  @Test
  void whatIsSaidInOneSentenceIsNotSaidByEachLayer() {
    assertThat(
            filter(
                SPARK,
                "Lost task 0.0 in stage 0.0 (TID 0) (host executor 0): java.io.IOException: No"
                    + " space left on device\n"
                    + "\tat java.base/java.io.FileOutputStream.writeBytes",
                null))
        .isEqualTo(Result.DENY);
    assertThat(filter("org.apache.spark.util.Utils", "Aborting task", new IOException("x")))
        .isEqualTo(Result.DENY);
    assertThat(
            filter(
                "org.apache.hadoop.hdfs.DataStreamer",
                "DataStreamer Exception",
                new IOException("Read-only file system")))
        .isEqualTo(Result.DENY);
  }

  @Test
  void theRaceOfAStartOnABusyMachineIsNoFault() {
    assertThat(
            filter(
                "org.apache.spark.executor.Executor",
                "Issue communicating with driver in heartbeater",
                new IllegalStateException()))
        .isEqualTo(Result.DENY);
    assertThat(
            filter(
                "org.apache.spark.rpc.netty.Inbox", "Ignoring error", new NullPointerException()))
        .isEqualTo(Result.DENY);
    assertThat(
            filter(
                "org.apache.spark.rpc.netty.Inbox", "Ignoring error", new IllegalStateException()))
        .isEqualTo(Result.NEUTRAL);
    assertThat(
            filter(
                "org.apache.spark.deploy.master.Master",
                "App app-1 requires more resource than any of Workers could have.",
                null))
        .isEqualTo(Result.DENY);
    assertThat(
            filter(
                "org.apache.parquet.hadoop.ColumnIndexStoreImpl",
                "Unable to read offset index for column [record_id]",
                null))
        .isEqualTo(Result.DENY);
  }

  @Test
  void whatRunsOnWhileSparkStopsSaysNothing() {
    String message = "Could not find CoarseGrainedScheduler.";
    assertThat(filter(SPARK, message, new IllegalStateException())).isEqualTo(Result.NEUTRAL);
    QuietConsole.sparkStops();
    try {
      assertThat(filter(SPARK, message, new IllegalStateException())).isEqualTo(Result.DENY);
      assertThat(filter("org.rtcn.jobs.run.CheckpointFiles", message, null))
          .isEqualTo(Result.NEUTRAL);
    } finally {
      QuietConsole.sparkStarts();
    }
    assertThat(
            filter(
                "org.apache.spark.util.Utils",
                "Uncaught exception in thread Executor task launch worker for task 1.0 in stage 7.0"
                    + " (TID 7)",
                new NullPointerException()))
        .isEqualTo(Result.DENY);
  }

  @Test
  void whatElseIsSaidStays() {
    assertThat(filter(SPARK, "Lost task 1.0 in stage 2.0 (TID 3) (host executor 1)", null))
        .isEqualTo(Result.NEUTRAL);
    // The work goes on, and the user should know.
    assertThat(
            filter(
                "org.rtcn.jobs.run.CheckpointFiles",
                "Failed to write the checkpoint x: No space left on device",
                null))
        .isEqualTo(Result.NEUTRAL);
  }

  private static Result filter(String logger, String message, Throwable thrown) {
    return new QuietConsole()
        .filter(
            Log4jLogEvent.newBuilder()
                .setLoggerName(logger)
                .setLevel(Level.WARN)
                .setMessage(new SimpleMessage(message))
                .setThrown(thrown)
                .build());
  }
}
