package org.rtcn.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.WfdbWriter;

/** Recordings that tests write: the twelve leads at 500 Hz, 1000 units per mV, format 16. */
public final class TwelveLeadFiles {
  private static final double FS_HZ = 500;
  private static final double GAIN = 1000;
  private static final List<String> NAMES = Lead.STANDARD_12.stream().map(Lead::label).toList();

  private TwelveLeadFiles() {}

  /** The samples of the leads. */
  @FunctionalInterface
  public interface Wave {
    /** Of a lead, 0 to 11, in ADC units. */
    int at(int lead, int sample);
  }

  /** Header and signals of a record. */
  public static WfdbWriter.Files of(String name, int samples, Wave wave, String... comments) {
    int[][] adu = new int[NAMES.size()][samples];
    for (int lead = 0; lead < adu.length; lead++) {
      for (int i = 0; i < samples; i++) {
        adu[lead][i] = wave.at(lead, i);
      }
    }
    return WfdbWriter.format16(name, FS_HZ, GAIN, NAMES, adu, List.of(comments));
  }

  /**
   * Writes both, and the folders that they need.
   *
   * @param record path without suffix
   * @return the signal file
   */
  public static Path write(Path record, int samples, Wave wave, String... comments)
      throws IOException {
    WfdbWriter.Files files = of(record.getFileName().toString(), samples, wave, comments);
    Path folder = Files.createDirectories(record.getParent());
    Files.write(folder.resolve(files.headerName()), files.header());
    return Files.write(folder.resolve(files.signalName()), files.signal());
  }
}
