package org.rtcn.common.formats;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Optional;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.wfdb.WfdbFiles;

/**
 * A file to read, with those next to it.
 *
 * @param name plain file name
 * @param folder opens it and its neighbours
 */
public record EcgFile(String name, WfdbFiles folder) {
  private static final int BRIEF = 8192;

  /** Opens it at its start. */
  public InputStream open() throws IOException {
    return folder.open(name);
  }

  /**
   * Opens it at a byte.
   *
   * @throws java.io.EOFException if it ends before that byte
   */
  public InputStream openAt(long offset) throws IOException {
    return folder.openAt(name, offset);
  }

  /** Its size in bytes, or -1 where that takes reading it. */
  public long size() throws IOException {
    return folder.size(name);
  }

  /** Its size in bytes, found by reading it where the storage does not say. */
  public long length() throws IOException {
    long stated = size();
    if (stated >= 0) {
      return stated;
    }
    try (InputStream in = open()) {
      return in.transferTo(OutputStream.nullOutputStream());
    }
  }

  /** Its first bytes, at most {@code count}. */
  public byte[] head(int count) throws IOException {
    try (InputStream in = open()) {
      // So few are read at once without asking for the size.
      return count <= BRIEF ? in.readNBytes(count) : next(in, Math.min(count, size()), count);
    }
  }

  /**
   * The whole file.
   *
   * @throws FormatException if it is larger than the limit
   */
  public byte[] bytes(ReadLimits limits) throws IOException {
    try (InputStream in = open()) {
      byte[] bytes = next(in, Math.min(limits.fileBytes(), size()), limits.fileBytes());
      if (in.read() >= 0) {
        throw new FormatException(
            Reason.RECORD_TOO_LONG,
            "Cannot read %s: it has more than %d bytes; split it"
                .formatted(name, limits.fileBytes()));
      }
      return bytes;
    }
  }

  /**
   * The next bytes of a stream, fewer than {@code most} only at its end.
   *
   * @param there how many there are by what the storage says, read at once; negative or too few if
   *     that is not known: memory then grows as they come
   */
  public static byte[] next(InputStream in, long there, int most) throws IOException {
    byte[] bytes = new byte[(int) Math.max(0, Math.min(there, most))];
    int count = in.readNBytes(bytes, 0, bytes.length);
    if (count < bytes.length) {
      return Arrays.copyOf(bytes, count);
    }
    byte[] more = in.readNBytes(most - count);
    if (more.length == 0) {
      return bytes;
    }
    bytes = Arrays.copyOf(bytes, count + more.length);
    System.arraycopy(more, 0, bytes, count, more.length);
    return bytes;
  }

  /** The file next to this one of that name, empty if there is none. */
  public Optional<EcgFile> beside(String other) throws IOException {
    try {
      folder.open(other).close();
      return Optional.of(new EcgFile(other, folder));
    } catch (FileNotFoundException | NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The name without its last suffix. */
  public String stem() {
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
