package org.rtcn.jobs.augment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.rtcn.common.diffusion.DdpmCheckpoint;
import org.rtcn.common.diffusion.DdpmConfig;
import org.rtcn.common.diffusion.DdpmDiagnosis;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmState;
import org.rtcn.common.diffusion.DdpmTrainer;
import org.rtcn.common.diffusion.DdpmTraining;
import org.rtcn.common.diffusion.TrainingBeat;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.run.CheckpointFiles;

/**
 * Trains the model round by round. In each round every worker, a Spark task, takes the same weights
 * and Adam's moments, makes some steps with beats of its own drawing, and hands back where it
 * arrived; the mean is where all go on. There is no barrier: tasks may run one after another, or
 * again after a failure, with the same result.
 *
 * <p>Each worker draws from all training beats: they are few enough to lie on every executor, and
 * shares would leave workers without a patient of a rare class.
 */
final class TrainingRounds {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Training beats per class that the diagnosis looks at. */
  private static final int DIAGNOSED_PER_CLASS = 16;

  private static final double SECONDS_BETWEEN_LINES = 10;

  private final JavaSparkContext spark;
  private final Broadcast<BeatPool> pool;
  private final AugmentOptions options;
  private final DdpmConfig config;
  private final CheckpointFiles checkpoints;
  private final String fingerprint;
  private final PrintStream console;

  /**
   * @param fingerprint of the settings and inputs, so that a checkpoint of another training is not
   *     taken for one of this
   */
  TrainingRounds(
      JavaSparkContext spark,
      Broadcast<BeatPool> pool,
      AugmentOptions options,
      CheckpointFiles checkpoints,
      String fingerprint,
      PrintStream console) {
    this.spark = spark;
    this.pool = pool;
    this.options = options;
    this.config = options.ddpm();
    this.checkpoints = checkpoints;
    this.fingerprint = fingerprint;
    this.console = console;
  }

  /**
   * What comes out.
   *
   * @param model the model
   * @param lossCurve {@code step, loss} pairs
   * @param diagnosis the model's error by diffusion step, on training beats
   */
  record Result(
      DdpmModel model, List<List<Double>> lossCurve, List<Map<String, Double>> diagnosis) {}

  /**
   * The last checkpoint.
   *
   * @param labels the classes of the training, in their order
   * @throws UserException if it belongs to another training
   */
  Optional<DdpmCheckpoint> lastCheckpoint(List<String> labels) {
    Optional<DdpmCheckpoint> last = checkpoints.latest(DdpmCheckpoint::parse);
    last.ifPresent(
        checkpoint -> {
          if (!checkpoint.fingerprint().equals(fingerprint)
              || !checkpoint.untrained().config().equals(config)
              || !checkpoint.untrained().classes().equals(labels)) {
            throw new UserException(
                "Cannot resume: the checkpoint at step "
                    + checkpoint.state().step()
                    + " was written with other settings or inputs; give the same ones, or augment"
                    + " without --resume");
          }
        });
    return last;
  }

  /** What a training starts from: normalisation and linear guess are fitted in one task. */
  DdpmCheckpoint fresh(List<String> labels, String origin) {
    Broadcast<BeatPool> beats = pool;
    DdpmConfig ddpm = config;
    List<String> classes = new ArrayList<>(labels);
    byte[] untrained =
        spark
            .parallelize(List.of(0), 1)
            .map(
                ignored -> DdpmTraining.fit(ddpm, classes, beats.value().beats(), origin).toBytes())
            .first();
    DdpmModel start = DdpmModel.fromBytes(untrained);
    return new DdpmCheckpoint(fingerprint, start, DdpmState.before(start), List.of());
  }

  /** Trains to the end. */
  Result run(DdpmCheckpoint from) {
    DdpmState state = from.state();
    List<List<Double>> curve = new ArrayList<>(from.lossCurve());
    Broadcast<TrainingDesk> desk = spark.broadcast(new TrainingDesk(from.untrained()));
    long savedNanos = System.nanoTime();
    long shownNanos = 0;
    int last = config.stepsPerWorker();
    while (state.step() < last) {
      state = round(desk, state, Math.min(config.averagingFrequency(), last - state.step()));
      boolean reported = DdpmTrainer.isReported(state, config);
      if (reported) {
        curve.add(List.of((double) state.step(), state.loss()));
        state = state.lossReported();
      }
      boolean due = System.nanoTime() - savedNanos >= options.checkpointSeconds() * 1e9;
      if (options.checkpointSeconds() > 0 && (due || state.step() == last)) {
        checkpoints.save(
            state.step(),
            new DdpmCheckpoint(fingerprint, from.untrained(), state, curve).toBytes());
        savedNanos = System.nanoTime();
      }
      if (reported && System.nanoTime() - shownNanos >= SECONDS_BETWEEN_LINES * 1e9) {
        console.printf(
            Locale.ROOT,
            "           training step %,d of %,d, loss %.4f%n",
            state.step(),
            last,
            curve.get(curve.size() - 1).get(1));
        shownNanos = System.nanoTime();
      }
    }
    desk.destroy();
    float lastLoss = curve.get(curve.size() - 1).get(1).floatValue();
    DdpmModel model = DdpmTraining.model(from.untrained(), state, lastLoss);
    return new Result(model, curve, diagnosis(model));
  }

  private DdpmState round(Broadcast<TrainingDesk> desk, DdpmState state, int steps) {
    Broadcast<BeatPool> beats = pool;
    Broadcast<DdpmState> from = spark.broadcast(state);
    List<Integer> workers = IntStream.range(0, config.workers()).boxed().toList();
    List<DdpmState> arrived =
        spark
            .parallelize(new ArrayList<>(workers), workers.size())
            .map(worker -> desk.value().advance(beats.value(), from.value(), steps, worker))
            .collect();
    from.destroy();
    return DdpmState.mean(arrived);
  }

  private List<Map<String, Double>> diagnosis(DdpmModel model) {
    Broadcast<BeatPool> beats = pool;
    byte[] bytes = model.toBytes();
    long seed = config.seed();
    String json =
        spark
            .parallelize(List.of(0), 1)
            .map(ignored -> diagnose(DdpmModel.fromBytes(bytes), beats.value(), seed))
            .first();
    try {
      return JSON.readValue(json, new TypeReference<List<Map<String, Double>>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to read the diagnosis", e);
    }
  }

  private static String diagnose(DdpmModel model, BeatPool pool, long seed)
      throws JsonProcessingException {
    List<Map<String, Double>> diagnosis = new ArrayList<>();
    for (DdpmDiagnosis.AtStep row : DdpmDiagnosis.of(model, diagnosed(pool), seed)) {
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
    return JSON.writeValueAsString(diagnosis);
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
