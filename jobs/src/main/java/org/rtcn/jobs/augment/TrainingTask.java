package org.rtcn.jobs.augment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;
import org.rtcn.common.diffusion.DdpmDiagnosis;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmTrainer;
import org.rtcn.common.diffusion.TrainingBeat;

/** Trains the model in one Spark task, on whichever executor takes it. */
final class TrainingTask {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Training beats per class that the diagnosis looks at. */
  private static final int DIAGNOSED_PER_CLASS = 16;

  private TrainingTask() {}

  /**
   * What comes back to the driver.
   *
   * @param model the model
   * @param lossCurve {@code step, loss} pairs
   * @param diagnosis the model's error by diffusion step, on training beats
   */
  record Result(
      DdpmModel model, List<List<Double>> lossCurve, List<Map<String, Double>> diagnosis) {}

  private static final class Parcel implements Serializable {
    private static final long serialVersionUID = 1L;
    private final byte[] model;
    private final String lossCurve;
    private final String diagnosis;

    Parcel(byte[] model, String lossCurve, String diagnosis) {
      this.model = model;
      this.lossCurve = lossCurve;
      this.diagnosis = diagnosis;
    }
  }

  /** Trains on the pool. */
  static Result run(
      SparkSession spark,
      Broadcast<BeatPool> pool,
      AugmentOptions options,
      List<String> labels,
      String origin) {
    LongAccumulator steps = spark.sparkContext().longAccumulator(ProgressLine.STEPS);
    DoubleAccumulator loss = spark.sparkContext().doubleAccumulator(ProgressLine.LOSS);
    List<String> classes = new ArrayList<>(labels);
    Parcel parcel =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(0), 1)
            .map(ignored -> train(pool.value(), options, classes, origin, steps, loss))
            .first();
    try {
      return new Result(
          DdpmModel.fromBytes(parcel.model),
          JSON.readValue(parcel.lossCurve, new TypeReference<List<List<Double>>>() {}),
          JSON.readValue(parcel.diagnosis, new TypeReference<List<Map<String, Double>>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to read the training task's result", e);
    }
  }

  private static Parcel train(
      BeatPool pool,
      AugmentOptions options,
      List<String> labels,
      String origin,
      LongAccumulator steps,
      DoubleAccumulator loss)
      throws JsonProcessingException {
    List<List<Double>> curve = new ArrayList<>();
    DdpmModel model =
        new DdpmTrainer(options.ddpm(), labels)
            .train(
                pool.beats(),
                origin,
                progress -> {
                  // Accumulators only add: these hold the latest value of this one task.
                  steps.add(progress.step() - steps.sum());
                  loss.add(progress.loss() - loss.sum());
                  curve.add(List.of((double) progress.step(), progress.loss()));
                });
    List<Map<String, Double>> diagnosis = new ArrayList<>();
    for (DdpmDiagnosis.AtStep row :
        DdpmDiagnosis.of(model, diagnosed(pool), options.ddpm().seed())) {
      Map<String, Double> figures = new TreeMap<>();
      figures.put("t", (double) row.t());
      figures.put("model", row.model());
      figures.put("wrong_class", row.wrongClass());
      figures.put("mean", row.mean());
      figures.put("linear", row.linear());
      DdpmDiagnosis.NoiseError noise = row.noise();
      figures.put("noise_model", noise.model());
      figures.put("noise_wrong_class", noise.wrongClass());
      figures.put("noise_same_as_xt", noise.sameAsXt());
      figures.put("noise_zero", noise.zero());
      figures.put("noise_class_mean", noise.classMean());
      figures.put("noise_gain_low", noise.gainLow());
      figures.put("noise_gain_high", noise.gainHigh());
      diagnosis.add(figures);
    }
    return new Parcel(
        model.toBytes(), JSON.writeValueAsString(curve), JSON.writeValueAsString(diagnosis));
  }

  private static List<TrainingBeat> diagnosed(BeatPool pool) {
    Map<String, List<TrainingBeat>> byLabel = new TreeMap<>();
    pool.beats().forEach(b -> byLabel.computeIfAbsent(b.label(), l -> new ArrayList<>()).add(b));
    List<TrainingBeat> chosen = new ArrayList<>();
    for (List<TrainingBeat> own : byLabel.values()) {
      int count = Math.min(DIAGNOSED_PER_CLASS, own.size());
      for (int i = 0; i < count; i++) {
        chosen.add(own.get((int) ((long) i * own.size() / count)));
      }
    }
    return chosen;
  }
}
