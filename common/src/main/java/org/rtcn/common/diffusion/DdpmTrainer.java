package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.nd4j.autodiff.samediff.api.OutAndGrad;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.random.RandomStreams;

/**
 * Trains the diffusion model (Ho et al. 2020, algorithm 1, with a choice of prediction). Each beat
 * of a batch is drawn as: a class, one of its patients, one of that patient's beats, each with
 * equal chances, so that neither large classes nor long recordings dominate. The same beats,
 * configuration and machine give the same weights.
 */
public final class DdpmTrainer {
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.99;
  private static final double ADAM_EPSILON = 1e-8;
  private static final double LARGEST_GRADIENT_NORM = 1.0;
  private static final double WARM_UP_SHARE = 0.05;
  private static final double LAST_RATE_SHARE = 0.05;

  private final DdpmConfig config;
  private final List<String> classes;

  /**
   * @param classes the class list, in the order of the model's class indices
   * @throws IllegalArgumentException if there is no class, or one twice
   */
  public DdpmTrainer(DdpmConfig config, List<String> classes) {
    if (classes.isEmpty() || classes.stream().distinct().count() != classes.size()) {
      throw new IllegalArgumentException(
          "Invalid class list " + classes + ": must name each class once");
    }
    this.config = config;
    this.classes = List.copyOf(classes);
  }

  /**
   * Trains on {@code beats}.
   *
   * @param origin where the beats come from, in words: kept in the model
   * @param progress told about every 50 steps
   * @throws IllegalArgumentException if a beat has an unknown label, the wrong shape or a value
   *     that is not finite, or a class has no beat
   * @throws ArithmeticException if the loss stops being finite
   */
  public DdpmModel train(
      Collection<TrainingBeat> beats, String origin, Consumer<TrainingProgress> progress) {
    Draws draws = new Draws(beats);
    BeatNormalisation normalisation =
        BeatNormalisation.fit(
            draws.flatBeats(), config.leads(), config.length(), config.centring());
    draws.normalise(normalisation);
    int beatLength = config.leads() * config.length();
    LinearDenoiser linear =
        LinearDenoiser.fit(draws.beats, beatLength, config.linearRank(), config.seed());
    float[] weights;
    float lastLoss;
    try (UNet1d network = new UNet1d(config, classes.size(), DataType.FLOAT)) {
      lastLoss = optimise(network, linear, draws, progress);
      weights = network.flatWeights().toFloatVector();
    }
    return new DdpmModel(
        config, classes, normalisation, draws.summary(origin, lastLoss), linear, weights);
  }

  private float optimise(
      UNet1d network, LinearDenoiser linear, Draws draws, Consumer<TrainingProgress> progress) {
    int parameters = network.parameterCount();
    INDArray flat = network.flatWeights();
    INDArray average = flat.dup();
    INDArray gradient = Nd4j.create(DataType.FLOAT, parameters);
    INDArray moment1 = Nd4j.create(DataType.FLOAT, parameters);
    INDArray moment2 = Nd4j.create(DataType.FLOAT, parameters);
    Batch batch = new Batch(network, linear);
    long start = System.nanoTime();
    double lossSum = 0;
    int lossCount = 0;
    double lastLoss = Double.NaN;
    for (int step = 0; step < config.trainingSteps(); step++) {
      batch.fill(draws, step);
      OutAndGrad result = network.lossAndGradients(batch.x, batch.step, batch.oneHot, batch.target);
      double loss = result.getOutputs().get(UNet1d.LOSS).getDouble(0);
      if (!Double.isFinite(loss)) {
        throw new ArithmeticException(
            "Failed to train the diffusion model: the loss is "
                + loss
                + " at step "
                + step
                + "; lower the learning rate "
                + config.learningRate());
      }
      network.gather(result.getGradients(), gradient);
      result.getGradients().values().forEach(INDArray::close);
      double norm = gradient.norm2Number().doubleValue();
      if (norm > LARGEST_GRADIENT_NORM) {
        gradient.muli(LARGEST_GRADIENT_NORM / norm);
      }
      Nd4j.exec(
          new AdamUpdater(
              gradient, moment2, moment1, rate(step), BETA_1, BETA_2, ADAM_EPSILON, step));
      flat.subi(gradient);
      network.setFlatWeights(flat);
      // A young average forgets its start faster.
      double decay = Math.min(config.emaDecay(), (1.0 + step) / (10.0 + step));
      average.subi(flat).muli(decay).addi(flat);

      lossSum += loss;
      lossCount++;
      int done = step + 1;
      if (done % 50 == 0 || done == config.trainingSteps()) {
        lastLoss = lossSum / lossCount;
        double seconds = (System.nanoTime() - start) * 1e-9;
        progress.accept(
            new TrainingProgress(done, config.trainingSteps(), lastLoss, done / seconds));
        lossSum = 0;
        lossCount = 0;
      }
    }
    network.setFlatWeights(average);
    return (float) lastLoss;
  }

  /** Warm-up, then a cosine down to a share of the peak. */
  private double rate(int step) {
    int steps = config.trainingSteps();
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
    private final LinearDenoiser linear;
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
    private final INDArray x;
    private final INDArray target;
    private final INDArray step;
    private final INDArray oneHot;

    Batch(UNet1d network, LinearDenoiser linear) {
      this.linear = linear;
      int embeddingSize = network.embeddingSize();
      embeddings = new StepEmbeddings(config.diffusionSteps(), embeddingSize);
      x = network.emptyInput(size);
      target = network.emptyOutput(size);
      step = Nd4j.create(DataType.FLOAT, size, embeddingSize);
      oneHot = Nd4j.create(DataType.FLOAT, size, classes.size() + 1);
    }

    void fill(Draws draws, int trainingStep) {
      SplittableRandom random = RandomStreams.of(config.seed(), "ddpm-train", trainingStep);
      double shift = random.nextDouble();
      for (int i = 0; i < size; i++) {
        int k = random.nextInt(classes.size());
        float[] beat = draws.beat(k, random);
        // Steps spread evenly over a batch: the loss of a batch then varies less.
        steps[i] = (int) ((i + shift) / size * schedule.steps());
        for (int j = 0; j < noise.length; j++) {
          noise[j] = (float) random.nextGaussian();
        }
        forward.qSample(beat, steps[i], noise, xt, i * beatLength);
        System.arraycopy(beat, 0, clean, i * beatLength, beatLength);
        System.arraycopy(noise, 0, epsilon, i * beatLength, beatLength);
        classOf[i] = random.nextDouble() < config.classDropout() ? classes.size() : k;
      }
      target();
      FloatArrays.fill(x, input);
      FloatArrays.fill(target, wanted);
      embeddings.fill(step, steps);
      FloatArrays.oneHot(oneHot, classOf);
    }

    /** What the network should say: the true prediction less the linear guess's. */
    private void target() {
      for (int i = 0; i < size; i++) {
        alphaBar[i] = schedule.alphaBar(steps[i]);
      }
      float[] guess = linear.x0(xt, alphaBar, classOf);
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

  /** The training beats by class and patient, in an order that depends on their keys alone. */
  private final class Draws {
    private final List<List<List<float[]>>> beats = new ArrayList<>();
    private final Map<String, Integer> beatCounts = new TreeMap<>();
    private final Map<String, Integer> patientCounts = new TreeMap<>();

    Draws(Collection<TrainingBeat> given) {
      Map<String, Integer> indexOf = new HashMap<>();
      List<TreeMap<String, List<float[]>>> byPatient = new ArrayList<>();
      for (int k = 0; k < classes.size(); k++) {
        indexOf.put(classes.get(k), k);
        byPatient.add(new TreeMap<>());
      }
      List<TrainingBeat> sorted = new ArrayList<>(given);
      sorted.sort(Comparator.comparing(TrainingBeat::beatId));
      for (TrainingBeat beat : sorted) {
        Integer k = indexOf.get(beat.label());
        if (k == null) {
          throw new IllegalArgumentException(
              "Invalid label "
                  + beat.label()
                  + " of beat "
                  + beat.beatId()
                  + ": must be one of "
                  + classes);
        }
        byPatient
            .get(k)
            .computeIfAbsent(beat.patientId(), p -> new ArrayList<>())
            .add(flatten(beat));
      }
      for (int k = 0; k < classes.size(); k++) {
        if (byPatient.get(k).isEmpty()) {
          throw new IllegalArgumentException(
              "Cannot train the diffusion model: class "
                  + classes.get(k)
                  + " has no training beat; give it beats or take it off the class list");
        }
        beats.add(new ArrayList<>(byPatient.get(k).values()));
        beatCounts.put(
            classes.get(k), byPatient.get(k).values().stream().mapToInt(List::size).sum());
        patientCounts.put(classes.get(k), byPatient.get(k).size());
      }
    }

    private float[] flatten(TrainingBeat beat) {
      float[][] rows = beat.millivolts();
      float[] flat = new float[config.leads() * config.length()];
      boolean fits = rows.length == config.leads();
      for (int lead = 0; fits && lead < rows.length; lead++) {
        fits = rows[lead].length == config.length();
        for (int i = 0; fits && i < config.length(); i++) {
          flat[lead * config.length() + i] = rows[lead][i];
          fits = Float.isFinite(rows[lead][i]);
        }
      }
      if (!fits) {
        throw new IllegalArgumentException(
            "Invalid beat "
                + beat.beatId()
                + ": must be "
                + config.leads()
                + " leads of "
                + config.length()
                + " finite samples");
      }
      return flat;
    }

    List<List<float[]>> flatBeats() {
      List<List<float[]>> flat = new ArrayList<>();
      beats.forEach(patients -> flat.add(patients.stream().flatMap(List::stream).toList()));
      return flat;
    }

    void normalise(BeatNormalisation normalisation) {
      for (int k = 0; k < beats.size(); k++) {
        int index = k;
        beats.get(k).forEach(p -> p.replaceAll(beat -> normalisation.normalise(beat, index)));
      }
    }

    float[] beat(int k, SplittableRandom random) {
      List<List<float[]>> patients = beats.get(k);
      List<float[]> ofPatient = patients.get(random.nextInt(patients.size()));
      return ofPatient.get(random.nextInt(ofPatient.size()));
    }

    DdpmModel.Training summary(String origin, float lastLoss) {
      return new DdpmModel.Training(origin, beatCounts, patientCounts, lastLoss);
    }
  }
}
