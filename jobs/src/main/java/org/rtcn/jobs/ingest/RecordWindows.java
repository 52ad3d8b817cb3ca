package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.rtcn.jobs.ingest.RecordReader.Outcome;

/**
 * A recording window by window, each read when it is asked for. A window without any valid sample
 * is left out; a recording of nothing else is refused as a whole. So one rule holds whatever the
 * length.
 */
abstract class RecordWindows implements Iterator<Outcome> {
  private final long length;
  private final long windowLength;
  private long start;
  private boolean any;
  private long leftOut;
  private Outcome next;

  /**
   * @param length of the recording, in what its reader counts
   * @param windowLength at most so much at once
   */
  RecordWindows(long length, long windowLength) {
    this.length = length;
    this.windowLength = windowLength;
  }

  /**
   * Reads a window.
   *
   * @param isFirst whether no window has been kept so far
   * @return null if no sample of it is valid
   */
  abstract Outcome window(long from, long count, boolean isFirst) throws IOException;

  /** What becomes of the recording if no window has a valid sample. */
  abstract Outcome empty();

  /** What became of a window that was left out. */
  abstract Outcome withoutSamples();

  /** Reads the first window that will be kept. */
  final RecordWindows opened() throws IOException {
    advance();
    return this;
  }

  @Override
  public final boolean hasNext() {
    return next != null || leftOut > 0;
  }

  @Override
  public final Outcome next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Outcome given = next;
    if (given == null) {
      leftOut--;
      return withoutSamples();
    }
    try {
      advance();
    } catch (IOException e) {
      // The first pass has read it: this is the storage's fault, and trying again may help.
      throw new UncheckedIOException(e);
    }
    return given;
  }

  private void advance() throws IOException {
    next = null;
    while (next == null && start < length) {
      long count = Math.min(windowLength, length - start);
      next = window(start, count, !any);
      leftOut += next == null ? 1 : 0;
      any |= next != null;
      start += count;
    }
    if (!any) {
      any = true;
      leftOut = 0;
      next = empty();
    }
  }
}
