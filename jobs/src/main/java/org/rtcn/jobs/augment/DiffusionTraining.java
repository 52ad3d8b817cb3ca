package org.rtcn.jobs.augment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.rtcn.common.averaging.CurveRow;
import org.rtcn.common.averaging.LearningCurve;
import org.rtcn.common.averaging.TrainingRun;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.diffusion.DdpmConfig;
import org.rtcn.common.diffusion.DdpmDiagnosis;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmTraining;
import org.rtcn.common.diffusion.TrainingBeat;
import org.rtcn.jobs.averaging.LiveTraining;
import org.rtcn.jobs.averaging.Start;
import org.rtcn.jobs.run.CheckpointFiles;
import org.rtcn.jobs.run.Sha256;
import org.rtcn.jobs.run.StageContext;

/** Trains the diffusion model on the cluster, and diagnoses it. */
final class DiffusionTraining {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final TrainingRun.Words WORDS =
      new TrainingRun.Words(
          "augment", "rtcn.augment.ddpm", "lower rtcn.augment.ddpm.learning-rate");

  /** Training beats per class that the diagnosis looks at. */
  private static final int DIAGNOSED_PER_CLASS = 16;

  private final StageContext context;
  private final JavaSparkContext spark;
  private final Broadcast<BeatPool> pool;
  private final AugmentOptions options;
  private final DdpmConfig config;

  DiffusionTraining(StageContext context, Broadcast<BeatPool> pool, AugmentOptions options) {
    this.context = context;
    this.spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
    this.pool = pool;
    this.options = options;
    this.config = options.ddpm();
  }

  /**
   * How it is to be trained.
   *
   * @param start where it begins
   * @param checkpoints what it may go on from
   * @param identity of the settings and inputs
   */
  record Orders(Start start, CheckpointFiles checkpoints, String identity) {}

  /**
   * What comes out.
   *
   * @param model the model
   * @param lossCurve {@code step, loss} pairs
   * @param diagnosis the model's error by diffusion step, on training beats
   */
  record Result(
      DdpmModel model, List<List<Double>> lossCurve, List<DdpmDiagnosis.AtStep> diagnosis) {}

  /**
   * Trains to the end.
   *
   * @param labels the classes, in the order of the model's class indices
   * @param origin where the beats come from, in words: kept in the model
   * @throws org.rtcn.common.error.UserException if it should go on from a checkpoint of another
   *     training, or its numbers stop being finite
   */
  Result run(Orders orders, List<String> labels, String origin) {
    CheckpointFiles checkpoints = orders.checkpoints();
    // Kept next to the checkpoints: on another machine it might be fitted a bit differently.
    String untrainedName = "untrained-" + Sha256.of(orders.identity()) + ".safetensors";
    DdpmModel untrained =
        orders.start() == Start.RESUME
            ? checkpoints
                .kept(untrainedName, DdpmModel::fromBytes)
                .filter(kept -> kept.config().equals(config) && kept.classes().equals(labels))
                .orElseGet(() -> fit(labels, origin))
            : fit(labels, origin);
    LearningCurve curve = new LearningCurve(DdpmTraining.schedule(config), 0, state -> null);
    TrainingRun run =
        new TrainingRun(
            DdpmTraining.course(config),
            WORDS,
            new TrainingRun.Keeping(
                Sha256.of(orders.identity() + "\n" + untrained.modelId()),
                options.checkpointSeconds(),
                0),
            curve,
            (bytes, step) -> checkpoints.save(step, bytes),
            context.console());
    TrainingState from = orders.start().of(run, checkpoints, DdpmTraining.before(untrained));
    if (options.checkpointSeconds() > 0) {
      checkpoints.keep(untrainedName, untrained.toBytes());
    }
    TrainingState end;
    try (DiffusionRounds rounds = new DiffusionRounds(spark, pool, untrained)) {
      end = run.train(from, rounds, LiveTraining.show(spark.sc(), "augment"));
    }
    DdpmModel model = DdpmTraining.model(untrained, end, (float) curve.last().loss());
    return new Result(model, pairs(curve.rows()), diagnosis(model));
  }

  private static List<List<Double>> pairs(List<CurveRow> rows) {
    return rows.stream().map(row -> List.of((double) row.step(), row.loss())).toList();
  }

  /** The untrained model: normalisation and linear guess are fitted in one task. */
  private DdpmModel fit(List<String> labels, String origin) {
    Broadcast<BeatPool> beats = pool;
    DdpmConfig ddpm = config;
    List<String> classes = new ArrayList<>(labels);
    return DdpmModel.fromBytes(
        spark
            .parallelize(List.of(0), 1)
            .map(
                ignored -> DdpmTraining.fit(ddpm, classes, beats.value().beats(), origin).toBytes())
            .first());
  }

  private List<DdpmDiagnosis.AtStep> diagnosis(DdpmModel model) {
    Broadcast<BeatPool> beats = pool;
    byte[] bytes = model.toBytes();
    long seed = config.seed();
    String json =
        spark
            .parallelize(List.of(0), 1)
            .map(ignored -> diagnose(DdpmModel.fromBytes(bytes), beats.value(), seed))
            .first();
    try {
      return JSON.readValue(json, new TypeReference<List<DdpmDiagnosis.AtStep>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to read the diagnosis", e);
    }
  }

  private static String diagnose(DdpmModel model, BeatPool pool, long seed)
      throws JsonProcessingException {
    return JSON.writeValueAsString(DdpmDiagnosis.of(model, diagnosed(pool), seed));
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
