package org.rtcn.common.wfdb;

import java.util.Arrays;

/**
 * Takes one signal out of the interleaved samples of a file: undoes its skew, cuts the window, adds
 * up the checksum. Memory grows with the samples that come, never with what the header claims.
 */
abstract class Channel {
  private static final int FIRST_CAPACITY = 1 << 10;

  /** The signal's number in the header. */
  final int signal;

  /** Position of the signal's first sample in a frame. */
  final int slot;

  final int samplesPerFrame;
  private final long skew;
  private final boolean stored;
  private long start;
  private long end;
  private long offset;
  private int sum;

  /** Samples stored so far: the end of the last one. */
  int filled;

  Channel(int signal, int slot, SignalSpec spec, boolean stored) {
    this.signal = signal;
    this.slot = slot;
    this.samplesPerFrame = spec.samplesPerFrame();
    this.skew = spec.skew();
    this.stored = stored;
  }

  /**
   * Chooses what is kept.
   *
   * @param from first frame of the signal to keep
   * @param to first frame after the last
   * @param at frame of the output that takes {@code from}
   */
  final void window(long from, long to, long at) {
    start = from + skew;
    end = to > Long.MAX_VALUE - skew ? Long.MAX_VALUE : to + skew;
    offset = at;
  }

  long skew() {
    return skew;
  }

  /** Frames of output that the file's frames up to {@code last} fill. */
  final long framesUntil(long last) {
    long to = Math.min(end, last);
    return stored && to > start ? to - start + offset : 0;
  }

  /** Sum of all samples that passed, modulo 65,536. */
  final int checksum() {
    return sum & 0xffff;
  }

  /** Takes this signal's share of decoded frames. */
  final void take(int[] block, int frames, int frameLength, long firstFrame) {
    take(block, slot, frames, frameLength, firstFrame);
  }

  /**
   * Takes this signal's share of decoded frames.
   *
   * @param first index of its first sample
   */
  final void take(int[] block, int first, int frames, int frameLength, long firstFrame) {
    int s = 0;
    if (samplesPerFrame == 1) {
      for (int i = 0, at = first; i < frames; i++, at += frameLength) {
        s += block[at];
      }
    } else {
      for (int i = 0, at = first; i < frames; i++, at += frameLength) {
        for (int k = 0; k < samplesPerFrame; k++) {
          s += block[at + k];
        }
      }
    }
    sum += s;
    int skipped = skipped(firstFrame);
    int kept = kept(firstFrame, frames);
    if (kept > skipped) {
      int to = target(firstFrame + skipped);
      int at = skipped * frameLength + first;
      ensure(to, (kept - skipped) * samplesPerFrame);
      store(block, at, frameLength, kept - skipped, to);
    }
  }

  /**
   * As {@link #take} from the bytes of a format that {@link SampleFormat#isTakenPacked}, without
   * the detour over an int array.
   *
   * @param at frame of the bytes to begin with; its first sample is the first of its unit
   */
  final void takePacked(
      SampleFormat format, byte[] bytes, int at, int frames, int frameLength, long firstFrame) {
    int skipped = skipped(firstFrame);
    int kept = Math.max(skipped, kept(firstFrame, frames));
    pass(format, bytes, at, Math.min(skipped, frames), frameLength);
    if (kept > skipped) {
      int to = target(firstFrame + skipped);
      ensure(to, (kept - skipped) * samplesPerFrame);
      int first = (at + skipped) * frameLength + slot;
      sum += storePacked(format, bytes, first, frameLength, kept - skipped, to);
    }
    pass(format, bytes, at + kept, frames - kept, frameLength);
  }

  /** Adds up what is not kept. */
  private void pass(SampleFormat format, byte[] bytes, int at, int frames, int frameLength) {
    for (int i = 0; i < frames; i++) {
      int first = (at + i) * frameLength + slot;
      for (int k = 0; k < samplesPerFrame; k++) {
        sum += format.packed(bytes, first + k);
      }
    }
  }

  private int skipped(long firstFrame) {
    return stored ? (int) Math.max(0, Math.min(Integer.MAX_VALUE, start - firstFrame)) : 0;
  }

  private int kept(long firstFrame, int frames) {
    return stored ? (int) Math.min(frames, Math.max(0, end - firstFrame)) : 0;
  }

  private int target(long frame) {
    return Math.toIntExact((frame - start + offset) * samplesPerFrame);
  }

  private void ensure(int from, int count) {
    long needed = (long) from + count;
    if (needed > SignalGroupReader.MAX_SAMPLES) {
      throw new SampleLimitException();
    }
    if (needed > capacity()) {
      long doubled = Math.max(FIRST_CAPACITY, Math.max(needed, 2L * capacity()));
      grow((int) Math.min(SignalGroupReader.MAX_SAMPLES, doubled));
    }
    filled = Math.max(filled, (int) needed);
  }

  /** Makes room in one step, where the number of samples is known to be real. */
  final void reserve(long samples) {
    if (samples > capacity() && samples <= SignalGroupReader.MAX_SAMPLES) {
      grow((int) samples);
    }
  }

  abstract int capacity();

  abstract void grow(int capacity);

  abstract void store(int[] block, int at, int frameLength, int frames, int to);

  /** Stores and returns the sum of what it stored. */
  abstract int storePacked(
      SampleFormat format, byte[] bytes, int at, int frameLength, int frames, int to);

  /** The array grew past what one Java array holds. */
  static final class SampleLimitException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Keeps ADC units. */
  static final class Digital extends Channel {
    int[] samples;
    private final int blank;

    /**
     * @param blank what is stored where no sample came
     */
    Digital(int signal, int slot, SignalSpec spec, boolean stored, int blank, int[] samples) {
      super(signal, slot, spec, stored);
      this.blank = blank;
      this.samples = samples;
    }

    @Override
    int capacity() {
      return samples.length;
    }

    @Override
    void grow(int capacity) {
      int before = samples.length;
      samples = Arrays.copyOf(samples, capacity);
      Arrays.fill(samples, before, capacity, blank);
    }

    @Override
    void store(int[] block, int at, int frameLength, int frames, int to) {
      int[] out = samples;
      if (samplesPerFrame == 1) {
        for (int i = 0; i < frames; i++) {
          out[to + i] = block[at + i * frameLength];
        }
        return;
      }
      for (int i = 0; i < frames; i++) {
        System.arraycopy(
            block, at + i * frameLength, out, to + i * samplesPerFrame, samplesPerFrame);
      }
    }

    @Override
    int storePacked(
        SampleFormat format, byte[] bytes, int at, int frameLength, int frames, int to) {
      int[] out = samples;
      int s = 0;
      for (int i = 0; i < frames; i++) {
        for (int k = 0; k < samplesPerFrame; k++) {
          int v = format.packed(bytes, at + i * frameLength + k);
          out[to++] = v;
          s += v;
        }
      }
      return s;
    }
  }

  /** Keeps physical values; invalid samples and gaps are NaN. */
  static final class Physical extends Channel {
    float[] values;

    /** Whether an invalid sample may be among those stored. */
    private boolean invalidSeen;

    private final Scale scale;

    /**
     * @param values taken as they stand: samples that never come keep what is there
     */
    Physical(int signal, int slot, SignalSpec spec, boolean stored, Scale scale, float[] values) {
      super(signal, slot, spec, stored);
      this.scale = scale;
      this.values = values;
    }

    @Override
    int capacity() {
      return values.length;
    }

    @Override
    void grow(int capacity) {
      int before = values.length;
      values = Arrays.copyOf(values, capacity);
      Arrays.fill(values, before, capacity, Float.NaN);
    }

    /**
     * Samples that are NaN.
     *
     * @param result what was stored, without a gap, and NaN behind it
     */
    int invalidOf(float[] result) {
      return invalidSeen ? nanCount(result) : Math.max(0, result.length - filled);
    }

    static int nanCount(float[] values) {
      int count = 0;
      for (float value : values) {
        count += Float.isNaN(value) ? 1 : 0;
      }
      return count;
    }

    @Override
    void store(int[] block, int at, int frameLength, int frames, int to) {
      invalidSeen = true;
      float[] out = values;
      if (samplesPerFrame == 1) {
        float[] table = scale.table();
        if (table != null) {
          int mask = table.length - 1;
          for (int i = 0; i < frames; i++) {
            out[to + i] = table[block[at + i * frameLength] & mask];
          }
          return;
        }
      }
      for (int i = 0; i < frames; i++) {
        for (int k = 0; k < samplesPerFrame; k++) {
          out[to++] = scale.physical(block[at + i * frameLength + k]);
        }
      }
    }

    @Override
    int storePacked(
        SampleFormat format, byte[] bytes, int at, int frameLength, int frames, int to) {
      float[] out = values;
      if (samplesPerFrame > 1 || !scale.isExactInFloat()) {
        invalidSeen = true;
        int s = 0;
        for (int i = 0; i < frames; i++) {
          for (int k = 0; k < samplesPerFrame; k++) {
            int v = format.packed(bytes, at + i * frameLength + k);
            s += v;
            out[to++] = scale.physical(v);
          }
        }
        return s;
      }
      long result =
          format == SampleFormat.FORMAT_16
              ? PackedSamples.floats16(
                  bytes, 2 * at, 2 * frameLength, frames, out, to, scale.baseline(), scale.gain())
              : floats212(bytes, at, frameLength, frames, out, to);
      if (PackedSamples.holdsLowest(result)) {
        markInvalid(out, to, frames);
      }
      return PackedSamples.sum(result);
    }

    /** Samples at even and at odd places lie differently in their bytes. */
    private long floats212(byte[] bytes, int at, int frameLength, int frames, float[] out, int to) {
      if ((frameLength & 1) == 0) {
        return turn212(bytes, at, 3 * frameLength / 2, frames, out, to, 1);
      }
      // With an odd frame a signal's samples stand at even and odd places by turns.
      int stride = 3 * frameLength;
      return PackedSamples.both(
          turn212(bytes, at, stride, (frames + 1) / 2, out, to, 2),
          turn212(bytes, at + frameLength, stride, frames / 2, out, to + 1, 2));
    }

    private long turn212(
        byte[] bytes, int at, int stride, int count, float[] out, int to, int step) {
      int from = at / 2 * 3;
      return (at & 1) == 0
          ? PackedSamples.firsts212(
              bytes, from, stride, count, out, to, step, scale.baseline(), scale.gain())
          : PackedSamples.seconds212(
              bytes, from, stride, count, out, to, step, scale.baseline(), scale.gain());
    }

    /** The format's lowest value marks invalid samples. */
    private void markInvalid(float[] out, int to, int frames) {
      invalidSeen = true;
      float mark = (scale.invalidSample() - scale.baseline()) / scale.gain();
      for (int i = to; i < to + frames; i++) {
        out[i] = out[i] == mark ? Float.NaN : out[i];
      }
    }
  }
}
