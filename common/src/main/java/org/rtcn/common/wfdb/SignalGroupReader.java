package org.rtcn.common.wfdb;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.rtcn.common.wfdb.WfdbException.Reason;

/**
 * Reads the interleaved signals of one file. Memory grows with the bytes that are really there,
 * never with what the header claims.
 */
final class SignalGroupReader {
  /** Samples of all signals of one file in one frame. */
  static final int MAX_FRAME = 1 << 16;

  /** What one Java array holds. */
  static final int MAX_SAMPLES = Integer.MAX_VALUE - 8;

  private static final int BLOCK = 1 << 14;
  private static final int FIRST_CAPACITY = 1 << 10;

  private final String file;
  private final List<SignalSpec> signals;
  private final SampleFormat format;
  private final int[][] samples;
  private final int[] filled;

  SignalGroupReader(String file, List<SignalSpec> signals, SampleFormat format) {
    this.file = file;
    this.signals = signals;
    this.format = format;
    this.samples = new int[signals.size()][0];
    this.filled = new int[signals.size()];
  }

  /**
   * Reads the samples.
   *
   * @param frameCount frames to read; if empty, to the end of the file
   * @return samples {@code [signal][sample]} in file order, skew not yet undone
   */
  int[][] read(InputStream in, OptionalInt frameCount) throws IOException {
    try {
      in.skipNBytes(signals.get(0).byteOffset());
    } catch (EOFException e) {
      throw truncated("it ends before byte " + signals.get(0).byteOffset());
    }
    int[] owner = frameOwners();
    long wanted = frameCount.isPresent() ? (long) frameCount.getAsInt() * owner.length : -1;
    SampleDecoder decoder = format.decoder(in);
    int[] block = new int[BLOCK];
    long read = 0;
    int slot = 0;
    while (wanted < 0 || read < wanted) {
      int request = wanted < 0 ? BLOCK : (int) Math.min(BLOCK, wanted - read);
      int got = decoder.decode(block, 0, request);
      for (int i = 0; i < got; i++) {
        append(owner[slot], block[i]);
        slot = slot + 1 == owner.length ? 0 : slot + 1;
      }
      read += got;
      if (got < request) {
        break;
      }
    }
    if (read < wanted) {
      throw truncated("it holds " + read + " samples and the record needs " + wanted);
    }
    if (slot != 0) {
      throw truncated("its " + read + " samples are no whole number of frames of " + owner.length);
    }
    for (int s = 0; s < samples.length; s++) {
      samples[s] =
          filled[s] == samples[s].length ? samples[s] : Arrays.copyOf(samples[s], filled[s]);
    }
    return samples;
  }

  /** Which signal each sample of a frame belongs to. */
  private int[] frameOwners() throws WfdbException {
    long length = 0;
    for (SignalSpec signal : signals) {
      length += signal.samplesPerFrame();
    }
    if (length > MAX_FRAME) {
      throw new WfdbException(
          Reason.HEADER_MALFORMED,
          "Cannot read "
              + file
              + ": invalid frame of "
              + length
              + " samples, at most "
              + MAX_FRAME
              + "; check the header");
    }
    int[] owner = new int[(int) length];
    int at = 0;
    for (int s = 0; s < signals.size(); s++) {
      int end = at + signals.get(s).samplesPerFrame();
      Arrays.fill(owner, at, end, s);
      at = end;
    }
    return owner;
  }

  private void append(int signal, int value) throws WfdbException {
    int[] array = samples[signal];
    if (filled[signal] == array.length) {
      if (array.length == MAX_SAMPLES) {
        throw new WfdbException(
            Reason.RECORD_TOO_LONG,
            "Cannot read " + file + ": more than " + MAX_SAMPLES + " samples; cut the record");
      }
      long doubled = Math.max(FIRST_CAPACITY, 2L * array.length);
      array = Arrays.copyOf(array, (int) Math.min(MAX_SAMPLES, doubled));
      samples[signal] = array;
    }
    array[filled[signal]++] = value;
  }

  private WfdbException truncated(String what) {
    return new WfdbException(
        Reason.SIGNAL_TRUNCATED,
        "Cannot read " + file + ": " + what + "; fetch the file again or correct the header");
  }
}
