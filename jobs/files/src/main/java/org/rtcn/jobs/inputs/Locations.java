package org.rtcn.jobs.inputs;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;

/** Paths and URIs as users give them. */
public final class Locations {
  private Locations() {}

  /**
   * As Hadoop takes it: what is there on this machine by its absolute path, since a relative one
   * with a colon would read as a URI.
   */
  public static String of(String given) {
    return given.indexOf(':') >= 0 && isLocal(given)
        ? new Path(java.nio.file.Path.of(given).toAbsolutePath().toUri()).toString()
        : given;
  }

  /** Whether there is a file or folder of this name on this machine. */
  public static boolean isLocal(String given) {
    try {
      return Files.exists(java.nio.file.Path.of(given));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * The same as a path.
   *
   * @param what what it is, for the message: "the model" for one
   * @throws UserException if it is neither a path nor a URI
   */
  public static Path path(String what, String given) {
    try {
      return new Path(of(given));
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "Cannot find "
              + what
              + " \""
              + given
              + "\": it is not there, and what is before a colon reads as a scheme of a URI. Give"
              + " its whole path",
          e);
    }
  }
}
