package org.rtcn.common.wfdb;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.rtcn.common.wfdb.WfdbException.Reason;

/** Opens the files that are next to a header, by plain name. */
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

  /**
   * Opens a file at a byte. Storage that can seek should override this.
   *
   * @throws EOFException if the file ends before that byte
   */
  default InputStream openAt(String fileName, long offset) throws IOException {
    InputStream in = open(fileName);
    try {
      in.skipNBytes(offset);
      return in;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** Size of a file in bytes, or -1 where that takes reading it. */
  default long size(String fileName) throws IOException {
    return -1;
  }

  /**
   * The files of a local folder. A link that leads out of the folder is refused with {@link
   * Reason#PATH_ESCAPES}.
   */
  static WfdbFiles in(Path folder) {
    return new WfdbFiles() {
      @Override
      public InputStream open(String fileName) throws IOException {
        return Files.newInputStream(resolve(fileName));
      }

      @Override
      public InputStream openAt(String fileName, long offset) throws IOException {
        FileChannel channel = FileChannel.open(resolve(fileName), StandardOpenOption.READ);
        if (offset > channel.size()) {
          channel.close();
          throw new EOFException(fileName);
        }
        return Channels.newInputStream(channel.position(offset));
      }

      @Override
      public long size(String fileName) throws IOException {
        return Files.size(resolve(fileName));
      }

      private Path resolve(String fileName) throws IOException {
        Path file = folder.resolve(fileName).normalize();
        // Absent files are told by opening them.
        boolean escapes =
            !file.getParent().equals(folder.normalize())
                || (Files.isSymbolicLink(file)
                    && Files.exists(file)
                    && !file.toRealPath().startsWith(folder.toRealPath()));
        if (escapes) {
          throw new WfdbException(
              Reason.PATH_ESCAPES,
              "Cannot read " + fileName + ": it leads out of " + folder + "; copy the file there");
        }
        return file;
      }
    };
  }
}
