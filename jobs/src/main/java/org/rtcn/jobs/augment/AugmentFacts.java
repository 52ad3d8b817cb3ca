package org.rtcn.jobs.augment;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.rtcn.common.diffusion.DdpmDiagnosis;
import org.rtcn.jobs.run.StageFact;

/** What {@code augment} states of itself in its manifest. */
public final class AugmentFacts {
  private static final String STAGE = "augment";

  /** The DDPM's id. */
  public static final StageFact<String> MODEL_ID = StageFact.of(STAGE, "model_id", String.class);

  /** What each class has and lacks. */
  public static final StageFact<List<ClassPlan>> PLAN =
      StageFact.of(STAGE, "plan", new TypeReference<>() {});

  /** The folds that it learned from. */
  public static final StageFact<String> TRAINING_FOLDS =
      StageFact.of(STAGE, "training_folds", String.class);

  /** Steps and losses. */
  public static final StageFact<List<List<Double>>> LOSS_CURVE =
      StageFact.of(STAGE, "loss_curve", new TypeReference<>() {});

  /** Errors of the DDPM by diffusion step. */
  public static final StageFact<List<DdpmDiagnosis.AtStep>> ERRORS_BY_STEP =
      StageFact.of(STAGE, "x0_error_by_step", new TypeReference<>() {});

  /** Wall clock of drawing, seconds. */
  public static final StageFact<Double> SAMPLING_SECONDS =
      StageFact.of(STAGE, "sampling_seconds", Double.class);

  /** Median distance to the nearest training beat, by class. */
  public static final StageFact<Map<String, Nearest>> NEAREST =
      StageFact.of(STAGE, "nearest_training_beat_mv", new TypeReference<>() {});

  /**
   * Figures of {@link org.rtcn.common.diffusion.BeatQuality} by class and name, and of all classes
   * together under its {@code ALL}.
   */
  public static final StageFact<Map<String, Map<String, Double>>> QUALITY =
      StageFact.of(STAGE, "quality", new TypeReference<>() {});

  private AugmentFacts() {}

  /**
   * What a class has and lacks.
   *
   * @param trainingBeats recorded beats of its training patients
   * @param target beats that it is to have
   * @param toGenerate beats to generate for that
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record ClassPlan(
      String label, long patients, long trainingBeats, long target, long toGenerate) {
    static List<ClassPlan> of(AugmentationPlan plan) {
      return plan.classes().stream()
          .map(
              row ->
                  new ClassPlan(
                      row.label(), row.patients(), row.beats(), row.target(), row.toMake()))
          .toList();
    }
  }

  /**
   * Medians of a class, mV.
   *
   * @param generated from generated beats to the nearest training beat
   * @param realToOtherPatients from training beats to those of other patients; null with one
   *     patient
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Nearest(double generated, Double realToOtherPatients) {}
}
