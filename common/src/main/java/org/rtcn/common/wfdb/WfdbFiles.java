package org.rtcn.common.wfdb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens the files that stand beside a header, by plain name. */
@FunctionalInterface
public interface WfdbFiles {

  /**
   * Opens a file.
   *
   * @param fileName a plain file name without folders, for example {@code s0010_re.dat}
   * @throws java.io.FileNotFoundException or {@link java.nio.file.NoSuchFileException} if it is
   *     absent
   */
  InputStream open(String fileName) throws IOException;

  /** The files of a local folder. */
  static WfdbFiles in(Path folder) {
    return fileName -> Files.newInputStream(folder.resolve(fileName));
  }
}
