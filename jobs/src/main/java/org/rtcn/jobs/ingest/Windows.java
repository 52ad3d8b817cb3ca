package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import org.rtcn.jobs.ingest.RecordReader.Outcome;

/**
 * Gives a long recording window by window, each read when it is asked for; one without any valid
 * sample is left out.
 */
final class Windows implements Iterator<Outcome> {
  /** Reads one window. */
  @FunctionalInterface
  interface Reader {
    /**
     * Reads a window.
     *
     * @param start its first frame
     * @param count its frames
     * @param isFirst whether none before it had a valid sample
     * @return empty if it has no valid sample
     */
    Optional<Outcome> read(long start, long count, boolean isFirst) throws IOException;
  }

  private final long frames;
  private final long window;
  private final Reader reader;
  private final Supplier<Outcome> empty;
  private long start;
  private boolean any;
  private Outcome next;

  /**
   * @param frames of the recording
   * @param window frames of a window
   * @param empty what becomes of a recording without any valid sample
   */
  Windows(long frames, long window, Reader reader, Supplier<Outcome> empty) throws IOException {
    this.frames = frames;
    this.window = window;
    this.reader = reader;
    this.empty = empty;
    advance();
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Outcome next() {
    if (next == null) {
      throw new NoSuchElementException();
    }
    Outcome given = next;
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
    while (next == null && start < frames) {
      long count = Math.min(window, frames - start);
      next = reader.read(start, count, !any).orElse(null);
      any |= next != null;
      start += count;
    }
    if (!any) {
      any = true;
      next = empty.get();
    }
  }
}
