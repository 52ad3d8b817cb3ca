package org.rtcn.common.wfdb;

import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.rtcn.common.wfdb.WfdbException.Reason;

/** Reads single-segment WFDB records. */
public final class WfdbReader {
  private static final int BUFFER_BYTES = 1 << 16;

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
   * @throws WfdbException if it is missing, malformed or describes several segments
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
    List<SignalSpec> signals = header.signals();
    Map<String, List<Integer>> byFile = new LinkedHashMap<>();
    for (int s = 0; s < signals.size(); s++) {
      byFile.computeIfAbsent(signals.get(s).fileName(), name -> new ArrayList<>()).add(s);
    }
    int[][] digital = new int[signals.size()][];
    int[] invalid = new int[signals.size()];
    OptionalInt frames = header.frameCount();
    for (Map.Entry<String, List<Integer>> group : byFile.entrySet()) {
      List<SignalSpec> specs = group.getValue().stream().map(signals::get).toList();
      SampleFormat format = formatOf(group.getKey(), specs);
      int[][] samples = readGroup(group.getKey(), specs, format, frames, files);
      for (int i = 0; i < samples.length; i++) {
        digital[group.getValue().get(i)] = samples[i];
        invalid[group.getValue().get(i)] = format.invalidSample();
      }
      // A file of unstated length settles how many frames the next ones must hold.
      frames = OptionalInt.of(samples[0].length / specs.get(0).samplesPerFrame());
    }
    if (frames.orElse(0) == 0) {
      throw new WfdbException(
          Reason.EMPTY,
          "Cannot read " + header.recordName() + ": it holds no samples; leave the record out");
    }
    // Checksums are of the samples as stored: before the skew is undone.
    int[] checksums = new int[signals.size()];
    for (int s = 0; s < signals.size(); s++) {
      checksums[s] = checksum(digital[s]);
      if (policy == ChecksumPolicy.REFUSE) {
        check(signals.get(s), s, checksums[s]);
      }
      undoSkew(digital[s], signals.get(s), invalid[s]);
    }
    return new WfdbRecord(header, frames.getAsInt(), digital, invalid, checksums);
  }

  /** The sum of the samples modulo 65,536. */
  static int checksum(int[] samples) {
    int sum = 0;
    for (int sample : samples) {
      sum += sample;
    }
    return sum & 0xffff;
  }

  private static SampleFormat formatOf(String file, List<SignalSpec> specs) throws WfdbException {
    SignalSpec first = specs.get(0);
    for (SignalSpec spec : specs) {
      if (spec.format() != first.format() || spec.byteOffset() != first.byteOffset()) {
        throw new WfdbException(
            Reason.HEADER_MALFORMED,
            "Cannot read %s: its signals state formats %d+%d and %d+%d; one file has one format"
                .formatted(
                    file, first.format(), first.byteOffset(), spec.format(), spec.byteOffset()));
      }
    }
    return SampleFormat.of(first.format())
        .orElseThrow(
            () ->
                new WfdbException(
                    Reason.FORMAT_UNSUPPORTED,
                    "Cannot read %s: signal format %d; convert it to one of these: %s"
                        .formatted(file, first.format(), SampleFormat.codes())));
  }

  private static int[][] readGroup(
      String file, List<SignalSpec> specs, SampleFormat format, OptionalInt frames, WfdbFiles files)
      throws IOException {
    try (InputStream in = new BufferedInputStream(files.open(file), BUFFER_BYTES)) {
      return new SignalGroupReader(file, specs, format).read(in, frames);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new WfdbException(
          Reason.SIGNAL_FILE_MISSING,
          "Cannot find signal file " + file + "; put it beside its header",
          e);
    }
  }

  private static void check(SignalSpec spec, int index, int actual) throws WfdbException {
    if (spec.checksum().isPresent() && spec.checksum().getAsInt() != actual) {
      throw new WfdbException(
          Reason.CHECKSUM_MISMATCH,
          "Cannot trust %s: signal %d (%s) has checksum %d and the header states %d; fetch it again"
              .formatted(
                  spec.fileName(), index, spec.description(), actual, spec.checksum().getAsInt()));
    }
  }

  /** Shifts a late signal back; its last samples become invalid, as in the reference reader. */
  private static void undoSkew(int[] samples, SignalSpec spec, int invalidSample) {
    long shift = (long) spec.skew() * spec.samplesPerFrame();
    if (shift == 0) {
      return;
    }
    int kept = (int) Math.max(0, samples.length - shift);
    System.arraycopy(samples, samples.length - kept, samples, 0, kept);
    Arrays.fill(samples, kept, samples.length, invalidSample);
  }
}
