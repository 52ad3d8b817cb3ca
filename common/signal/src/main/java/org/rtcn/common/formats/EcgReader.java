package org.rtcn.common.formats;

import java.io.IOException;

/** Reads one file format. Readers have no state: one serves all threads. */
public interface EcgReader {

  /** The format's name, for example {@code SCP-ECG}. */
  String format();

  /** Whether a file that opens like this is of the format. */
  boolean recognises(Head head);

  /** Whether a file may hold several recordings, so that listing them takes opening it. */
  default boolean mayHoldSeveral() {
    return false;
  }

  /**
   * Opens a file that {@link #recognises} has told.
   *
   * @throws FormatException if it cannot be read as it stands
   * @throws IOException if the storage fails
   */
  EcgRecords read(EcgFile file, ReadLimits limits) throws IOException;
}
