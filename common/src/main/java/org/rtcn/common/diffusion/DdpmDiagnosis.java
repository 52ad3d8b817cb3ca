package org.rtcn.common.diffusion;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.rtcn.common.random.RandomStreams;

/**
 * What a model has learnt, step by step. A low training loss alone proves nothing: it is averaged
 * over t, and most of it is noise that any network removes.
 */
public final class DdpmDiagnosis {
  private static final int BATCH = 32;
  private static final int RESAMPLES = 400;

  private DdpmDiagnosis() {}

  /**
   * Mean squared errors of x_0 at one step, in normalised units.
   *
   * @param t diffusion step
   * @param model told the beat's own class
   * @param wrongClass the model conditioned on another class
   * @param mean the predictor "always the centre"
   * @param linear the best predictor of the form c · x_t for beats of unit variance, c =
   *     sqrt(alphaBar)
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record AtStep(
      int t, double model, double wrongClass, double mean, double linear, NoiseError noise) {}

  /**
   * Mean squared errors of the noise epsilon at one step.
   *
   * @param model told the beat's own class
   * @param wrongClass conditioned on another class throughout: its centre, its variances, its
   *     embedding
   * @param sameAsXt the predictor epsilon = x_t
   * @param zero the predictor epsilon = 0
   * @param classMean the predictor that takes the beat for its class's mean
   * @param gainLow lower end of the 95 % interval of wrongClass - model (patient bootstrap)
   * @param gainHigh its upper end
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record NoiseError(
      double model,
      double wrongClass,
      double sameAsXt,
      double zero,
      double classMean,
      double gainLow,
      double gainHigh) {}

  /**
   * Measures the model on {@code beats} at nine steps from T/20 to T - 1.
   *
   * @param beats beats of the model's classes, best ones it was not trained on
   * @throws IllegalArgumentException if there is no beat
   */
  public static List<AtStep> of(DdpmModel model, List<TrainingBeat> beats, long seed) {
    if (beats.isEmpty()) {
      throw new IllegalArgumentException("Invalid diagnosis: needs at least one beat");
    }
    DdpmConfig config = model.config();
    int beatLength = config.leads() * config.length();
    List<AtStep> result = new ArrayList<>();
    try (DdpmSampler sampler = new DdpmSampler(model)) {
      NoiseSchedule schedule = sampler.schedule();
      ReverseProcess reverse = new ReverseProcess(schedule);
      double[] shares = {0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0};
      int[] steps =
          Arrays.stream(shares)
              .mapToInt(share -> (int) Math.round(share * (schedule.steps() - 1)))
              .distinct()
              .toArray();
      for (int t : steps) {
        double[] sums = new double[7];
        Map<String, double[]> gainOfPatient = new TreeMap<>();
        long count = 0;
        double a = Math.sqrt(schedule.alphaBar(t));
        double s = Math.sqrt(1 - schedule.alphaBar(t));
        for (int from = 0; from < beats.size(); from += BATCH) {
          List<TrainingBeat> batch = beats.subList(from, Math.min(from + BATCH, beats.size()));
          Noised beat = new Noised(model, batch, t, a, s, seed);
          double[] xt = beat.xt;
          float[] right = sampler.predict(xt, t, beat.own, beat.rr);
          float[] other = sampler.predict(xt, t, beat.wrong, beat.rr);
          float[] throughout = sampler.predict(beat.xtAsWrong, t, beat.wrong, beat.rr);
          Parameterisation says = config.parameterisation();
          for (int j = 0; j < xt.length; j++) {
            double x0 = beat.x0[j];
            double asRight = square(reverse.predictX0(xt[j], t, right[j], says), x0);
            double asWrong =
                square(
                    reverse.predictX0(beat.xtAsWrong[j], t, throughout[j], says),
                    beat.x0AsWrong[j]);
            sums[4] += asWrong;
            sums[5] += square(xt[j], beat.epsilon[j]);
            sums[6] += square(0, beat.epsilon[j]);
            double[] gain =
                gainOfPatient.computeIfAbsent(
                    batch.get(j / beatLength).patientId(), p -> new double[2]);
            gain[0] += asWrong - asRight;
            gain[1]++;
            sums[0] += asRight;
            sums[1] += square(reverse.predictX0(xt[j], t, other[j], says), x0);
            sums[2] += square(0, x0);
            sums[3] += square(a * xt[j], x0);
          }
          count += xt.length;
        }
        result.add(
            new AtStep(
                t,
                sums[0] / count,
                sums[1] / count,
                sums[2] / count,
                sums[3] / count,
                noise(sums, count, (a / s) * (a / s), List.copyOf(gainOfPatient.values()), seed)));
      }
    }
    return result;
  }

  /** Beats at a step, each as one of its own class and as one of another. */
  private static final class Noised {
    private final int[] own;
    private final int[] wrong;
    private final float[] rr;
    private final double[] x0;
    private final double[] xt;
    private final double[] epsilon;
    private final double[] x0AsWrong;
    private final double[] xtAsWrong;

    Noised(DdpmModel model, List<TrainingBeat> batch, int t, double a, double s, long seed) {
      int beatLength = model.config().leads() * model.config().length();
      int classes = model.classes().size();
      own = new int[batch.size()];
      wrong = new int[batch.size()];
      rr = new float[batch.size()];
      x0 = new double[batch.size() * beatLength];
      xt = new double[x0.length];
      epsilon = new double[x0.length];
      x0AsWrong = new double[x0.length];
      xtAsWrong = new double[x0.length];
      for (int i = 0; i < batch.size(); i++) {
        TrainingBeat beat = batch.get(i);
        SplittableRandom random = RandomStreams.of(seed, "ddpm-diagnosis", beat.beatId(), t);
        rr[i] = beat.rrSeconds();
        own[i] = model.classes().indexOf(beat.label());
        wrong[i] = classes == 1 ? own[i] : (own[i] + 1 + random.nextInt(classes - 1)) % classes;
        float[] flat = flatten(beat, model.config());
        float[] normalised = model.normalisation().normalise(flat, own[i]);
        float[] asWrong = model.normalisation().normalise(flat, wrong[i]);
        for (int j = 0; j < beatLength; j++) {
          int at = i * beatLength + j;
          epsilon[at] = random.nextGaussian();
          x0[at] = normalised[j];
          xt[at] = a * normalised[j] + s * epsilon[at];
          x0AsWrong[at] = asWrong[j];
          xtAsWrong[at] = a * asWrong[j] + s * epsilon[at];
        }
      }
    }
  }

  /** An error of x_0 is one of epsilon times (a / s)². */
  private static NoiseError noise(
      double[] sums, long count, double factor, List<double[]> gains, long seed) {
    SplittableRandom random = RandomStreams.of(seed, "ddpm-diagnosis", "bootstrap");
    double[] means = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      double sum = 0;
      double weight = 0;
      for (int i = 0; i < gains.size(); i++) {
        double[] drawn = gains.get(random.nextInt(gains.size()));
        sum += drawn[0];
        weight += drawn[1];
      }
      means[r] = factor * sum / weight;
    }
    Arrays.sort(means);
    return new NoiseError(
        factor * sums[0] / count,
        factor * sums[4] / count,
        sums[5] / count,
        sums[6] / count,
        factor * sums[2] / count,
        means[(int) (0.025 * RESAMPLES)],
        means[(int) (0.975 * RESAMPLES)]);
  }

  private static double square(double a, double b) {
    return (a - b) * (a - b);
  }

  private static float[] flatten(TrainingBeat beat, DdpmConfig config) {
    float[] flat = new float[config.leads() * config.length()];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = beat.millivolts()[i / config.length()][i % config.length()];
    }
    return flat;
  }
}
