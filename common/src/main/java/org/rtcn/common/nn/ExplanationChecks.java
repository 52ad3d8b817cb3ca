package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.rtcn.common.random.RandomStreams;
import org.rtcn.common.storage.NamedArrays;

/**
 * Whether a map of importance says anything about the model. Two checks:
 *
 * <ul>
 *   <li><b>Weight randomisation</b> (Adebayo et al., Sanity Checks for Saliency Maps, 2018): layers
 *       are given fresh weights from the head backwards. A map that stays the same does not depend
 *       on what the model has learned.
 *   <li><b>Deletion</b> (Petsiuk et al., RISE, 2018): the most important cells of the image are
 *       replaced by the mean of the training beats, step by step. The class's probability should
 *       fall faster than when as many cells are taken at random.
 * </ul>
 */
public final class ExplanationChecks {
  /** Shares of the image that are deleted, from none to all. */
  public static final List<Double> SHARES =
      List.of(0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0);

  private final RtcnModel model;
  private final List<GradCam> randomised = new ArrayList<>();
  private final String layer;
  private final long seed;

  /** How much of the network has fresh weights. */
  public enum Depth {
    /** The softmax head. */
    HEAD("head"),
    /** Head, pooling and encoder layers. */
    ENCODER("head and Transformer"),
    /** All layers. */
    ALL("all layers");

    private final String label;

    Depth(String label) {
      this.label = label;
    }

    /** In words. */
    public String label() {
      return label;
    }
  }

  /**
   * What the checks found for one image.
   *
   * @param similarity per {@link Depth}, Spearman's rank correlation of the map with that of the
   *     randomised network; NaN where either map is constant or that network has none
   * @param deletion per {@link #SHARES}, the class's probability with the most important cells gone
   * @param deletionAtRandom the same with cells taken at random
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Finding(float[] similarity, float[] deletion, float[] deletionAtRandom) {}

  /**
   * Prepares the randomised networks; not for several threads.
   *
   * @param seed of the fresh weights and of the random order
   */
  public ExplanationChecks(RtcnModel model, long seed) {
    this.model = model;
    this.layer = Rtcn.lastConvolution(model.config());
    for (Depth depth : Depth.values()) {
      randomised.add(new GradCam(randomised(model, depth, seed)));
    }
    this.seed = seed;
  }

  /**
   * Checks the explanation of one image.
   *
   * @param id of the image; with the seed it decides the random order
   * @param image as {@link ImageInput#image} gives it; not changed
   * @param classIndex the class whose score is explained
   * @param map its Grad-CAM
   */
  public Finding check(String id, float[] image, int classIndex, float[][] map) {
    GradCam.Target target = new GradCam.Target(layer, classIndex);
    float[] similarity = new float[randomised.size()];
    for (int i = 0; i < similarity.length; i++) {
      similarity[i] =
          randomised
              .get(i)
              .find(image, target)
              .map(other -> (float) similarity(map, other.map()))
              .orElse(Float.NaN);
    }
    int cells = map.length * map[0].length;
    int[] byImportance = mostImportantFirst(map);
    int[] atRandom = shuffled(cells, RandomStreams.of(seed, "deletion", id));
    float[][] probabilities =
        model.predictStandardised(
            Stream.of(byImportance, atRandom)
                .flatMap(order -> deletions(image, order))
                .toArray(float[][]::new));
    int steps = SHARES.size();
    float[] deletion = new float[steps];
    float[] deletionAtRandom = new float[steps];
    for (int s = 0; s < steps; s++) {
      deletion[s] = probabilities[s][classIndex];
      deletionAtRandom[s] = probabilities[steps + s][classIndex];
    }
    return new Finding(similarity, deletion, deletionAtRandom);
  }

  /** Spearman's rank correlation of two maps of the same size. */
  static double similarity(float[][] a, float[][] b) {
    double[] x = flat(a);
    double[] y = flat(b);
    return isConstant(x) || isConstant(y)
        ? Double.NaN
        : new SpearmansCorrelation().correlation(x, y);
  }

  /** The standardised image with more and more cells gone, in this order. */
  private Stream<float[]> deletions(float[] image, int[] order) {
    float[] standardised = model.withPatient(image);
    model.standardizer().transform(standardised);
    int cells = order.length;
    float[][] steps = new float[SHARES.size()][];
    for (int s = 0; s < steps.length; s++) {
      steps[s] = standardised.clone();
      int deleted = (int) Math.round(SHARES.get(s) * cells);
      for (int i = 0; i < deleted; i++) {
        // In every channel: standardised, 0 is the mean of the training beats.
        for (int at = order[i]; at < model.standardizer().imageLength(); at += cells) {
          steps[s][at] = 0;
        }
      }
    }
    return Arrays.stream(steps);
  }

  private static int[] mostImportantFirst(float[][] map) {
    double[] flat = flat(map);
    Integer[] order = new Integer[flat.length];
    Arrays.setAll(order, i -> i);
    // A stable sort: equal cells stay in the order of the image.
    Arrays.sort(order, (a, b) -> Double.compare(flat[b], flat[a]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }

  private static int[] shuffled(int size, SplittableRandom random) {
    int[] order = new int[size];
    Arrays.setAll(order, i -> i);
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }

  /** The same network with fresh weights down to a depth. */
  public static RtcnModel randomised(RtcnModel model, Depth depth, long seed) {
    float[] weights =
        Rtcn.weights(Rtcn.build(model.config().withSeed(RandomStreams.seedOf(seed, "randomised"))));
    float[] trained = model.weights();
    int at = 0;
    for (NamedArrays.Spec spec : RtcnLayout.weights(model.config())) {
      String name = spec.name().substring(0, spec.name().indexOf('/'));
      boolean convolutional = name.startsWith("stage") || name.equals("stem");
      boolean keep =
          switch (depth) {
            case HEAD -> !name.equals(Rtcn.HEAD);
            case ENCODER -> convolutional;
            case ALL -> false;
          };
      int length = Math.toIntExact(spec.length());
      if (keep) {
        System.arraycopy(trained, at, weights, at, length);
      }
      at += length;
    }
    return model.withWeights(weights, List.of());
  }

  private static double[] flat(float[][] map) {
    double[] flat = new double[map.length * map[0].length];
    for (int r = 0; r < map.length; r++) {
      for (int c = 0; c < map[0].length; c++) {
        flat[r * map[0].length + c] = map[r][c];
      }
    }
    return flat;
  }

  private static boolean isConstant(double[] values) {
    for (double value : values) {
      if (value != values[0]) {
        return false;
      }
    }
    return true;
  }
}
