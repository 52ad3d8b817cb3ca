package org.rtcn.common.formats;

import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/**
 * The recordings of a file: one in most formats. Their samples can be read until this is closed.
 */
public interface EcgRecords extends Closeable {

  /** How many recordings the file holds, readable or not. */
  int count();

  /** The name of a recording within the file, empty where the file holds but one. */
  String part(int index);

  /**
   * A recording; reading one takes the memory of one.
   *
   * @throws FormatException if it cannot be read as it stands: the others may well be
   */
  EcgRecord get(int index) throws IOException;

  /** A file of one recording. */
  static EcgRecords of(EcgRecord record) {
    return of(List.of(record));
  }

  /** Recordings that are in memory. */
  static EcgRecords of(List<EcgRecord> records) {
    return new EcgRecords() {
      @Override
      public int count() {
        return records.size();
      }

      @Override
      public String part(int index) {
        return records.get(index).part();
      }

      @Override
      public EcgRecord get(int index) {
        return records.get(index);
      }

      @Override
      public void close() {}
    };
  }

  /** The only recording. */
  default EcgRecord only() throws IOException {
    if (count() != 1) {
      throw new IllegalStateException("Cannot choose among " + count() + " recordings");
    }
    return get(0);
  }

  /** Names in order. */
  default Iterator<String> parts() {
    return java.util.stream.IntStream.range(0, count()).mapToObj(this::part).iterator();
  }
}
