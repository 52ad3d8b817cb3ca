package org.rtcn.common.formats.write;

import java.io.IOException;
import java.util.List;
import org.rtcn.common.formats.EcgRecord;

/** What recordings are converted to. */
public enum Target {
  /** A header and a signal file of format 16, or 32 where values need it. */
  WFDB {
    @Override
    public List<OutputFile> files(String name, EcgRecord record) throws IOException {
      return WfdbExport.files(name, record);
    }
  },
  /** An EDF+C file of 16 bits. */
  EDF {
    @Override
    public List<OutputFile> files(String name, EcgRecord record) throws IOException {
      return List.of(new OutputFile(name + ".edf", EdfExport.bytes(name, record)));
    }
  };

  /**
   * The files of a recording.
   *
   * @param name letters, digits, {@code _} and {@code -}
   * @throws org.rtcn.common.formats.FormatException if the format cannot hold the recording
   * @throws IOException if the recording cannot be read
   */
  public abstract List<OutputFile> files(String name, EcgRecord record) throws IOException;
}
