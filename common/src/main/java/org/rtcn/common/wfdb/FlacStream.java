package org.rtcn.common.wfdb;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import org.jflac.FLACDecoder;
import org.jflac.frame.Frame;
import org.jflac.metadata.StreamInfo;
import org.rtcn.common.wfdb.WfdbException.Reason;

/** The blocks of a FLAC stream, decoded by jFLAC; damage is refused, never skipped. */
final class FlacStream implements AutoCloseable {
  /** Of one FLAC stream. */
  static final int MAX_CHANNELS = 8;

  private static final byte[] MAGIC = {'f', 'L', 'a', 'C'};
  private static final int BLOCK_HEADER = 4;
  private static final int STREAM_INFO = 34;
  private static final int LAST_BLOCK = 0x80;

  private final String file;
  private final InputStream in;
  private final FLACDecoder decoder;
  private final long total;
  private final int channels;
  private long decoded;
  private IOException storageFault;

  /**
   * Opens a stream.
   *
   * @param channels signals that the header names
   * @param bits bits per sample of the format
   * @throws WfdbException if the stream is no FLAC or differs from the header
   */
  FlacStream(String file, InputStream in, int channels, int bits) throws IOException {
    this.file = file;
    this.in = in;
    this.channels = channels;
    InputStream watched = new Watched(in);
    this.decoder =
        new FLACDecoder(
            new SequenceInputStream(new ByteArrayInputStream(streamInfo(watched)), watched));
    StreamInfo info;
    try {
      decoder.readMetadata();
      info = decoder.getStreamInfo();
    } catch (IOException | RuntimeException e) {
      throw fault("it does not open as FLAC", e);
    }
    if (info == null || info.getChannels() != channels || info.getBitsPerSample() != bits) {
      throw new WfdbException(
          Reason.SIGNAL_DAMAGED,
          "Cannot read %s: the header states FLAC of %d signals at %d bits, the stream holds %s"
              .formatted(
                  file,
                  channels,
                  bits,
                  info == null
                      ? "nothing"
                      : info.getChannels() + " at " + info.getBitsPerSample()));
    }
    total = info.getTotalSamples();
  }

  /**
   * The stream's opening with its STREAMINFO block alone. The other metadata (comments, pictures,
   * seek tables) say nothing about samples, and jFLAC believes the lengths that they claim.
   */
  private byte[] streamInfo(InputStream stream) throws IOException {
    byte[] opening = new byte[MAGIC.length + BLOCK_HEADER + STREAM_INFO];
    System.arraycopy(MAGIC, 0, opening, 0, MAGIC.length);
    opening[MAGIC.length] = (byte) LAST_BLOCK;
    opening[MAGIC.length + BLOCK_HEADER - 1] = STREAM_INFO;
    boolean found = false;
    try {
      if (!Arrays.equals(stream.readNBytes(MAGIC.length), MAGIC)) {
        throw damaged("it does not open as FLAC", null);
      }
      boolean last = false;
      while (!last) {
        byte[] head = stream.readNBytes(BLOCK_HEADER);
        if (head.length < BLOCK_HEADER) {
          throw damaged("it ends within its metadata", null);
        }
        last = (head[0] & LAST_BLOCK) != 0;
        int type = head[0] & 0x7f;
        int length = ((head[1] & 0xff) << 16) | ((head[2] & 0xff) << 8) | (head[3] & 0xff);
        if (type == 0 && length == STREAM_INFO && !found) {
          found =
              stream.readNBytes(opening, MAGIC.length + BLOCK_HEADER, STREAM_INFO) == STREAM_INFO;
        } else {
          stream.skipNBytes(length);
        }
      }
    } catch (EOFException e) {
      throw damaged("it ends within its metadata", e);
    }
    if (!found) {
      throw damaged("it has no STREAMINFO", null);
    }
    return opening;
  }

  /** Decodes the next block: samples per channel, or -1 at the end. */
  int next() throws IOException {
    if (total > 0 && decoded >= total) {
      return -1;
    }
    Frame frame;
    try {
      frame = decoder.readNextFrame();
    } catch (EOFException e) {
      frame = null;
    } catch (IOException | RuntimeException e) {
      throw fault("a block does not decode", e);
    }
    if (storageFault != null) {
      throw storageFault;
    }
    if (decoder.getBadFrames() > 0) {
      throw damaged("a block does not decode", null);
    }
    if (frame == null) {
      return -1;
    }
    if (frame.header.channels != channels) {
      throw damaged("a block holds " + frame.header.channels + " channels", null);
    }
    decoded += frame.header.blockSize;
    return frame.header.blockSize;
  }

  /** Samples of one channel of the last block. The array is the decoder's own. */
  int[] channel(int channel) {
    return decoder.getChannelData()[channel].getOutput();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** The storage's own fault if there was one: it may pass, damage does not. */
  private IOException fault(String what, Exception cause) {
    return storageFault == null ? damaged(what, cause) : storageFault;
  }

  /** jFLAC reports damage and storage alike as IOException; this tells them apart. */
  private final class Watched extends FilterInputStream {
    Watched(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException e) {
        storageFault = e;
        throw e;
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (IOException e) {
        storageFault = e;
        throw e;
      }
    }
  }

  private WfdbException damaged(String what, Throwable cause) {
    return new WfdbException(
        Reason.SIGNAL_DAMAGED,
        "Cannot read " + file + ": " + what + "; fetch the file again",
        cause);
  }
}
