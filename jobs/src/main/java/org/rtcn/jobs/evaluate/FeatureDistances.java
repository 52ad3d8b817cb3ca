package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.rtcn.common.diffusion.SampleQuality;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.predict.BeatScorer;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.ModelImages;

/**
 * How far generated beats lie from recorded ones as the trained RTCN sees them: the Fréchet
 * distance (squared, {@link SampleQuality#frechetDistance}) of what its head reads, class by class,
 * between the generated and the recorded beats that trained it. What it means shows next to the
 * same between two halves of the recorded patients.
 */
final class FeatureDistances {
  private static final int MOST_PER_SET = 300;

  /** Any beats of a class, but always the same. */
  private static final WindowSpec DRAW =
      Window.partitionBy("label").orderBy(xxhash64(col("beat_id")), col("beat_id"));

  /** A class; {@code halves} is not a number where there are too few patients for halves. */
  record OfClass(String label, int generated, int recorded, double distance, double halves) {}

  private record Beat(String id, String patient, String label, List<Float> features) {}

  private FeatureDistances() {}

  /**
   * One row per class that has generated and recorded beats.
   *
   * @param files the model's ({@code ModelFiles.read})
   * @return empty if generated beats had no part in the model
   */
  static List<OfClass> of(StageContext context, Map<String, byte[]> files, RtcnModel model) {
    if (!context.run().requireStage("train").isMadeFrom("augment")
        || !context.run().has(Table.SYNTHETIC_SPECTROGRAMS)) {
      return List.of();
    }
    SparkSession spark = context.spark();
    Dataset<Row> generated =
        ModelImages.generatedAsRecorded(context.run(), spark, model.standardizer());
    Dataset<Row> recorded =
        ModelImages.recorded(context.run(), spark, model.standardizer())
            .where(col("patient_id").isInCollection(model.trainingPatients()))
            .where(col("label").isInCollection(generatedLabels(generated)));
    Map<String, List<Beat>> made = features(spark, files, generated);
    Map<String, List<Beat>> real = features(spark, files, recorded);
    List<OfClass> rows = new ArrayList<>();
    made.forEach(
        (label, beats) -> {
          List<Beat> beside = real.getOrDefault(label, List.of());
          if (beats.size() >= 2 && beside.size() >= 2) {
            rows.add(
                new OfClass(
                    label,
                    beats.size(),
                    beside.size(),
                    distance(beats, beside),
                    distance(half(beside, 0), half(beside, 1))));
          }
        });
    return rows;
  }

  private static List<String> generatedLabels(Dataset<Row> generated) {
    return generated.select("label").distinct().collectAsList().stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private static Map<String, List<Beat>> features(
      SparkSession spark, Map<String, byte[]> files, Dataset<Row> images) {
    List<String> chosen =
        images
            .select(col("beat_id"), row_number().over(DRAW).as("place"))
            .where(col("place").leq(MOST_PER_SET))
            .collectAsList()
            .stream()
            .map(row -> row.getString(0))
            .toList();
    return BeatScorer.features(spark, files, images.where(col("beat_id").isInCollection(chosen)))
        .collectAsList()
        .stream()
        .map(FeatureDistances::beat)
        // The last digits of a sum depend on its order.
        .sorted(Comparator.comparing(Beat::id))
        .collect(Collectors.groupingBy(Beat::label, TreeMap::new, Collectors.toList()));
  }

  private static Beat beat(Row row) {
    return new Beat(row.getString(0), row.getString(1), row.getString(2), row.getList(3));
  }

  /** Beats whose patients have even or odd places among the class's patients. */
  private static List<Beat> half(List<Beat> beats, int parity) {
    List<String> patients = List.copyOf(new TreeSet<>(beats.stream().map(Beat::patient).toList()));
    return beats.stream().filter(beat -> patients.indexOf(beat.patient()) % 2 == parity).toList();
  }

  private static double distance(List<Beat> a, List<Beat> b) {
    if (a.size() < 2 || b.size() < 2) {
      return Double.NaN;
    }
    return SampleQuality.frechetDistance(points(a), points(b));
  }

  private static double[][] points(List<Beat> beats) {
    return beats.stream()
        .map(beat -> beat.features().stream().mapToDouble(Float::doubleValue).toArray())
        .toArray(double[][]::new);
  }
}
