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
    return new SignalCleaner(CleaningOptions.forScoring(fsHz), fsHz).clean(leads);
  }

  private static WfdbFiles files() {
    return WfdbFiles.in(ReferenceData.require("data/mitdb"));
  }
}
