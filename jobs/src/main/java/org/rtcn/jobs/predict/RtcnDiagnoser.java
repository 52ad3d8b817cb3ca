package org.rtcn.jobs.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rtcn.common.dsp.Beat;
import org.rtcn.common.dsp.BeatExtraction;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.error.UserException;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.nn.GradCam;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnModel;

/**
 * A trained model for services: one recording in, one diagnosis out, in plain Java. It denoises,
 * cuts and transforms with the very settings that the model's training beats were made with, so
 * that another preprocessing cannot slip in; Spark takes no part.
 *
 * <pre>{@code
 * RtcnDiagnoser diagnoser = RtcnDiagnoser.load(Path.of("run/models/rtcn"));
 * Diagnosis diagnosis = diagnoser.diagnose(new EcgSignal(500, Lead.STANDARD_12, millivolts));
 * }</pre>
 *
 * <p>One instance serves one thread. Research use only, not a medical device.
 */
public final class RtcnDiagnoser {
  private final RtcnModel model;
  private final ModelInput input;

  /**
   * What the model says of a recording.
   *
   * @param probabilities by class, in the model's order, sum 1: the mean over the beats
   * @param predicted the answer ({@link Decision})
   * @param probabilityMi sum over the infarct classes
   * @param beats how many heartbeats it rests on
   * @param warnings what a reader should know of the recording's quality; empty is good
   * @param modelId which model said so
   * @param simulated whether the model has learned from simulated ECG
   */
  public record Diagnosis(
      Map<String, Double> probabilities,
      String predicted,
      double probabilityMi,
      int beats,
      List<String> warnings,
      String modelId,
      boolean simulated) {
    public Diagnosis {
      probabilities = new LinkedHashMap<>(probabilities);
      warnings = List.copyOf(warnings);
    }
  }

  private RtcnDiagnoser(RtcnModel model) {
    this.model = model;
    this.input = new ModelInput(model);
  }

  /**
   * A diagnoser for a model folder, {@code RUN/models/rtcn}.
   *
   * @throws UserException if the folder holds no sound model
   */
  public static RtcnDiagnoser load(Path folder) {
    try {
      return of(RtcnModel.load(folder));
    } catch (IllegalArgumentException e) {
      throw new UserException("Cannot load the model " + folder + ": " + e.getMessage(), e);
    }
  }

  /**
   * A diagnoser for a model.
   *
   * @throws UserException if the model's preprocessing does not make the images that its network
   *     reads, or this version does not know one of its settings
   */
  public static RtcnDiagnoser of(RtcnModel model) {
    return new RtcnDiagnoser(model);
  }

  /** The model behind it. */
  public RtcnModel model() {
    return model;
  }

  /**
   * Diagnoses one recording of a patient of whom nothing is known.
   *
   * @param signal twelve leads in mV at any sampling rate, NaN where invalid
   * @throws UserException if no heartbeat can be used, with the reasons
   */
  public Diagnosis diagnose(EcgSignal signal) {
    return diagnose(signal, Float.NaN, null);
  }

  /**
   * Diagnoses one recording. Age and sex matter to models that were trained with {@code
   * rtcn.train.network.patient-input = age-sex}; others do not read them.
   *
   * @param signal twelve leads in mV at any sampling rate, NaN where invalid
   * @param ageYears NaN where unknown
   * @param sex {@code male}, {@code female}, or null where unknown
   * @throws UserException if no heartbeat can be used, with the reasons, or the model gives no
   *     finite probabilities
   */
  public Diagnosis diagnose(EcgSignal signal, float ageYears, String sex) {
    BeatExtraction extraction = input.beats(signal);
    List<Beat> beats = requireBeats(extraction);
    PatientInput patient = model.config().patientInput();
    float[][] images = new float[beats.size()][];
    for (int b = 0; b < images.length; b++) {
      images[b] = input.values(beats.get(b), ageYears, sex);
    }
    float[][] rows = model.predict(images);
    double[] mean = new double[model.classes().size()];
    for (float[] row : rows) {
      for (int c = 0; c < mean.length; c++) {
        mean[c] += row[c] / (double) rows.length;
      }
    }
    Map<String, Double> probabilities = new LinkedHashMap<>();
    for (int c = 0; c < mean.length; c++) {
      probabilities.put(model.classes().get(c), mean[c]);
    }
    Decision decision = Decision.among(model.classes());
    return new Diagnosis(
        probabilities,
        model.classes().get(decision.answer(mean)),
        decision.infarctProbability(mean),
        beats.size(),
        warnings(signal, extraction, patient != PatientInput.NONE && Float.isNaN(ageYears)),
        model.modelId(),
        model.simulated());
  }

  /**
   * Where the answer for a recording's first usable beat comes from.
   *
   * @param className the class whose score is explained
   */
  public GradCam.Explanation explain(EcgSignal signal, String className) {
    Beat first = requireBeats(input.beats(signal)).get(0);
    int index = model.classes().indexOf(className);
    return new GradCam(model)
        .explain(
            input.image(first.window()),
            new GradCam.Target(Rtcn.lastConvolution(model.config()), index));
  }

  private static List<Beat> requireBeats(BeatExtraction extraction) {
    if (extraction.beats().isEmpty()) {
      throw new UserException(
          "Cannot diagnose: no usable heartbeat ("
              + extraction.refusal().map(Object::toString).orElse("all beats refused")
              + (extraction.refusedBeats().isEmpty() ? "" : ", " + extraction.refusedBeats())
              + ")");
    }
    return extraction.beats();
  }

  private static List<String> warnings(
      EcgSignal signal, BeatExtraction extraction, boolean ageMissing) {
    List<String> warnings = new ArrayList<>();
    if (ageMissing) {
      warnings.add("the model reads age and sex, and the age is not known");
    }
    if (signal.durationSeconds() < 5) {
      warnings.add(String.format("short recording: %.1f s", signal.durationSeconds()));
    }
    long invalid = 0;
    long all = 0;
    for (float[] lead : signal.millivolts()) {
      for (float v : lead) {
        invalid += Float.isNaN(v) ? 1 : 0;
        all++;
      }
    }
    if (invalid > 0) {
      warnings.add(String.format("%.1f %% of the samples are invalid", 100.0 * invalid / all));
    }
    if (signal.leads().size() < Lead.STANDARD_12.size()) {
      warnings.add("leads missing: " + signal.leads().size() + " of 12 are present");
    }
    long refused = extraction.refusedBeats().values().stream().mapToLong(Number::longValue).sum();
    if (refused > 0) {
      warnings.add(
          refused
              + " of "
              + extraction.rPeaks()
              + " heartbeats were not used "
              + extraction.refusedBeats());
    }
    if (extraction.beats().size() < 3) {
      warnings.add("rests on " + extraction.beats().size() + " heartbeat(s) only");
    }
    return warnings;
  }
}
