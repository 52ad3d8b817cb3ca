package org.rtcn.jobs.inputs;

/** The encoding that this JVM reads names of files and arguments by: the locale's. */
public final class NameEncoding {
  private NameEncoding() {}

  /** For example {@code ANSI_X3.4-1968}, which is ASCII, under {@code LC_ALL=C}. */
  public static String name() {
    return System.getProperty("sun.jnu.encoding");
  }

  /** Whether an argument was text in that encoding. What is not reads as U+FFFD. */
  public static boolean isReadable(String argument) {
    return argument.indexOf('\uFFFD') < 0;
  }

  /** What to do about an argument that was not, to be added to a message; else nothing. */
  public static String remedy(String argument) {
    return isReadable(argument)
        ? ""
        : "; or set LC_ALL=C.UTF-8 if the name is UTF-8: this JVM reads names as " + name();
  }
}
