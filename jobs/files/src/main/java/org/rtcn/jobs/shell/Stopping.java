package org.rtcn.jobs.shell;

/** Whether this JVM was asked to end: what fails from then on is no news. */
public final class Stopping {
  private static volatile boolean requested;

  private Stopping() {}

  /** From here on it is stopping. */
  public static void request() {
    requested = true;
  }

  /** Whether the JVM was asked to end. */
  public static boolean isRequested() {
    return requested;
  }
}
