package org.rtcn.common.wfdb;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.OptionalInt;
import org.rtcn.common.wfdb.WfdbException.Reason;

/**
 * Reads the interleaved signals of one file, block by block, into channels. One instance is reused
 * for many files by one thread: it holds the buffers.
 */
final class SignalGroupReader {
  /** Samples of all signals of one file in one frame. */
  static final int MAX_FRAME = 1 << 16;

  /** What one Java array holds. */
  static final int MAX_SAMPLES = Integer.MAX_VALUE - 8;

  /** Samples of a block, so that bytes and samples stay in the processor's cache. */
  private static final int BLOCK = 1 << 14;

  /** Samples of all signals that are taken before the next ones, so that their bytes stay near. */
  private static final int TILE = 1 << 12;

  private byte[] bytes = new byte[0];
  private int[] block = new int[0];

  /**
   * What a file held.
   *
   * @param frames frames read, from the file's start or the window's
   * @param complete whether every sample of the record in this file was seen
   */
  record Result(long frames, boolean complete) {}

  /** What to do with bytes behind the last sample. */
  enum TrailingBytes {
    /** Refuse them. */
    REFUSE,
    /** Other records may own them. */
    IGNORE
  }

  /** Frame length in samples, checked. */
  static int frameLength(String file, List<SignalSpec> signals) throws WfdbException {
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
    return (int) length;
  }

  /**
   * Reads frames into the channels, whose windows are set.
   *
   * @param frameCount frames of the record; if empty, to the end of the file
   * @param from first frame that a channel needs, skew included
   * @param to first frame after the last that a channel needs, skew included
   */
  Result read(
      String file,
      List<SignalSpec> signals,
      List<? extends Channel> channels,
      SampleFormat format,
      WfdbFiles files,
      OptionalInt frameCount,
      long from,
      long to,
      TrailingBytes trailing)
      throws IOException {
    int frameLength = frameLength(file, signals);
    if (format == SampleFormat.FORMAT_0) {
      return new Result(frameCount.orElse(0), true);
    }
    try {
      return format.isFlac()
          ? readFlac(file, channels, format, files, frameCount, frameLength, to, signals, trailing)
          : readPacked(
              file, signals, channels, format, files, frameCount, frameLength, from, to, trailing);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new WfdbException(
          Reason.SIGNAL_FILE_MISSING,
          "Cannot find signal file " + file + "; put it next to its header",
          e);
    } catch (Channel.SampleLimitException e) {
      throw new WfdbException(
          Reason.RECORD_TOO_LONG,
          "Cannot read " + file + ": more than " + MAX_SAMPLES + " samples; cut the record",
          e);
    }
  }

  private Result readPacked(
      String file,
      List<SignalSpec> signals,
      List<? extends Channel> channels,
      SampleFormat format,
      WfdbFiles files,
      OptionalInt frameCount,
      int frameLength,
      long from,
      long to,
      TrailingBytes trailing)
      throws IOException {
    long offset = signals.get(0).byteOffset();
    // A window starts at a frame whose first sample is the first of its bytes.
    long first = format.isSeekable() ? from - from % format.unitSamples() : 0;
    long start = Math.addExact(offset, format.bytesFor(Math.multiplyExact(first, frameLength)));
    long last = Math.min(to, frameCount.isPresent() ? frameCount.getAsInt() : Long.MAX_VALUE);
    boolean whole = first == 0 && (frameCount.isEmpty() || last == frameCount.getAsInt());
    long size = files.size(file);
    reserve(channels, format, size, offset, frameLength, last);
    int unit = format.unitSamples();
    int blockFrames = Math.max(1, BLOCK / frameLength / unit) * unit;
    int byteCapacity = (int) format.bytesFor((long) blockFrames * frameLength);
    if (bytes.length < byteCapacity) {
      bytes = new byte[byteCapacity];
    }
    boolean direct = format.isTakenPacked();
    if (!direct && block.length < blockFrames * frameLength) {
      block = new int[blockFrames * frameLength];
    }
    int[] running = format == SampleFormat.FORMAT_8 ? initialValues(signals) : null;
    long frame = first;
    boolean open = frameCount.isEmpty();
    try (InputStream in = opened(file, files, start, offset)) {
      while (frame < last) {
        int frames = (int) Math.min(blockFrames, last - frame);
        int wanted = (int) format.bytesFor((long) frames * frameLength);
        int got = in.readNBytes(bytes, 0, wanted);
        if (got < wanted) {
          long samples = format.samplesIn(got);
          if (!open) {
            throw truncated(
                file,
                "it holds "
                    + (frame * frameLength + samples)
                    + " samples and the record needs "
                    + (long) frameCount.getAsInt() * frameLength);
          }
          // Bit-packed formats fill their last unit up.
          long rest = samples % frameLength;
          if (rest != 0 && (rest >= unit || unit == 1)) {
            throw truncated(
                file,
                "its "
                    + (frame * frameLength + samples)
                    + " samples are no whole number of frames of "
                    + frameLength);
          }
          frames = (int) (samples / frameLength);
        }
        if (direct) {
          takeTiles(channels, format, frames, frameLength, frame);
        } else {
          format.decode(bytes, block, frames * frameLength);
          if (running != null) {
            integrate(running, signals, frames);
          }
          for (Channel channel : channels) {
            channel.take(block, frames, frameLength, frame);
          }
        }
        frame += frames;
        if (got < wanted) {
          break;
        }
      }
    }
    if (whole && frameCount.isPresent() && trailing == TrailingBytes.REFUSE) {
      refuseTrailing(file, signals, format, frameCount.getAsInt(), frameLength, size);
    }
    return new Result(frame, whole);
  }

  private void takeTiles(
      List<? extends Channel> channels,
      SampleFormat format,
      int frames,
      int frameLength,
      long firstFrame) {
    int unit = format.unitSamples();
    int tile = Math.max(1, TILE / frameLength / unit) * unit;
    for (int at = 0; at < frames; at += tile) {
      int some = Math.min(tile, frames - at);
      for (Channel channel : channels) {
        channel.takePacked(format, bytes, at, some, frameLength, firstFrame + at);
      }
    }
  }

  private static InputStream opened(String file, WfdbFiles files, long start, long offset)
      throws IOException {
    try {
      return files.openAt(file, start);
    } catch (EOFException e) {
      throw truncated(file, "it ends before byte " + (start == offset ? offset : start));
    }
  }

  /** Where the file is known to be long enough, its samples need no growing arrays. */
  private static void reserve(
      List<? extends Channel> channels,
      SampleFormat format,
      long size,
      long offset,
      int frameLength,
      long last) {
    if (size >= 0 && size <= MAX_SAMPLES * 4L) {
      long available = format.samplesIn(Math.max(0, size - offset)) / frameLength;
      for (Channel channel : channels) {
        channel.reserve(channel.framesUntil(Math.min(available, last)) * channel.samplesPerFrame);
      }
    }
  }

  /**
   * A file longer than its header says holds samples that would be lost, unless it is padding: of a
   * packed unit or of a tape block.
   */
  private static void refuseTrailing(
      String file,
      List<SignalSpec> signals,
      SampleFormat format,
      int frames,
      int frameLength,
      long size)
      throws WfdbException {
    long needed = signals.get(0).byteOffset() + format.bytesFor((long) frames * frameLength);
    long padding = 4L + Math.abs((long) signals.get(0).blockSize());
    if (size > needed + padding || (size > needed && format.unitSamples() == 1 && padding == 4)) {
      throw new WfdbException(
          Reason.SIGNAL_OVERSIZED,
          "Cannot trust "
              + file
              + ": it has "
              + (size - needed)
              + " bytes more than the header's "
              + frames
              + " frames; correct the header's sample count");
    }
  }

  private static int[] initialValues(List<SignalSpec> signals) {
    return signals.stream().mapToInt(signal -> signal.initialValue().orElse(0)).toArray();
  }

  /** Differences to values; each signal has its own sum. */
  private void integrate(int[] running, List<SignalSpec> signals, int frames) {
    int at = 0;
    for (int frame = 0; frame < frames; frame++) {
      for (int s = 0; s < running.length; s++) {
        int value = running[s];
        for (int k = signals.get(s).samplesPerFrame(); k > 0; k--) {
          value += block[at];
          block[at++] = value;
        }
        running[s] = value;
      }
    }
  }

  private Result readFlac(
      String file,
      List<? extends Channel> channels,
      SampleFormat format,
      WfdbFiles files,
      OptionalInt frameCount,
      int frameLength,
      long to,
      List<SignalSpec> signals,
      TrailingBytes trailing)
      throws IOException {
    int perFrame = signals.get(0).samplesPerFrame();
    if (signals.size() > FlacStream.MAX_CHANNELS
        || signals.stream().anyMatch(signal -> signal.samplesPerFrame() != perFrame)) {
      throw new WfdbException(
          Reason.HEADER_MALFORMED,
          "Cannot read %s: a FLAC file holds up to %d signals of equal samples per frame"
              .formatted(file, FlacStream.MAX_CHANNELS));
    }
    long last = Math.min(to, frameCount.isPresent() ? frameCount.getAsInt() : Long.MAX_VALUE);
    boolean whole = frameCount.isEmpty() || last == frameCount.getAsInt();
    long frame = 0;
    try (InputStream in = opened(file, files, signals.get(0).byteOffset(), 0);
        FlacStream flac = new FlacStream(file, in, signals.size(), format.bits())) {
      // Samples of each signal that wait for the rest of their frame.
      int[][] waiting = new int[signals.size()][perFrame];
      int held = 0;
      while (frame < last) {
        int got = flac.next();
        if (got < 0) {
          break;
        }
        int frames = (int) Math.min((held + got) / perFrame, last - frame);
        for (int c = 0; c < signals.size(); c++) {
          int[] samples = flac.channel(c);
          if (perFrame > 1) {
            samples = joined(waiting[c], held, samples, got);
          }
          channels.get(c).take(samples, 0, frames, perFrame, frame);
        }
        frame += frames;
        held = (held + got) % perFrame;
      }
      if (whole && frameCount.isPresent() && trailing == TrailingBytes.REFUSE) {
        // What does not fill a frame is padding.
        if (flac.holdsMoreThan(last * perFrame + perFrame - 1)) {
          throw new WfdbException(
              Reason.SIGNAL_OVERSIZED,
              "Cannot trust %s: it continues after the header's %d frames; correct the header's sample count"
                  .formatted(file, last));
        }
      }
    }
    if (frameCount.isPresent() && frame < last) {
      throw truncated(
          file,
          "it holds "
              + frame * frameLength
              + " samples and the record needs "
              + (long) frameCount.getAsInt() * frameLength);
    }
    return new Result(frame, whole);
  }

  /** The samples that waited and those of a block; what fills no frame waits for the next one. */
  private int[] joined(int[] waiting, int held, int[] samples, int got) {
    int count = held + got;
    if (block.length < count) {
      block = new int[count];
    }
    System.arraycopy(waiting, 0, block, 0, held);
    System.arraycopy(samples, 0, block, held, got);
    int rest = count % waiting.length;
    System.arraycopy(block, count - rest, waiting, 0, rest);
    return block;
  }

  private static WfdbException truncated(String file, String what) {
    return new WfdbException(
        Reason.SIGNAL_TRUNCATED,
        "Cannot read " + file + ": " + what + "; fetch the file again or correct the header");
  }
}
