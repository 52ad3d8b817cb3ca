package org.rtcn.jobs.shell;

import java.util.List;
import java.util.regex.Pattern;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.filter.AbstractFilter;

/**
 * Keeps off the console what is said better at the end of the command, in one sentence: how each
 * layer of Spark and Hadoop saw the same fault of the world; and what is no fault at all.
 */
public final class QuietConsole extends AbstractFilter {
  private static final List<String> LIBRARIES =
      List.of("org.apache.", "org.sparkproject.", "akka.");

  /** What follows from a fault that is reported. */
  private static final Pattern NOISE =
      Pattern.compile(
          "Task \\d+ in stage [\\d.]+ failed \\d+ times; aborting job"
              // In a local master a task has one try.
              + "|Lost task .* executor driver\\)|^Job \\S+ aborted|^Error in"
              + " TaskCompletionListener|^Could not delete \\S+/_temporary/|Lost task .*:"
              + " TaskKilled|Aborting (?:job|task)|Task .* aborted\\.?$|Exception in task .* in"
              + " stage .*"
              // What a task that has ended already could not tidy away.
              + "|^Uncaught exception in thread Executor task launch worker"
              // Parquet goes on without an index that it cannot read; what is damaged fails by
              // itself.
              + "|^Unable to read (?:column|offset) index for column"
              // A local cluster's master, before its first worker has come.
              + "|requires more resource than any of Workers could have"
              + "|^Error initializing SparkContext|^Stopping a MetricsSystem that is not running"
              + "|^Another SparkContext is being constructed");

  private static final Pattern FAILURE_NOTE =
      Pattern.compile("^Failed to write \\S+/failure\\.json");

  private static volatile boolean sparkIsOver;

  /** From here on Spark runs, and what it says is worth hearing. */
  public static void sparkStarts() {
    sparkIsOver = false;
  }

  /**
   * From here on Spark is stopped. Tasks that still run lose the ground under their feet, and say
   * so; how the command ended is known already.
   */
  public static void sparkStops() {
    sparkIsOver = true;
  }

  @Override
  public Result filter(LogEvent event) {
    if (LIBRARIES.stream().noneMatch(event.getLoggerName()::startsWith)) {
      // That the failure could not be noted down either follows from it.
      return FAILURE_NOTE.matcher(event.getMessage().getFormattedMessage()).find()
          ? Result.DENY
          : Result.NEUTRAL;
    }
    if (sparkIsOver || Stopping.isRequested()) {
      // What was told to stop stops.
      return Result.DENY;
    }
    String message = event.getMessage().getFormattedMessage();
    boolean isSaidElsewhere =
        NOISE.matcher(message).find()
            || isStartUpRace(message, event.getThrown())
            || WorldFault.explainText(message).isPresent()
            || (event.getThrown() != null && WorldFault.explain(event.getThrown()).isPresent());
    return isSaidElsewhere ? Result.DENY : Result.NEUTRAL;
  }

  /** On a busy machine a heartbeat may come before the block manager that it asks for. */
  private static boolean isStartUpRace(String message, Throwable thrown) {
    return message.startsWith("Issue communicating with driver in heartbeater")
        || (message.startsWith("Ignoring error") && thrown instanceof NullPointerException);
  }
}
