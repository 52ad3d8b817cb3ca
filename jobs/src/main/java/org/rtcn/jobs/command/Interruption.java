package org.rtcn.jobs.command;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.rtcn.jobs.run.Lease;
import org.rtcn.jobs.shell.Stopping;
import org.rtcn.jobs.spark.SparkOnDemand;

/**
 * Ends a command that is asked to stop (SIGTERM, SIGINT) in order: its jobs are cancelled, and the
 * stage removes its staging before Spark and the file systems close. Without it all of them end at
 * once, and the stage writes into closed file systems.
 */
public final class Interruption {
  /** Hadoop's file systems close at 10, Spark's context at 50; the highest goes first. */
  private static final int PRIORITY = 100;

  private static final long PATIENCE_SECONDS = 10;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread worker = Thread.currentThread();
  private final Runnable hook;

  private Interruption(SparkOnDemand session) {
    hook =
        () -> {
          Stopping.request();
          System.err.println("rtcn: stopped on request: " + outcome(Lease.endCommits()));
          session.started().ifPresent(spark -> spark.sparkContext().cancelAllJobs());
          if (!await(PATIENCE_SECONDS / 2)) {
            // Work of the driver's own, which no job of Spark's is.
            worker.interrupt();
            await(PATIENCE_SECONDS / 2);
          }
        };
    ShutdownHookManager.get()
        .addShutdownHook(
            hook, PRIORITY, Lease.HOOK_SECONDS + PATIENCE_SECONDS + 5, TimeUnit.SECONDS);
  }

  /** What became of the run, once nothing is committed any more. */
  static String outcome(Optional<List<String>> committed) {
    if (committed.isEmpty()) {
      return "a commit is still under way; the next command in this run brings it to its end";
    }
    List<String> stages = committed.get();
    if (stages.isEmpty()) {
      return "nothing is committed, and the run is as it was";
    }
    return "committed before: "
        + String.join(", ", new LinkedHashSet<>(stages))
        + "; the rest is not, and leaves nothing in the run";
  }

  /** From here to {@link #over} the current thread works, and is waited for. */
  static Interruption watch(SparkOnDemand session) {
    return new Interruption(session);
  }

  private boolean await(long seconds) {
    try {
      return done.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The work is done, or has failed. */
  void over() {
    if (!Stopping.isRequested()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
    done.countDown();
  }
}
