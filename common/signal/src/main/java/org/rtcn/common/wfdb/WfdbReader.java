package org.rtcn.common.wfdb;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.rtcn.common.wfdb.WfdbException.Reason;

/** Reads WFDB records: whole or by window, of one segment or of many. */
public final class WfdbReader {
  private WfdbReader() {}

  /** What to do when the samples' sum differs from the header's checksum. */
  public enum ChecksumPolicy {
    /** Refuse the record. */
    REFUSE,
    /** Read it; {@link WfdbRecord#checksumMatches} tells. */
    REPORT
  }

  /**
   * Reads a header.
   *
   * @param headerName for example {@code s0010_re.hea}
   * @throws WfdbException if it is missing or malformed
   */
  public static WfdbHeader readHeader(String headerName, WfdbFiles files) throws IOException {
    try (InputStream in = files.open(headerName)) {
      return WfdbHeaderParser.parse(headerName, in);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new WfdbException(
          Reason.HEADER_MISSING, "Cannot find header " + headerName + "; check the name", e);
    }
  }

  /**
   * The files that a header names, for one that was refused: signal files, headers of segments and
   * their signal files. As far as it can be understood; never fails.
   */
  public static Set<String> mentioned(String headerName, WfdbFiles files) {
    Set<String> names = new TreeSet<>();
    for (String name : namesIn(headerName, files)) {
      names.add(name);
      if (name.endsWith(".hea")) {
        names.addAll(namesIn(name, files));
      }
    }
    return names;
  }

  private static List<String> namesIn(String headerName, WfdbFiles files) {
    try (InputStream in = files.open(headerName)) {
      return WfdbHeaderParser.mentioned(headerName, in);
    } catch (IOException | IllegalArgumentException e) {
      return List.of();
    }
  }

  /**
   * The header with its signals: those of the layout where the record is made of segments, which
   * then also settle the number of frames.
   *
   * @throws WfdbException if a segment's header is missing, malformed or of another rate
   */
  public static WfdbHeader layout(WfdbHeader header, WfdbFiles files) throws IOException {
    return new Segments(files).layout(header);
  }

  /**
   * Reads a record and refuses it if a checksum differs.
   *
   * @param headerName for example {@code s0010_re.hea}
   * @throws WfdbException if the record cannot be read as it stands
   * @throws IOException if the storage fails
   */
  public static WfdbRecord read(String headerName, WfdbFiles files) throws IOException {
    return read(readHeader(headerName, files), files, ChecksumPolicy.REFUSE);
  }

  /**
   * Reads the signals that a header describes.
   *
   * @throws WfdbException if the record cannot be read as it stands
   * @throws IOException if the storage fails
   */
  public static WfdbRecord read(WfdbHeader header, WfdbFiles files, ChecksumPolicy policy)
      throws IOException {
    return read(header, files, policy, FrameRange.ALL);
  }

  /**
   * Reads a window. Checksums can be checked only where a whole file or segment is read.
   *
   * @throws WfdbException if the record cannot be read as it stands
   * @throws IOException if the storage fails
   */
  public static WfdbRecord read(
      WfdbHeader header, WfdbFiles files, ChecksumPolicy policy, FrameRange range)
      throws IOException {
    return new DigitalReader(files, policy).read(header, range);
  }

  /** The sum of the samples modulo 65,536. */
  static int checksum(int[] samples) {
    int sum = 0;
    for (int sample : samples) {
      sum += sample;
    }
    return sum & 0xffff;
  }
}
