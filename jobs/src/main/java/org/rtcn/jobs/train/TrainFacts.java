package org.rtcn.jobs.train;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.rtcn.common.averaging.CurveRow;
import org.rtcn.jobs.run.StageFact;

/** What {@code train} states of itself in its manifest. */
public final class TrainFacts {
  private static final String STAGE = "train";

  /** The model's id. */
  public static final StageFact<String> MODEL_ID = StageFact.of(STAGE, "model_id", String.class);

  /** The id of the model that it went on from, where it did. */
  public static final StageFact<String> FROM_MODEL_ID =
      StageFact.of(STAGE, "from_model_id", String.class);

  /** The folds that it learned from. */
  public static final StageFact<SortedSet<Integer>> TRAINING_FOLDS =
      StageFact.of(STAGE, "training_folds", new TypeReference<>() {});

  /** Recorded beats by class. */
  public static final StageFact<Map<String, Long>> BEATS_BY_CLASS =
      StageFact.of(STAGE, "beats_by_class", new TypeReference<>() {});

  /** Generated beats by class. */
  public static final StageFact<Map<String, Long>> SYNTHETIC_BY_CLASS =
      StageFact.of(STAGE, "synthetic_by_class", new TypeReference<>() {});

  /** Beats kept with the model by class. */
  public static final StageFact<Map<String, Long>> KEPT_BEATS =
      StageFact.of(STAGE, "kept_beats", new TypeReference<>() {});

  /** Shares of the classes among what was drawn in training; they sum to 1. */
  public static final StageFact<Map<String, Double>> CLASS_SHARES =
      StageFact.of(STAGE, "class_shares", new TypeReference<>() {});

  /** Patients that chose the epoch and the threshold. */
  public static final StageFact<List<String>> VALIDATION_PATIENTS =
      StageFact.of(STAGE, "validation_patients", new TypeReference<>() {});

  /** Probability of infarction from which a patient has one. */
  public static final StageFact<Float> DETECTION_THRESHOLD =
      StageFact.of(STAGE, "detection_threshold", Float.class);

  /** Where that comes from, in words. */
  public static final StageFact<String> DETECTION_THRESHOLD_ORIGIN =
      StageFact.of(STAGE, "detection_threshold_origin", String.class);

  /** The learning curve. */
  public static final StageFact<List<Epoch>> TRAINING_CURVE =
      StageFact.of(STAGE, "training_curve", new TypeReference<>() {});

  /** The epoch whose weights were kept, 1-based. */
  public static final StageFact<Integer> KEPT_EPOCH =
      StageFact.of(STAGE, "kept_epoch", Integer.class);

  /** How much each executor did. */
  public static final StageFact<Map<String, Work>> EXECUTORS =
      StageFact.of(STAGE, "executors", new TypeReference<>() {});

  /** What the workers computed with, in words. */
  public static final StageFact<SortedSet<String>> KERNELS =
      StageFact.of(STAGE, "kernels", new TypeReference<>() {});

  /** The driver's native library, in words. */
  public static final StageFact<String> ND4J = StageFact.of(STAGE, "nd4j", String.class);

  private TrainFacts() {}

  /** A row of the learning curve; see {@link CurveRow}. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Epoch(
      int epoch,
      int step,
      double loss,
      double learningRate,
      Double validationLoss,
      Double validationBalancedAccuracy,
      double examplesPerSecond,
      double gigaflopsPerSecond,
      double elapsedS) {

    /** The rows of a curve, numbered. */
    static List<Epoch> of(List<CurveRow> rows) {
      List<Epoch> epochs = new ArrayList<>();
      for (CurveRow row : rows) {
        epochs.add(
            new Epoch(
                epochs.size() + 1,
                row.step(),
                row.loss(),
                row.learningRate(),
                row.validationLoss(),
                row.validationBalancedAccuracy(),
                row.examplesPerSecond(),
                row.gigaflopsPerSecond(),
                row.elapsedS()));
      }
      return epochs;
    }
  }

  /**
   * What an executor did.
   *
   * @param tasks that it ended well
   * @param runTimeS seconds in them
   * @param cpuTimeS seconds of processor time in them
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Work(long tasks, double runTimeS, double cpuTimeS) {}
}
