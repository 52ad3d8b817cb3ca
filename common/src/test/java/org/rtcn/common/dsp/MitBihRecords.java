package org.rtcn.common.dsp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.wfdb.Annotation;
import org.rtcn.common.wfdb.AnnotationFile;
import org.rtcn.common.wfdb.WfdbFiles;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.common.wfdb.WfdbRecord;

/** The MIT-BIH records of the reference data: two signals of half an hour, annotated. */
final class MitBihRecords {
  private MitBihRecords() {}

  /** Both signals in mV. */
  static float[][] signals(String record) {
    try {
      WfdbRecord wfdb = WfdbReader.read(record + ".hea", files());
      float[][] rows = new float[2][wfdb.frameCount()];
      for (int s = 0; s < 2; s++) {
        double[] exact = wfdb.millivolts(s);
        for (int i = 0; i < exact.length; i++) {
          rows[s][i] = (float) exact[i];
        }
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The annotated beats. */
  static List<Annotation> beats(String record) {
    try {
      return AnnotationFile.read(record + ".atr", files()).annotations().stream()
          .filter(Annotation::isBeat)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Their samples. */
  static int[] beatSamples(String record) {
    return beats(record).stream().mapToInt(beat -> (int) beat.sample()).toArray();
  }

  /** Band-passed as {@code rtcn score-rpeaks} does it. */
  static float[][] cleaned(float[][] leads) {
    return cleaned(leads, 360);
  }

  /** The same at another rate. */
  static float[][] cleaned(float[][] leads, double fsHz) {
    CleaningOptions options =
        new CleaningOptions(
            CleaningOptions.Baseline.NONE,
            PowerLine.NONE,
            CleaningOptions.Denoise.BAND_PASS,
            0.5,
            40);
    double[][] exact = new double[leads.length][leads[0].length];
    for (int lead = 0; lead < leads.length; lead++) {
      for (int i = 0; i < exact[lead].length; i++) {
        exact[lead][i] = leads[lead][i];
      }
    }
    double[][] clean = new SignalCleaner(options, fsHz).clean(exact);
    float[][] single = new float[leads.length][leads[0].length];
    for (int lead = 0; lead < leads.length; lead++) {
      for (int i = 0; i < single[lead].length; i++) {
        single[lead][i] = (float) clean[lead][i];
      }
    }
    return single;
  }

  private static WfdbFiles files() {
    return WfdbFiles.in(ReferenceData.require("data/mitdb"));
  }
}
