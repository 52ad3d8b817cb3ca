package org.rtcn.common.formats.write;

import java.io.IOException;
import org.rtcn.common.formats.EcgRecord;

/** What recordings are converted to. They are read by window: memory does not grow with them. */
public enum Target {
  /** A signal file of format 16, or 32 where values need it, and a header. */
  WFDB {
    @Override
    public void write(String name, EcgRecord record, OutputFiles files) throws IOException {
      WfdbExport.write(name, record, files);
    }
  },
  /** An EDF+C file of 16 bits. */
  EDF {
    @Override
    public void write(String name, EcgRecord record, OutputFiles files) throws IOException {
      EdfExport.write(name, record, files);
    }
  };

  /**
   * Writes the files of a recording; {@link OutputFiles#commit} puts them in place.
   *
   * @param name letters, digits, {@code _} and {@code -}
   * @throws org.rtcn.common.formats.FormatException if the format cannot hold the recording
   * @throws java.nio.file.FileAlreadyExistsException if a file is there and is not to be replaced
   * @throws IOException if the recording cannot be read, or the files not be written
   */
  public abstract void write(String name, EcgRecord record, OutputFiles files) throws IOException;
}
