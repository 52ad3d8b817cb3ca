package org.rtcn.jobs.spark;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;

/**
 * Ends a command whose application the cluster has ended, if it does not end by itself: Spark 3.5.6
 * waits forever where that happens in the middle of a broadcast (the thread that removes the
 * broadcast's blocks waits for a lock that it holds).
 */
final class LostApplication extends SparkListener {
  /** In which a command that sees its fault ends: what it has begun is removed. */
  private static final Duration GRACE = Duration.ofMinutes(2);

  private static final int STATUS = 2;
  private static final long HALT_AFTER_S = 20;

  private final Duration grace;
  private final BooleanSupplier isExpected;
  private final Runnable end;

  /**
   * @param isExpected whether the command itself has ended the application
   */
  LostApplication(BooleanSupplier isExpected) {
    this(GRACE, isExpected, LostApplication::endProcess);
  }

  LostApplication(Duration grace, BooleanSupplier isExpected, Runnable end) {
    this.grace = grace;
    this.isExpected = isExpected;
    this.end = end;
  }

  @Override
  public void onApplicationEnd(SparkListenerApplicationEnd event) {
    if (isExpected.getAsBoolean()) {
      return;
    }
    Thread watch =
        new Thread(
            () -> {
              if (waited(grace.toMillis())) {
                end.run();
              }
            },
            "rtcn-lost-application");
    watch.setDaemon(true);
    watch.start();
  }

  private static boolean waited(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void endProcess() {
    System.err.println(
        "rtcn: Cannot go on: the cluster ended Spark's application, and the command did not end"
            + " with it. See the cluster's logs, and run the command again");
    Thread exit = new Thread(() -> System.exit(STATUS), "rtcn-exit");
    exit.setDaemon(true);
    exit.start();
    // Hooks may wait for what waits forever.
    if (waited(TimeUnit.SECONDS.toMillis(HALT_AFTER_S))) {
      Runtime.getRuntime().halt(STATUS);
    }
  }
}
