package org.rtcn.common.report;

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
