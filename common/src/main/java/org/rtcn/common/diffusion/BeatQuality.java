package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Generated beats next to the real training beats, class by class. Distances are taken between the
 * beats' coordinates on the real beats' principal axes; what a distance means shows next to the
 * same distance between two halves of the real patients ({@code ..._real_halves}).
 *
 * <p>Who recognises a class is a linear discriminant: for real beats one that has not seen their
 * patients, for generated beats one of all real beats.
 */
public final class BeatQuality {
  /** All classes together, among the classes. */
  public static final String ALL = "all";

  /** Share of held-out recorded beats recognised as their class. */
  public static final String RECOGNISED_REAL = "recognised_real";

  /** Share of generated beats recognised as their class. */
  public static final String RECOGNISED_GENERATED = "recognised_generated";

  /** Trained on recorded beats, tested on recorded ones of other patients. */
  public static final String REAL_REAL = "train_real_test_real";

  /** Trained on generated beats, tested on recorded ones. */
  public static final String GENERATED_REAL = "train_generated_test_real";

  /** Trained on recorded beats, tested on generated ones. */
  public static final String REAL_GENERATED = "train_real_test_generated";

  /** Recorded beats compared. */
  public static final String REAL_BEATS = "real_beats";

  /** Generated beats compared. */
  public static final String GENERATED_BEATS = "generated_beats";

  /** Standard deviation between recorded beats, mV. */
  public static final String SD_REAL_MV = "sd_real_mv";

  /** Standard deviation between generated beats, mV. */
  public static final String SD_GENERATED_MV = "sd_generated_mv";

  /** Squared maximum mean discrepancy. */
  public static final String MMD2 = "mmd2";

  /** Fréchet distance per feature, mV². */
  public static final String FRECHET_MV2 = "frechet_mv2";

  /** Distance of mean spectra, dB. */
  public static final String PSD_DB = "psd_db";

  /** Median warped distance to the nearest recorded beat, mV. */
  public static final String DTW_NEAREST_MV = "dtw_nearest_mv";

  /** How well a beat's nearest neighbour tells recorded from generated; 0.5 is best. */
  public static final String NN_ACCURACY = "nn_accuracy";

  /** Appended to a distance: the same between halves of the recorded beats, by patients. */
  public static final String REAL_HALVES = "_real_halves";

  private static final int AXES = 24;
  private static final int MOST_PER_SET = 300;
  private static final int FOLDS = 5;
  private static final double SPECTRUM_SHARE = 0.32;

  private final List<String> labels;
  private final List<List<TrainingBeat>> real = new ArrayList<>();
  private final List<double[][]> realFeatures = new ArrayList<>();
  private final float[] centre;
  private final LinearDenoiser axes;
  private final Discriminant judge;

  /**
   * Fits axes and judge on the real beats.
   *
   * @param beats real beats; classes of fewer than four beats are left out
   * @throws IllegalArgumentException if no class is left
   */
  public BeatQuality(List<TrainingBeat> beats) {
    Map<String, List<TrainingBeat>> byLabel = new TreeMap<>();
    beats.forEach(b -> byLabel.computeIfAbsent(b.label(), k -> new ArrayList<>()).add(b));
    byLabel.values().removeIf(own -> own.size() < 4);
    if (byLabel.isEmpty()) {
      throw new IllegalArgumentException(
          "Invalid real beats: need a class of at least four beats to compare with");
    }
    this.labels = List.copyOf(byLabel.keySet());
    List<List<float[]>> flat = new ArrayList<>();
    for (List<TrainingBeat> own : byLabel.values()) {
      real.add(own);
      flat.add(own.stream().map(b -> flatten(b.millivolts())).toList());
    }
    this.centre = new float[flat.get(0).get(0).length];
    for (List<float[]> own : flat) {
      for (float[] beat : own) {
        for (int i = 0; i < centre.length; i++) {
          centre[i] += beat[i] / own.size() / flat.size();
        }
      }
    }
    List<List<List<float[]>>> groups =
        flat.stream().map(own -> List.of(own.stream().map(this::centred).toList())).toList();
    this.axes = LinearDenoiser.fit(groups, centre.length, AXES, 0);
    real.forEach(own -> realFeatures.add(features(own.stream().map(TrainingBeat::millivolts))));
    this.judge = Discriminant.fit(realFeatures);
  }

  /**
   * The figures of each class: {@code real_beats} and {@code generated_beats} (so many were
   * compared), {@code sd_real_mv} and {@code sd_generated_mv} (root mean square deviation from the
   * set's own mean beat), {@code mmd2} (unbiased), {@code frechet_mv2}, {@code psd_db} (up to 40 Hz
   * of 125), {@code dtw_nearest_mv} (median over the generated beats, mean per lead and sample, to
   * the nearest real beat), {@code nn_accuracy} (share of beats whose nearest neighbour, other than
   * of their own patient, is of their own kind: 0.5 where generated and real cannot be told apart),
   * {@code recognised_real}, {@code recognised_generated}; those that need more beats or patients
   * than there are, are left out. Under {@code all}: mean recall, over the classes that were
   * generated, of discriminants trained on real and tested on real beats of other patients ({@code
   * train_real_test_real}), trained on generated beats (real ones for the other classes) and tested
   * on real ones ({@code train_generated_test_real}), and trained on real, tested on generated
   * ({@code train_real_test_generated}).
   *
   * @param generated beats {@code [lead][sample]} in mV by class, like the real ones
   */
  public Map<String, Map<String, Double>> of(Map<String, List<float[][]>> generated) {
    Map<String, Map<String, Double>> result = new TreeMap<>();
    List<double[][]> trainingOnGenerated = new ArrayList<>(realFeatures);
    double[] heldOut = heldOutRecall();
    double recognised = 0;
    List<Integer> compared = new ArrayList<>();
    for (int k = 0; k < labels.size(); k++) {
      List<float[][]> own = generated.getOrDefault(labels.get(k), List.of());
      if (own.size() < 4) {
        continue;
      }
      own = own.subList(0, Math.min(own.size(), MOST_PER_SET));
      double[][] features = features(own.stream());
      Map<String, Double> figures = figures(k, own, features);
      if (!Double.isNaN(heldOut[k])) {
        figures.put(RECOGNISED_REAL, heldOut[k]);
      }
      double share = recall(judge, features, k);
      figures.put(RECOGNISED_GENERATED, share);
      result.put(labels.get(k), figures);
      trainingOnGenerated.set(k, features);
      recognised += share;
      compared.add(k);
    }
    if (!compared.isEmpty()) {
      Discriminant learnt = Discriminant.fit(trainingOnGenerated);
      Map<String, Double> all = new TreeMap<>();
      compared.stream()
          .mapToDouble(k -> heldOut[k])
          .filter(recall -> !Double.isNaN(recall))
          .average()
          .ifPresent(mean -> all.put(REAL_REAL, mean));
      all.put(
          GENERATED_REAL,
          compared.stream()
              .mapToDouble(k -> recall(learnt, realFeatures.get(k), k))
              .average()
              .orElseThrow());
      all.put(REAL_GENERATED, recognised / compared.size());
      result.put(ALL, all);
    }
    return result;
  }

  private Map<String, Double> figures(int k, List<float[][]> generated, double[][] features) {
    List<TrainingBeat> beats = spread(real.get(k), MOST_PER_SET);
    List<float[][]> realBeats = beats.stream().map(TrainingBeat::millivolts).toList();
    double[][] realPoints = features(realBeats.stream());
    Map<String, Double> figures = new TreeMap<>();
    figures.put(REAL_BEATS, (double) beats.size());
    figures.put(GENERATED_BEATS, (double) generated.size());
    figures.put(SD_REAL_MV, deviation(realBeats));
    figures.put(SD_GENERATED_MV, deviation(generated));
    int bins = Math.max(1, (int) (SPECTRUM_SHARE * realBeats.get(0)[0].length));
    compare(figures, "", realPoints, features, realBeats, generated, bins);
    List<TrainingBeat> even = half(beats, 0);
    List<TrainingBeat> odd = half(beats, 1);
    if (even.size() >= 2 && odd.size() >= 2) {
      List<float[][]> one = even.stream().map(TrainingBeat::millivolts).toList();
      List<float[][]> other = odd.stream().map(TrainingBeat::millivolts).toList();
      compare(
          figures, REAL_HALVES, features(one.stream()), features(other.stream()), one, other, bins);
    }
    int looked = Math.min(generated.size(), 50);
    double[] warped = new double[looked];
    NearestBeats nearest = new NearestBeats(real.get(k));
    for (int i = 0; i < looked; i++) {
      float[][] beat = generated.get((int) ((long) i * generated.size() / looked));
      warped[i] = nearest.to(beat, labels.get(k)).warpedDistanceMv();
    }
    figures.put(DTW_NEAREST_MV, SampleQuality.median(warped));
    figures.put(NN_ACCURACY, neighbourAccuracy(beats, realPoints, features));
    return figures;
  }

  private static void compare(
      Map<String, Double> figures,
      String suffix,
      double[][] a,
      double[][] b,
      List<float[][]> beatsA,
      List<float[][]> beatsB,
      int bins) {
    double median = SampleQuality.medianSquaredDistance(a, b);
    figures.put(MMD2 + suffix, SampleQuality.mmdSquared(a, b, median, SampleQuality.Bias.UNBIASED));
    figures.put(FRECHET_MV2 + suffix, SampleQuality.frechetDistance(a, b) / a[0].length);
    figures.put(PSD_DB + suffix, SampleQuality.spectralDistanceDb(beatsA, beatsB, bins));
  }

  /** Real beats whose patients have even or odd places among the class's patients. */
  private static List<TrainingBeat> half(List<TrainingBeat> beats, int parity) {
    List<String> patients =
        List.copyOf(new TreeSet<>(beats.stream().map(TrainingBeat::patientId).toList()));
    return beats.stream().filter(b -> patients.indexOf(b.patientId()) % 2 == parity).toList();
  }

  private static double neighbourAccuracy(
      List<TrainingBeat> beats, double[][] realPoints, double[][] generatedPoints) {
    int size = Math.min(realPoints.length, generatedPoints.length);
    int[] chosen = new int[size];
    for (int i = 0; i < size; i++) {
      chosen[i] = (int) ((long) i * realPoints.length / size);
    }
    int right = 0;
    for (int i = 0; i < size; i++) {
      double[] x = realPoints[chosen[i]];
      double[] y = generatedPoints[i];
      double realToReal = Double.POSITIVE_INFINITY;
      double realToGenerated = Double.POSITIVE_INFINITY;
      double generatedToReal = Double.POSITIVE_INFINITY;
      double generatedToGenerated = Double.POSITIVE_INFINITY;
      for (int j = 0; j < size; j++) {
        double[] other = realPoints[chosen[j]];
        if (!beats.get(chosen[i]).patientId().equals(beats.get(chosen[j]).patientId())) {
          realToReal = Math.min(realToReal, SampleQuality.squaredDistance(x, other));
        }
        generatedToReal = Math.min(generatedToReal, SampleQuality.squaredDistance(y, other));
        realToGenerated =
            Math.min(realToGenerated, SampleQuality.squaredDistance(x, generatedPoints[j]));
        if (i != j) {
          generatedToGenerated =
              Math.min(generatedToGenerated, SampleQuality.squaredDistance(y, generatedPoints[j]));
        }
      }
      right += realToReal < realToGenerated ? 1 : 0;
      right += generatedToGenerated < generatedToReal ? 1 : 0;
    }
    return right / (2.0 * size);
  }

  /** Recall of each class, patients in five folds; NaN where a class has too few patients. */
  private double[] heldOutRecall() {
    int[] right = new int[labels.size()];
    boolean[] seen = new boolean[labels.size()];
    for (int fold = 0; fold < FOLDS; fold++) {
      List<double[][]> training = new ArrayList<>();
      List<double[][]> test = new ArrayList<>();
      for (int k = 0; k < labels.size(); k++) {
        List<String> patients =
            List.copyOf(new TreeSet<>(real.get(k).stream().map(TrainingBeat::patientId).toList()));
        List<double[]> in = new ArrayList<>();
        List<double[]> out = new ArrayList<>();
        for (int i = 0; i < real.get(k).size(); i++) {
          int place = patients.indexOf(real.get(k).get(i).patientId());
          (place % FOLDS == fold ? out : in).add(realFeatures.get(k)[i]);
        }
        // A discriminant wants something of each class, but what it has seen proves nothing.
        seen[k] |= in.size() < 2;
        training.add((in.size() < 2 ? out : in).toArray(double[][]::new));
        test.add(out.toArray(double[][]::new));
      }
      Discriminant learnt = Discriminant.fit(training);
      for (int k = 0; k < labels.size(); k++) {
        right[k] += hits(learnt, test.get(k), k);
      }
    }
    double[] recall = new double[right.length];
    for (int k = 0; k < recall.length; k++) {
      recall[k] = seen[k] ? Double.NaN : right[k] / (double) real.get(k).size();
    }
    return recall;
  }

  private static double recall(Discriminant judge, double[][] features, int k) {
    return hits(judge, features, k) / (double) features.length;
  }

  private static int hits(Discriminant judge, double[][] features, int k) {
    return (int) Arrays.stream(features).filter(x -> judge.classOf(x) == k).count();
  }

  private static <T> List<T> spread(List<T> all, int most) {
    int size = Math.min(all.size(), most);
    List<T> chosen = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      chosen.add(all.get((int) ((long) i * all.size() / size)));
    }
    return chosen;
  }

  private static double deviation(List<float[][]> beats) {
    double[] mean = new double[flatten(beats.get(0)).length];
    for (float[][] beat : beats) {
      float[] flat = flatten(beat);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += flat[i] / beats.size();
      }
    }
    double sum = 0;
    for (float[][] beat : beats) {
      float[] flat = flatten(beat);
      for (int i = 0; i < mean.length; i++) {
        sum += (flat[i] - mean[i]) * (flat[i] - mean[i]);
      }
    }
    return Math.sqrt(sum / mean.length / beats.size());
  }

  private double[][] features(Stream<float[][]> beats) {
    return beats.map(beat -> axes.coordinates(centred(flatten(beat)))).toArray(double[][]::new);
  }

  private float[] centred(float[] beat) {
    float[] result = new float[beat.length];
    for (int i = 0; i < beat.length; i++) {
      result[i] = beat[i] - centre[i];
    }
    return result;
  }

  private static float[] flatten(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * rows[row].length, rows[row].length);
    }
    return flat;
  }
}
