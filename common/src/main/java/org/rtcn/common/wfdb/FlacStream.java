package org.rtcn.common.wfdb;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jflac.FLACDecoder;
import org.jflac.frame.Frame;
import org.jflac.metadata.StreamInfo;
import org.rtcn.common.wfdb.WfdbException.Reason;

/** The blocks of a FLAC stream, decoded by jFLAC; damage is refused, never skipped. */
final class FlacStream implements AutoCloseable {
  /** Of one FLAC stream. */
  static final int MAX_CHANNELS = 8;

  private final String file;
  private final InputStream in;
  private final FLACDecoder decoder;
  private final long total;
  private final int channels;
  private long decoded;

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
    this.decoder = new FLACDecoder(in);
    StreamInfo info;
    try {
      decoder.readMetadata();
      info = decoder.getStreamInfo();
    } catch (EOFException e) {
      throw damaged("it ends within its metadata", e);
    } catch (IOException e) {
      // jFLAC says so where the stream does not open as FLAC.
      if (e.getMessage() != null && e.getMessage().contains("FLAC")) {
        throw damaged(e.getMessage(), e);
      }
      throw e;
    } catch (RuntimeException e) {
      throw damaged("its metadata are damaged", e);
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
    } catch (RuntimeException e) {
      throw damaged("a block does not decode", e);
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

  private WfdbException damaged(String what, Throwable cause) {
    return new WfdbException(
        Reason.SIGNAL_DAMAGED,
        "Cannot read " + file + ": " + what + "; fetch the file again",
        cause);
  }
}
