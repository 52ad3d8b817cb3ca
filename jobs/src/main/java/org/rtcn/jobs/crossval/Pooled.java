package org.rtcn.jobs.crossval;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.error.UserException;
import org.rtcn.common.metrics.Evaluator;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.evaluate.EvaluateFacts;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.Evaluation;
import org.rtcn.jobs.evaluate.PredictionRows;
import org.rtcn.jobs.evaluate.VariantPredictions;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;

/** The held-out predictions of all folds, measured together: each patient once. */
public final class Pooled {
  private Pooled() {}

  /**
   * What the folds have predicted.
   *
   * @param predictions each case once, of the variants that every fold has
   * @param conflicting patients with several labels
   * @param simulated whether any of it is simulated
   */
  public record Held(VariantPredictions predictions, Set<String> conflicting, boolean simulated) {}

  /**
   * Reads.
   *
   * @param levels those that are wanted; beats take most of the room
   * @throws UserException if a case was held out in more than one fold
   */
  public static Held read(StageContext context, List<Folds.Fold> folds, Set<Level> levels) {
    VariantPredictions together = new VariantPredictions();
    Map<String, Integer> foldOf = new HashMap<>();
    Set<String> conflicting = new TreeSet<>();
    boolean simulated = false;
    for (Folds.Fold fold : folds) {
      VariantPredictions own = PredictionRows.read(context.spark(), fold.run(), levels);
      Set<String> heldOut = new HashSet<>();
      for (Prediction row : own.of(Variant.AS_TRAINED, Level.RECORD)) {
        row.patientId().ifPresent(heldOut::add);
        simulated |= row.simulated();
      }
      for (String patient : heldOut) {
        Integer other = foldOf.put(patient, fold.number());
        if (other != null) {
          throw new UserException(
              "Cannot cross-validate: patient "
                  + patient
                  + " was held out in fold "
                  + other
                  + " and in fold "
                  + fold.number()
                  + ", so each has trained the other's model. Run ingest and transform again.");
        }
      }
      conflicting.addAll(EvaluateFacts.CONFLICTING_PATIENTS.require(fold.evaluate()));
      for (Variant variant : own.variants()) {
        for (Level level : Level.values()) {
          together.add(variant, level, own.of(variant, level));
        }
      }
    }
    VariantPredictions complete = new VariantPredictions();
    for (Variant variant : together.variants()) {
      for (Level level : Level.values()) {
        List<Prediction> rows = together.of(variant, level);
        // A variant that some folds lack would be measured on easier or harder patients.
        if (rows.size() == together.of(Variant.AS_TRAINED, level).size()) {
          complete.add(variant, level, rows);
        }
      }
    }
    return new Held(complete, conflicting, simulated);
  }

  /**
   * Measures.
   *
   * @throws UserException if a case was held out in more than one fold
   */
  static Evaluation of(StageContext context, EvaluateOptions options, List<Folds.Fold> folds) {
    Held held = read(context, folds, Set.of(Level.values()));
    List<Prediction> patients = held.predictions().of(Variant.AS_TRAINED, Level.PATIENT);
    Evaluator evaluator =
        new Evaluator(
            context.settings().classes(),
            patientsByClass(patients),
            options.bootstrap(),
            options.calibrationBins());
    return Evaluation.of(
        id(folds),
        evaluator,
        held.predictions(),
        Evaluation.facts(context, patients),
        options.subgroups(),
        List.of(),
        List.copyOf(held.conflicting()),
        held.simulated());
  }

  /** The rows of beats that the folds left, under the common name, of the variants measured. */
  static Evaluation.BeatRows beats(
      StageContext context, List<Folds.Fold> folds, Evaluation evaluation) {
    List<String> variants =
        evaluation.predictions().variants().stream()
            .filter(variant -> !evaluation.predictions().of(variant, Level.BEAT).isEmpty())
            .map(Variant::word)
            .toList();
    return new Evaluation.BeatRows(
        beats(context, folds, evaluation.modelId(), Table.PREDICTIONS),
        beats(context, folds, evaluation.modelId(), Table.PREDICTION_VARIANTS)
            .where(col("variant").isInCollection(variants)));
  }

  private static Dataset<Row> beats(
      StageContext context, List<Folds.Fold> folds, String id, Table table) {
    return folds.stream()
        .map(fold -> fold.run().read(context.spark(), table))
        .reduce(Dataset::union)
        .orElseThrow()
        .where(col("level").equalTo(Level.BEAT.word()))
        .withColumn("model_id", lit(id));
  }

  private static Map<String, Long> patientsByClass(List<Prediction> patients) {
    return patients.stream()
        .collect(Collectors.groupingBy(row -> row.truth().orElseThrow(), Collectors.counting()));
  }

  /** An id of all folds' models together. */
  private static String id(List<Folds.Fold> folds) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Folds.Fold fold : folds) {
        digest.update(
            (fold.number() + ":" + EvaluateFacts.MODEL_ID.require(fold.evaluate()) + "\n")
                .getBytes(StandardCharsets.UTF_8));
      }
      return "cv-" + HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }

  /** What each fold says, for metrics.json. */
  static List<Map<String, Object>> foldFacts(List<Folds.Fold> folds) {
    List<Map<String, Object>> facts = new ArrayList<>();
    for (Folds.Fold fold : folds) {
      Map<String, Object> fact = new HashMap<>();
      fact.put("fold", fold.number());
      fact.put("model_id", EvaluateFacts.MODEL_ID.require(fold.evaluate()));
      fact.put("patients_held_out", fold.evaluate().count("patients.kept"));
      fact.put("patients_trained_on", fold.train().count("patients"));
      fact.put("headlines", EvaluateFacts.HEADLINES.require(fold.evaluate()));
      fact.put("chosen_on_validation", EvaluateFacts.VALIDATION_FITS.require(fold.evaluate()));
      facts.add(fact);
    }
    return facts;
  }
}
