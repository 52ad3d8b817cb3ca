package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.metrics.DetectionThreshold;

/** One page for one recording: the answer, the ECG, and where the answer comes from. */
public final class RecordReport {
  private RecordReport() {}

  /**
   * What the page shows.
   *
   * @param probabilities by class, in the model's order
   * @param detection from which {@code probabilityMi} on an infarct is answered
   * @param quality ok, or what is wrong
   * @param recording as recorded
   * @param window one beat of it
   * @param rSample its R peak in the window
   * @param spectrogram of the lead that told most
   * @param importance Grad-CAM of the answer, {@code [voice][column]}, 0 to 1; empty where the
   *     network's gradients are not finite
   * @param healthy what beats are compared with, in words
   * @param pieces what each lead and segment of the beat says for the answer; empty where the
   *     network's gradients are not finite
   */
  @SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
  public record Data(
      String recordId,
      String modelId,
      String version,
      boolean simulated,
      String predicted,
      Map<String, Double> probabilities,
      double probabilityMi,
      DetectionThreshold detection,
      long beats,
      String quality,
      EcgSignal recording,
      EcgSignal window,
      int rSample,
      HeatMap.Spectrogram spectrogram,
      Optional<float[][]> importance,
      String healthy,
      Optional<LeadSegmentMap> pieces) {
    public Data {
      probabilities = new LinkedHashMap<>(probabilities);
    }
  }

  /** The page. */
  public static String html(Data data) {
    Map<String, Object> model = new HashMap<>();
    model.put("data", data);
    model.put("infarct", Figures.three(data.probabilityMi()));
    model.put("threshold", Figures.three(data.detection().probability()));
    model.put("origin", data.detection().origin());
    List<Map<String, String>> probabilities = new ArrayList<>();
    data.probabilities()
        .forEach((name, p) -> probabilities.add(Map.of("name", name, "value", Figures.three(p))));
    model.put("probabilities", probabilities);
    model.put("recording", EcgDrawing.recording("recording", data.recordId(), data.recording()));
    model.put(
        "beat",
        EcgDrawing.beat(
            "beat",
            "One beat of " + data.recordId(),
            data.window(),
            data.rSample(),
            data.pieces().map(ReportWriter::shades).orElse(List.of())));
    model.put("explained", data.pieces().isPresent());
    model.put("pieces", data.pieces().map(ReportWriter::strongest).orElse(""));
    data.importance()
        .ifPresent(map -> model.put("cam", HeatMap.importance("cam", data.spectrogram(), map)));
    return Templates.fill("record.ftlh", model);
  }
}
