package org.rtcn.common.report;

import java.util.Arrays;
import java.util.Map;
import org.rtcn.common.ecg.EcgSignal;

/**
 * A recording on ECG paper.
 *
 * @param heading what stands above it
 * @param name names the drawing for those who do not see it
 * @param caption below it; empty for none
 * @param signal any of the twelve leads
 */
public record RecordingSection(String heading, String name, String caption, EcgSignal signal)
    implements Section {
  /** A recording is shown for as long as a sheet of ECG paper is wide. */
  private static final double SECONDS = 10;

  /** The first seconds of a recording, as many as fit a sheet of A4 at 25 mm/s. */
  public static EcgSignal onASheet(EcgSignal signal) {
    int samples = Math.min(signal.sampleCount(), (int) Math.round(SECONDS * signal.fsHz()));
    float[][] cut = new float[signal.millivolts().length][];
    for (int i = 0; i < cut.length; i++) {
      cut[i] = Arrays.copyOf(signal.millivolts()[i], samples);
    }
    return new EcgSignal(signal.fsHz(), signal.leads(), cut);
  }

  @Override
  public String id() {
    return "recording";
  }

  @Override
  public String html() {
    return Templates.fill(
        "recording.ftlh",
        Map.of("svg", EcgDrawing.recording("recording", name, signal), "caption", caption));
  }
}
