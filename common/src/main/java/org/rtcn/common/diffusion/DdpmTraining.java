package org.rtcn.common.diffusion;

import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.averaging.Course;
import org.rtcn.common.averaging.Share;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.optimise.AdamDescent;
import org.rtcn.common.optimise.LearningRateSchedule;
import org.rtcn.common.random.RandomStreams;

/**
 * A worker of a training (Ho et al. 2020, algorithm 1, with a choice of prediction). Each beat of a
 * batch is drawn as: a class, one of its patients, one of that patient's beats, each with equal
 * chances, so that neither large classes nor long recordings dominate. What a step does depends on
 * the seed, the step and the worker alone; so a training may stop after any step, go on elsewhere
 * from its {@link TrainingState}, and end with the same weights.
 *
 * <p>Not thread-safe.
 */
public final class DdpmTraining implements AutoCloseable {
  private static final Kernels.Adam ADAM = new Kernels.Adam(0.9, 0.99, 1e-8);
  private static final double LARGEST_GRADIENT_NORM = 1.0;
  private static final double WARM_UP_SHARE = 0.05;

  /** Steps of a worker from one row of the learning curve to the next. */
  private static final int REPORTED_EVERY = 50;

  private final DdpmModel start;
  private final DdpmConfig config;
  private final int classes;
  private final BeatDraws draws;
  private final Kernels kernels;
  private final UNet1d network;
  private final Array average;
  private final AdamDescent descent;

  private final Batch batch;

  /**
   * A worker.
   *
   * @param start what {@link #fit} made of the same beats
   * @param beats the training beats, in any order
   * @throws IllegalArgumentException if a beat has an unknown label, the wrong shape or a value
   *     that is not finite, or a class has no beat
   */
  public DdpmTraining(DdpmModel start, Collection<TrainingBeat> beats) {
    this(start, beats, KernelChoice.open(DataType.FLOAT));
  }

  DdpmTraining(DdpmModel start, Collection<TrainingBeat> beats, Kernels kernels) {
    this.kernels = kernels;
    this.start = start;
    this.config = start.config();
    this.classes = start.classes().size();
    this.draws = new BeatDraws(config, start.classes(), beats);
    draws.normalise(start.normalisation());
    this.network = new UNet1d(config, classes, kernels);
    this.average = kernels.zeros(network.parameterCount());
    this.descent =
        new AdamDescent(
            kernels, network.parameterCount(), ADAM, schedule(config), LARGEST_GRADIENT_NORM);
    this.batch = new Batch();
  }

  /**
   * The untrained model: normalisation and linear guess are fitted, the network is fresh.
   *
   * @param classes the class list, in the order of the model's class indices
   * @param origin where the beats come from, in words: kept in the model
   * @throws IllegalArgumentException if there is no class, or one twice, and as the constructor
   */
  public static DdpmModel fit(
      DdpmConfig config, List<String> classes, Collection<TrainingBeat> beats, String origin) {
    if (classes.isEmpty() || classes.stream().distinct().count() != classes.size()) {
      throw new IllegalArgumentException(
          "Invalid class list " + classes + ": must name each class once");
    }
    BeatDraws draws = new BeatDraws(config, classes, beats);
    BeatNormalisation normalisation =
        BeatNormalisation.fit(
            draws.flatBeats(), config.leads(), config.length(), config.centring());
    draws.normalise(normalisation);
    int beatLength = config.leads() * config.length();
    LinearDenoiser linear =
        LinearDenoiser.fit(draws.values(), beatLength, config.linearRank(), config.seed());
    try (UNet1d network = new UNet1d(config, classes.size(), KernelChoice.open(DataType.FLOAT))) {
      return new DdpmModel(
          config,
          classes,
          normalisation,
          draws.summary(origin, 0),
          config.condition() == BeatCondition.RR_INTERVAL ? draws.rrSeconds() : List.of(),
          linear,
          network.kernels().floats(network.weights()));
    }
  }

  /** The state before the first step. */
  public static TrainingState before(DdpmModel untrained) {
    float[] weights = untrained.weights();
    int length = weights.length;
    return new TrainingState(0, weights, new float[length], new float[length], weights);
  }

  /** How long a training is: no epochs, since beats are drawn. */
  public static Course course(DdpmConfig config) {
    return new Course(
        config.workers(),
        1,
        config.stepsPerWorker(),
        config.averagingFrequency(),
        REPORTED_EVERY,
        (long) config.workers() * config.batchSize());
  }

  /** Warm-up, and a cosine down to a share of the peak. */
  public static IntToDoubleFunction schedule(DdpmConfig config) {
    LearningRateSchedule schedule =
        LearningRateSchedule.cosineThroughout(
            config.learningRate(), WARM_UP_SHARE, config.stepsPerWorker());
    return iteration -> schedule.valueAt(iteration, 0);
  }

  /**
   * Makes some steps.
   *
   * @param from where all workers start from
   * @param steps number of steps
   * @param worker 0 to workers - 1
   * @return where this worker arrives; all count alike
   */
  public Share advance(TrainingState from, int steps, int worker) {
    network.setWeights(from.weights());
    kernels.write(from.average(), average);
    kernels.write(from.moment1(), descent.moment1());
    kernels.write(from.moment2(), descent.moment2());
    Kernels.Total loss = kernels.total();
    for (int step = from.step(); step < from.step() + steps; step++) {
      batch.fill(step, worker);
      network.gradients(batch.told, batch.target, batch.weightRoots, loss);
      int now = step;
      kernels.pass(() -> learn(now));
    }
    TrainingState end =
        new TrainingState(
            from.step() + steps,
            kernels.floats(network.weights()),
            kernels.floats(descent.moment1()),
            kernels.floats(descent.moment2()),
            kernels.floats(average));
    // Looked at once a round: on a device, asking is waiting.
    return new Share(worker, end, loss.value() / steps, 1, "");
  }

  /** Makes a step of the descent, and takes the weights into their running mean. */
  private void learn(int step) {
    Array weights = network.weights();
    descent.step(weights, network.gradients(), null, step);
    // A young average forgets its start faster.
    double decay = Math.min(config.emaDecay(), (1.0 + step) / (10.0 + step));
    kernels.follow(average, weights, decay);
  }

  /**
   * The model that a training ends with: the running mean of the weights.
   *
   * @param start what it started from
   * @param lastLoss mean loss over the last steps
   */
  public static DdpmModel model(DdpmModel start, TrainingState end, float lastLoss) {
    return start.trained(end.average(), lastLoss);
  }

  /** Row i is zero but for a one at {@code hot[i]}. */
  static float[] oneHot(int[] hot, int columns) {
    float[] values = new float[hot.length * columns];
    for (int i = 0; i < hot.length; i++) {
      values[i * columns + hot[i]] = 1;
    }
    return values;
  }

  /** The arrays of one batch, refilled at each step. */
  private final class Batch {
    private final int size = config.batchSize();
    private final int beatLength = config.leads() * config.length();
    private final NoiseSchedule schedule =
        NoiseSchedule.of(config.schedule(), config.diffusionSteps());
    private final ForwardProcess forward = new ForwardProcess(schedule);
    private final int[] layout = Patches.layout(config);
    private final StepEmbeddings embeddings;
    private final float[] noise = new float[beatLength];
    private final float[] xt = new float[size * beatLength];
    private final float[] clean = new float[size * beatLength];
    private final float[] epsilon = new float[size * beatLength];
    private final float[] input = new float[2 * size * beatLength];
    private final float[] wanted = new float[size * beatLength];
    private final double[] alphaBar = new double[size];
    private final int[] steps = new int[size];
    private final int[] classOf = new int[size];
    private final float[] rr = new float[size];
    private final UNet1d.Told told;
    private final Array target;
    private final float[] roots = new float[size];
    private final Array weightRoots;

    Batch() {
      int embeddingSize = network.embeddingSize();
      embeddings = new StepEmbeddings(config.diffusionSteps(), embeddingSize);
      told = network.told(size);
      target = network.emptyOutput(size);
      // Uniform weights need no multiplication.
      weightRoots = config.lossWeighting() == LossWeighting.UNIFORM ? null : kernels.zeros(size, 1);
    }

    void fill(int trainingStep, int worker) {
      SplittableRandom random =
          worker == 0
              ? RandomStreams.of(config.seed(), "ddpm-train", trainingStep)
              : RandomStreams.of(config.seed(), "ddpm-train", trainingStep, worker);
      double shift = random.nextDouble();
      for (int i = 0; i < size; i++) {
        int k = random.nextInt(classes);
        BeatDraws.Drawn drawn = draws.beat(k, random);
        float[] beat = drawn.values();
        // Steps spread evenly over a batch: the loss of a batch then varies less.
        steps[i] = (int) ((i + shift) / size * schedule.steps());
        for (int j = 0; j < noise.length; j++) {
          noise[j] = (float) random.nextGaussian();
        }
        forward.qSample(beat, steps[i], noise, xt, i * beatLength);
        System.arraycopy(beat, 0, clean, i * beatLength, beatLength);
        System.arraycopy(noise, 0, epsilon, i * beatLength, beatLength);
        classOf[i] = random.nextDouble() < config.classDropout() ? classes : k;
        // Who hides the class hides everything.
        rr[i] = classOf[i] == classes ? Float.NaN : drawn.rrSeconds();
      }
      targets();
      kernels.write(input, told.x());
      kernels.write(wanted, target);
      kernels.write(embeddings.of(steps), told.step());
      kernels.write(oneHot(classOf, classes + 1), told.oneHot());
      if (told.rr() != null) {
        kernels.write(RrEmbedding.of(rr, network.embeddingSize()), told.rr());
      }
      if (weightRoots != null) {
        for (int i = 0; i < size; i++) {
          double weight = config.lossWeighting().weight(alphaBar[i], config.parameterisation());
          roots[i] = (float) Math.sqrt(weight);
        }
        kernels.write(roots, weightRoots);
      }
    }

    /** What the network should say: the true prediction less the linear guess's. */
    private void targets() {
      for (int i = 0; i < size; i++) {
        alphaBar[i] = schedule.alphaBar(steps[i]);
      }
      float[] guess = start.linear().x0(xt, alphaBar, classOf);
      Parameterisation says = config.parameterisation();
      for (int i = 0; i < size; i++) {
        double a = Math.sqrt(alphaBar[i]);
        double s = Math.sqrt(1 - alphaBar[i]);
        for (int j = 0; j < beatLength; j++) {
          int from = i * beatLength + j;
          int to = i * beatLength + layout[j];
          int seen = 2 * i * beatLength + layout[j];
          input[seen] = xt[from];
          input[seen + beatLength] = guess[from];
          wanted[to] =
              (float)
                  (says.target(a, s, clean[from], epsilon[from])
                      - says.prediction(a, s, xt[from], guess[from]));
        }
      }
    }
  }

  @Override
  public void close() {
    batch.told.close();
    batch.target.close();
    if (batch.weightRoots != null) {
      batch.weightRoots.close();
    }
    average.close();
    descent.close();
    network.close();
  }
}
