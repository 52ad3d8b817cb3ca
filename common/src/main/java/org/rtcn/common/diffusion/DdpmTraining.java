package org.rtcn.common.diffusion;

import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.OnePassAdam;
import org.rtcn.common.random.RandomStreams;

/**
 * A worker of a training (Ho et al. 2020, algorithm 1, with a choice of prediction). Each beat of a
 * batch is drawn as: a class, one of its patients, one of that patient's beats, each with equal
 * chances, so that neither large classes nor long recordings dominate. What a step does depends on
 * the seed, the step and the worker alone; so a training may stop after any step, go on elsewhere
 * from its {@link DdpmState}, and end with the same weights.
 *
 * <p>Not thread-safe.
 */
public final class DdpmTraining implements AutoCloseable {
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.99;
  private static final double ADAM_EPSILON = 1e-8;
  private static final double LARGEST_GRADIENT_NORM = 1.0;
  private static final double WARM_UP_SHARE = 0.05;
  private static final double LAST_RATE_SHARE = 0.05;

  private final DdpmModel start;
  private final DdpmConfig config;
  private final int classes;
  private final TrainingDraws draws;
  private final UNet1d network;
  private final OnePassAdam.Steps adam = new OnePassAdam.Steps(BETA_1, BETA_2, ADAM_EPSILON);
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
    this.start = start;
    this.config = start.config();
    this.classes = start.classes().size();
    this.draws = new TrainingDraws(config, start.classes(), beats);
    draws.normalise(start.normalisation());
    this.network = new UNet1d(config, classes, DataType.FLOAT);
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
    TrainingDraws draws = new TrainingDraws(config, classes, beats);
    BeatNormalisation normalisation =
        BeatNormalisation.fit(
            draws.flatBeats(), config.leads(), config.length(), config.centring());
    draws.normalise(normalisation);
    int beatLength = config.leads() * config.length();
    LinearDenoiser linear =
        LinearDenoiser.fit(draws.values(), beatLength, config.linearRank(), config.seed());
    try (UNet1d network = new UNet1d(config, classes.size(), DataType.FLOAT)) {
      return new DdpmModel(
          config,
          classes,
          normalisation,
          draws.summary(origin, 0),
          config.condition() == BeatCondition.RR_INTERVAL ? draws.rrSeconds() : List.of(),
          linear,
          network.weights().toFloatVector());
    }
  }

  /**
   * Makes some steps.
   *
   * @param from where all workers start from
   * @param steps number of steps
   * @param worker 0 to workers - 1
   * @return where this worker arrives
   * @throws UserException if the loss or a weight stops being finite
   */
  public DdpmState advance(DdpmState from, int steps, int worker) {
    network.setWeights(from.weights());
    INDArray weights = network.weights();
    INDArray gradient = network.gradients();
    INDArray average = Nd4j.createFromArray(from.average());
    INDArray moment1 = Nd4j.createFromArray(from.moment1());
    INDArray moment2 = Nd4j.createFromArray(from.moment2());
    double lossSum = from.lossSum();
    for (int step = from.step(); step < from.step() + steps; step++) {
      batch.fill(step, worker);
      double loss = network.lossAndGradients(batch.told, batch.target, batch.weightRoots);
      if (!Double.isFinite(loss)) {
        throw notFinite("the loss is " + loss, step);
      }
      double norm = Nd4j.getBlasWrapper().nrm2(gradient);
      if (norm > LARGEST_GRADIENT_NORM) {
        gradient.muli(LARGEST_GRADIENT_NORM / norm);
      }
      adam.step(gradient, moment1, moment2, rate(step), step);
      weights.subi(gradient);
      // A young average forgets its start faster.
      double decay = Math.min(config.emaDecay(), (1.0 + step) / (10.0 + step));
      average.subi(weights).muli(decay).addi(weights);
      lossSum += loss;
    }
    DdpmState end =
        new DdpmState(
            from.step() + steps,
            weights.toFloatVector(),
            average.toFloatVector(),
            moment1.toFloatVector(),
            moment2.toFloatVector(),
            lossSum,
            from.lossCount() + steps);
    if (!end.isFinite()) {
      throw notFinite("a weight or a moment is no longer finite", end.step());
    }
    return end;
  }

  private UserException notFinite(String what, int step) {
    return new UserException(
        "Failed to train the diffusion model: "
            + what
            + " at step "
            + step
            + "; lower the learning rate "
            + config.learningRate());
  }

  /**
   * The model that a training ends with: the running mean of the weights.
   *
   * @param start what it started from
   * @param lastLoss mean loss over the last steps
   */
  public static DdpmModel model(DdpmModel start, DdpmState end, float lastLoss) {
    return start.trained(end.average(), lastLoss);
  }

  /** Warm-up, then a cosine down to a share of the peak. */
  private double rate(int step) {
    int steps = config.stepsPerWorker();
    double warmUp = Math.max(1, WARM_UP_SHARE * steps);
    double cosine = 0.5 * (1 + Math.cos(Math.PI * step / steps));
    double fall = LAST_RATE_SHARE + (1 - LAST_RATE_SHARE) * cosine;
    return config.learningRate() * Math.min(1, (step + 1) / warmUp) * fall;
  }

  /** The arrays of one batch, filled anew at each step. */
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
    private final INDArray target;
    private final float[] roots = new float[size];
    private final INDArray weightRoots;

    Batch() {
      int embeddingSize = network.embeddingSize();
      embeddings = new StepEmbeddings(config.diffusionSteps(), embeddingSize);
      told = network.told(size);
      target = network.emptyOutput(size);
      // Uniform weights need no multiplication.
      weightRoots =
          config.lossWeighting() == LossWeighting.UNIFORM
              ? null
              : Nd4j.create(DataType.FLOAT, size, 1);
    }

    void fill(int trainingStep, int worker) {
      SplittableRandom random =
          worker == 0
              ? RandomStreams.of(config.seed(), "ddpm-train", trainingStep)
              : RandomStreams.of(config.seed(), "ddpm-train", trainingStep, worker);
      double shift = random.nextDouble();
      for (int i = 0; i < size; i++) {
        int k = random.nextInt(classes);
        TrainingDraws.Drawn drawn = draws.beat(k, random);
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
      FloatArrays.fill(told.x(), input);
      FloatArrays.fill(target, wanted);
      embeddings.fill(told.step(), steps);
      FloatArrays.oneHot(told.oneHot(), classOf);
      if (told.rr() != null) {
        RrEmbedding.fill(told.rr(), rr);
      }
      if (weightRoots != null) {
        for (int i = 0; i < size; i++) {
          double weight = config.lossWeighting().weight(alphaBar[i], config.parameterisation());
          roots[i] = (float) Math.sqrt(weight);
        }
        FloatArrays.fill(weightRoots, roots);
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
    network.close();
  }
}
