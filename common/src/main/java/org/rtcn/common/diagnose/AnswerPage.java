package org.rtcn.common.diagnose;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.Version;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.nn.GradCam;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.AnswerSection;
import org.rtcn.common.report.HeatMap;
import org.rtcn.common.report.LookSection;
import org.rtcn.common.report.NeighboursSection;
import org.rtcn.common.report.Page;
import org.rtcn.common.report.RecordingSection;

/**
 * The page of one recording's answer, whether it comes from tables or from a file.
 *
 * @param recordId what the page is called
 * @param simulated whether the recording is; the page says so of the model itself
 * @param predicted the answer
 * @param probabilities by class, in the model's order
 * @param probabilityMi of an infarct at any site
 * @param beats how many the answer rests on
 * @param quality ok, or what is wrong
 * @param counted whether the recording is one of those that the model was evaluated on
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
    boolean counted,
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
      float[] columnMs) {}

  public AnswerPage {
    probabilities = new LinkedHashMap<>(probabilities);
  }

  /** The page: the answer, the recording, where the answer comes from, the nearest beats. */
  public String html(ModelEvidence evidence) {
    RtcnModel model = evidence.model();
    Page.Head head =
        new Page.Head(
            "one recording",
            recordId,
            recordId,
            Map.of("model", model.modelId()),
            simulated || model.simulated()
                ? "The model, or this recording, is simulated: what stands here says nothing about"
                    + " a person."
                : "",
            Version.current());
    return Page.html(
        head,
        List.of(
            new AnswerSection(
                predicted,
                probabilities,
                probabilityMi,
                model.detection(),
                beats,
                quality,
                evidence.evaluated(),
                counted),
            recordingSection(),
            look(evidence),
            new NeighboursSection(
                evidence.training(),
                model.classes(),
                beat.window().standardLeads(),
                beat.window().fsHz(),
                beat.rSample())));
  }

  private RecordingSection recordingSection() {
    EcgSignal shown = RecordingSection.onASheet(recording);
    return new RecordingSection(
        "The recording",
        recordId,
        shown.sampleCount() == recording.sampleCount()
            ? ""
            : String.format(
                Locale.ROOT,
                "The first %.0f s of %.1f s.",
                shown.durationSeconds(),
                recording.durationSeconds()),
        shown);
  }

  private LookSection look(ModelEvidence evidence) {
    RtcnModel model = evidence.model();
    int answer = model.classes().indexOf(predicted);
    Optional<GradCam.Explanation> explanation =
        new GradCam(model)
            .find(
                model.standardizer().input().image(beat.magnitude(), beat.phase()),
                new GradCam.Target(Rtcn.lastConvolution(model.config()), answer));
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
    return new LookSection(
        "One beat of " + recordId,
        beat.window(),
        beat.rSample(),
        new HeatMap.Spectrogram(
            Lead.STANDARD_12.get(lead).label(), plane, beat.voiceHz(), beat.columnMs()),
        explanation.map(GradCam.Explanation::map),
        evidence.healthy().words(),
        evidence.explainer().explain(beat.window().standardLeads(), answer));
  }
}
