package org.rtcn.jobs.predict;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.explain.LeadSegmentExplainer;
import org.rtcn.common.nn.GradCam;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.HeatMap;
import org.rtcn.common.report.RecordReport;
import org.rtcn.jobs.run.Version;
import org.rtcn.jobs.transform.Signals;

/**
 * The page of one recording's answer, whether it comes from tables or from a file.
 *
 * @param recordId what the page is called
 * @param simulated whether the model or the recording is
 * @param predicted the answer
 * @param probabilities by class, in the model's order
 * @param probabilityMi of an infarct at any site
 * @param beats how many the answer rests on
 * @param quality ok, or what is wrong
 * @param recording the twelve leads
 * @param beat the first of the beats
 */
public record AnswerPage(
    String recordId,
    boolean simulated,
    String predicted,
    Map<String, Double> probabilities,
    double probabilityMi,
    long beats,
    String quality,
    EcgSignal recording,
    ShownBeat beat) {

  /**
   * A beat and its image.
   *
   * @param window the twelve leads
   * @param rSample its R peak in the window
   * @param magnitude {@code [lead · voice · column]}, mV
   * @param phase the same in radians, null where the model reads none
   * @param voiceHz frequencies of the voices
   * @param columnMs instants of the columns
   */
  @SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
  public record ShownBeat(
      EcgSignal window,
      int rSample,
      float[] magnitude,
      float[] phase,
      float[] voiceHz,
      float[] columnMs) {
    /** From rows of the tables beats and spectrograms. */
    public static ShownBeat of(Row window, Row image) {
      int phase = image.fieldIndex("phase");
      return new ShownBeat(
          Signals.of(window),
          window.getAs("r_in_window"),
          Signals.floats(image, image.fieldIndex("magnitude")),
          image.isNullAt(phase) ? null : Signals.floats(image, phase),
          Signals.floats(image, image.fieldIndex("voice_hz")),
          Signals.floats(image, image.fieldIndex("column_ms")));
    }
  }

  public AnswerPage {
    probabilities = new LinkedHashMap<>(probabilities);
  }

  /** The page, with what lead and segment say for the answer, and its Grad-CAM. */
  public String html(RtcnModel model, LeadSegmentExplainer explainer) {
    Optional<GradCam.Explanation> explanation =
        new GradCam(model)
            .find(
                model.standardizer().input().image(beat.magnitude(), beat.phase()),
                new GradCam.Target(
                    Rtcn.lastConvolution(model.config()), model.classes().indexOf(predicted)));
    float[] leads = explanation.map(GradCam.Explanation::leadImportance).orElse(new float[1]);
    int lead = 0;
    for (int i = 1; i < leads.length; i++) {
      lead = leads[i] > leads[lead] ? i : lead;
    }
    int voices = beat.voiceHz().length;
    int columns = beat.columnMs().length;
    float[][] plane = new float[voices][];
    for (int v = 0; v < voices; v++) {
      int from = (lead * voices + v) * columns;
      plane[v] = Arrays.copyOfRange(beat.magnitude(), from, from + columns);
    }
    return RecordReport.html(
        new RecordReport.Data(
            recordId,
            model.modelId(),
            Version.current(),
            simulated,
            predicted,
            probabilities,
            probabilityMi,
            model.detection(),
            beats,
            quality,
            recording,
            beat.window(),
            beat.rSample(),
            new HeatMap.Spectrogram(
                Lead.STANDARD_12.get(lead).label(), plane, beat.voiceHz(), beat.columnMs()),
            explanation.map(GradCam.Explanation::map),
            explainer.reference().words(),
            explainer.explain(beat.window().standardLeads(), model.classes().indexOf(predicted))));
  }
}
