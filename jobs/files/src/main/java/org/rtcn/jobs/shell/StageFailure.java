package org.rtcn.jobs.shell;

/**
 * How a stage ends a YARN application. YARN's final status and diagnostics come from the exception
 * that leaves {@code main}; {@code System.exit} would only leave "Shutdown hook called before final
 * status was reported". No stack trace: the message is what the user reads.
 */
final class StageFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StageFailure(int status, String message) {
    super("rtcn ended with status " + status + ": " + message, null, false, false);
  }
}
