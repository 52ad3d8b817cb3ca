package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Held-out patients whose answer is not their label, the missed infarcts first.
 *
 * @param patients in their order
 * @param of how many patients were held out
 * @param classes the model's classes in order
 */
public record MisreadSection(List<Patient> patients, long of, List<String> classes)
    implements Section {
  /** More would not be read; all of them are in the table {@code predictions}. */
  private static final int MOST_MISREAD = 100;

  /**
   * A held-out patient who was misread.
   *
   * @param patientId who
   * @param kind missed infarct, false alarm, other site or other finding
   * @param truth the label
   * @param answer what was answered
   * @param probabilityMi probability of infarction
   * @param probabilities one per class
   * @param beat the beat of theirs that says most for the answer; absent where it is not drawn
   * @param page their recording's page, relative to this one; absent where there is none
   */
  public record Patient(
      String patientId,
      String kind,
      String truth,
      String answer,
      double probabilityMi,
      List<Double> probabilities,
      Optional<ExampleBeat> beat,
      Optional<String> page) {
    public Patient {
      probabilities = List.copyOf(probabilities);
    }

    /** The same with a drawing. */
    public Patient with(Optional<ExampleBeat> drawn, Optional<String> itsPage) {
      return new Patient(
          patientId, kind, truth, answer, probabilityMi, probabilities, drawn, itsPage);
    }
  }

  public MisreadSection {
    patients = List.copyOf(patients);
    classes = List.copyOf(classes);
  }

  @Override
  public String id() {
    return "misread";
  }

  @Override
  public String heading() {
    return "Who was misread";
  }

  @Override
  public String html() {
    return Templates.fill("misread.ftlh", view());
  }

  private Map<String, Object> view() {
    List<Map<String, Object>> drawn = new ArrayList<>();
    for (Patient patient : patients) {
      patient
          .beat()
          .ifPresent(
              beat ->
                  drawn.add(
                      Map.of(
                          "what", patient.kind(),
                          "patient", patient.patientId(),
                          "truth", beat.truth(),
                          "predicted", beat.predicted(),
                          "probability", Figures.three(beat.probability()),
                          "pieces", beat.pieces().map(Views::strongest).orElse(""),
                          "page", patient.page().orElse(""),
                          "ecg",
                              EcgDrawing.smallBeat(
                                  "misread-" + drawn.size(),
                                  "Beat " + beat.beatId() + " in 12 leads",
                                  beat.window(),
                                  beat.rSample(),
                                  beat.pieces().map(Views::shades).orElse(List.of())))));
    }
    return Map.of(
        "shading",
        Views.shading(
            patients.stream()
                .flatMap(patient -> patient.beat().stream())
                .flatMap(beat -> beat.pieces().stream())
                .findFirst()),
        "classes",
        classes,
        "linked",
        patients.stream().anyMatch(patient -> patient.page().isPresent()),
        "drawn",
        drawn,
        "patients",
        patients.size(),
        "of",
        of,
        "more",
        Math.max(0, patients.size() - MOST_MISREAD),
        "rows",
        patients.stream()
            .limit(MOST_MISREAD)
            .map(
                patient ->
                    Map.of(
                        "page",
                        patient.page().orElse(""),
                        "id",
                        patient.patientId(),
                        "kind",
                        patient.kind(),
                        "truth",
                        patient.truth(),
                        "answer",
                        patient.answer(),
                        "mi",
                        Figures.three(patient.probabilityMi()),
                        "cells",
                        patient.probabilities().stream().map(Figures::three).toList()))
            .toList());
  }
}
