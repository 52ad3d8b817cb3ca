package org.rtcn.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Locale;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;

/**
 * Files that are read whole, and of which nothing is known but their name: manifests, lists,
 * journals, models. None is read that is longer than it may be, and none that has no end.
 */
public final class WholeFiles {
  private WholeFiles() {}

  /**
   * Opens a file. On a local disk a named pipe or a device would be waited for without end.
   *
   * @throws UserException if it is none of these
   */
  public static InputStream open(FileSystem fileSystem, Path file) throws IOException {
    if ("file".equals(fileSystem.getUri().getScheme())) {
      java.nio.file.Path local = java.nio.file.Path.of(file.toUri().getPath());
      if (Files.exists(local) && !Files.isRegularFile(local) && !Files.isDirectory(local)) {
        throw new UserException(
            "Cannot read " + file + ": it is no file but a pipe, a socket or a device. Remove it");
      }
    }
    return fileSystem.open(file);
  }

  /**
   * All bytes of a file.
   *
   * @param longest how many it may have
   * @param remedy a sentence that says what to do if it has more
   * @throws UserException if it has more
   */
  static byte[] read(FileSystem fileSystem, Path file, int longest, String remedy)
      throws IOException {
    try (InputStream in = open(fileSystem, file)) {
      byte[] bytes = in.readNBytes(longest + 1);
      if (bytes.length > longest) {
        throw new UserException(
            String.format(
                Locale.ROOT,
                "Cannot read %s: it has more than %,d KiB, which no file of that name has. %s",
                file,
                longest >> 10,
                remedy));
      }
      return bytes;
    }
  }
}
