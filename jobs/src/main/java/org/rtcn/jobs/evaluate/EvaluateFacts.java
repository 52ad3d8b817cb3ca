package org.rtcn.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.ValidationFit;
import org.rtcn.common.report.Headline;
import org.rtcn.common.report.LooksSection;
import org.rtcn.jobs.run.StageFact;

/** What {@code evaluate} states of itself in its manifest. */
public final class EvaluateFacts {
  private static final String STAGE = "evaluate";

  /** The model that was measured. */
  public static final StageFact<String> MODEL_ID = StageFact.of(STAGE, "model_id", String.class);

  /** Probability of infarction from which a patient has one. */
  public static final StageFact<Float> DETECTION_THRESHOLD =
      StageFact.of(STAGE, "detection_threshold", Float.class);

  /** Where that comes from, in words. */
  public static final StageFact<String> DETECTION_THRESHOLD_ORIGIN =
      StageFact.of(STAGE, "detection_threshold_origin", String.class);

  /** The headline figures of every level. */
  public static final StageFact<List<HeadlineFact>> HEADLINES =
      StageFact.of(STAGE, "headlines", new TypeReference<>() {});

  /** Patients left out because their recordings have different labels. */
  public static final StageFact<List<String>> CONFLICTING_PATIENTS =
      StageFact.of(STAGE, "conflicting_patients", new TypeReference<>() {});

  /** What was fitted on validation patients, by level. */
  public static final StageFact<List<Fit>> VALIDATION_FITS =
      StageFact.of(STAGE, "validation_fits", new TypeReference<>() {});

  /** Generated against recorded beats in the model's own features, by class. */
  public static final StageFact<Map<String, FeatureDistance>> FEATURE_DISTANCES =
      StageFact.of(STAGE, "generated_beats_in_rtcn_features", new TypeReference<>() {});

  /** How each kind of map fared on simulated twins. */
  public static final StageFact<Map<String, Trial>> EXPLANATION_TRIAL =
      StageFact.of(STAGE, "explanation_trial", new TypeReference<>() {});

  /** The kind of map that fared best on them, which is shown. */
  public static final StageFact<MapKind> SHOWN_MAP =
      StageFact.of(STAGE, "shown_map", MapKind.class);

  /** How the answers of beats became those of recordings and patients. */
  public static final StageFact<String> AGGREGATION =
      StageFact.of(STAGE, "aggregation", String.class);

  /** What the report's checklist says of the run, by the name of the fact. */
  public static final StageFact<Map<String, String>> CHECKLIST =
      StageFact.of(STAGE, "checklist", new TypeReference<>() {});

  private EvaluateFacts() {}

  /**
   * A headline figure.
   *
   * @param label the figure in words
   * @param value null where it is not defined, as are the bounds
   * @param baseline what answering without looking gives
   * @param line the whole as the console shows it
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record HeadlineFact(
      String level,
      String label,
      Double value,
      Double ciLow,
      Double ciHigh,
      Double baseline,
      String line) {

    /** Headlines as a manifest and the console show them. */
    public static List<HeadlineFact> of(Evaluation evaluation) {
      List<HeadlineFact> facts = new ArrayList<>();
      for (LevelEvaluation level : evaluation.levels()) {
        for (Headline headline : Headline.of(level, evaluation.at(level.level()))) {
          Interval interval = headline.interval();
          facts.add(
              new HeadlineFact(
                  headline.level(),
                  headline.label(),
                  number(interval.value()),
                  number(interval.low()),
                  number(interval.high()),
                  number(headline.baseline()),
                  headline.line()));
        }
      }
      return facts;
    }

    /** Whether it is one of patients. */
    @JsonIgnore
    public boolean isOfPatients() {
      return Level.PATIENT.word().equals(level);
    }
  }

  /**
   * What was fitted at one level.
   *
   * @param cases validation cases
   * @param classOffsets added to the log odds of the classes
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Fit(String level, long cases, double temperature, List<Double> classOffsets) {
    static List<Fit> of(List<ValidationFit> fits) {
      return fits.stream()
          .map(
              fit ->
                  new Fit(
                      fit.level().word(),
                      fit.cases(),
                      fit.temperature().temperature(),
                      fit.offsets().offsets()))
          .toList();
    }
  }

  /**
   * A class's generated and recorded beats.
   *
   * @param frechet Fréchet distance between them; null where it is not defined
   * @param frechetRealHalves the same between halves of the recorded ones, by patients
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record FeatureDistance(
      int generatedBeats, int realBeats, Double frechet, Double frechetRealHalves) {
    static Map<String, FeatureDistance> of(List<FeatureDistances.OfClass> rows) {
      Map<String, FeatureDistance> facts = new LinkedHashMap<>();
      for (FeatureDistances.OfClass row : rows) {
        facts.put(
            row.label(),
            new FeatureDistance(
                row.generated(), row.recorded(), number(row.distance()), number(row.halves())));
      }
      return facts;
    }
  }

  /** See {@link LooksSection.TrialRow}. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Trial(
      int twins,
      Double auroc,
      Double rankCorrelation,
      Double pointingGameLeads,
      Double pointingGameSegments,
      Double doseResponse) {
    static Map<String, Trial> of(List<LooksSection.TrialRow> rows) {
      Map<String, Trial> facts = new LinkedHashMap<>();
      for (LooksSection.TrialRow row : rows) {
        facts.put(
            row.method(),
            new Trial(
                row.twins(),
                number(row.auroc()),
                number(row.rankCorrelation()),
                number(row.leads()),
                number(row.segments()),
                number(row.dose())));
      }
      return facts;
    }
  }

  private static Double number(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
