package org.rtcn.jobs.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.random.RandomStreams;
import org.rtcn.jobs.train.ExampleWeights.PatientBeats;

/**
 * Patients of the training folds that the network does not learn from, so that training can be
 * stopped where it no longer helps them. One decision per patient: the mean of the beats'
 * probabilities. Every class counts the same.
 */
final class Validation implements AutoCloseable {
  private static final double SMALLEST = 1e-7;

  private final JavaRDD<Images.Image> images;
  private final List<String> classes;

  /**
   * @param images of validation patients alone, as the spectrograms table has them
   * @param classes in the order of the head
   */
  Validation(JavaRDD<Images.Image> images, List<String> classes) {
    this.images = images.persist(StorageLevel.MEMORY_AND_DISK());
    this.classes = List.copyOf(classes);
  }

  /**
   * What the validation patients say of a network.
   *
   * @param loss mean over classes of the mean of -log p(true class) of their patients
   * @param balancedAccuracy mean over classes of the share of patients called rightly
   * @param patients of them all
   */
  record Result(double loss, double balancedAccuracy, int patients) {}

  /** One beat's probabilities. A class, no record: small and many. */
  static final class Scored implements Serializable {
    private static final long serialVersionUID = 1L;
    final String id;
    final String patientId;
    final String label;
    final float[] probabilities;

    Scored(String id, String patientId, String label, float[] probabilities) {
      this.id = id;
      this.patientId = patientId;
      this.label = label;
      this.probabilities = probabilities;
    }
  }

  /**
   * The patients to hold back: of each class the given share of its patients, rounded, at least one
   * where there are four or more, never more than half. Who it is follows from the seed alone.
   */
  static SortedSet<String> choose(List<PatientBeats> beats, double share, long seed) {
    SortedSet<String> chosen = new TreeSet<>();
    if (share == 0) {
      return chosen;
    }
    // A patient with recordings of several classes counts for the first of them.
    Map<String, String> labelOf = new TreeMap<>();
    beats.forEach(
        patient ->
            labelOf.merge(
                patient.patientId(), patient.label(), (a, b) -> a.compareTo(b) <= 0 ? a : b));
    Map<String, List<String>> byLabel = new TreeMap<>();
    labelOf.forEach(
        (patient, label) -> byLabel.computeIfAbsent(label, key -> new ArrayList<>()).add(patient));
    for (List<String> patients : byLabel.values()) {
      int n = patients.size();
      int wanted = (int) Math.round(share * n);
      int count = Math.min(n / 2, n >= 4 ? Math.max(1, wanted) : 0);
      patients.sort(
          Comparator.comparingLong(
                  (String patient) -> RandomStreams.seedOf(seed, "validation", patient))
              .thenComparing(Comparator.naturalOrder()));
      chosen.addAll(patients.subList(0, count));
    }
    return chosen;
  }

  /** Scores every validation beat on the executors and decides per patient. */
  Result of(RtcnModel model) {
    Broadcast<Map<String, byte[]>> files =
        JavaSparkContext.fromSparkContext(images.context())
            .broadcast(new TreeMap<>(model.toFiles()));
    try {
      List<Scored> scored =
          images.mapPartitions(beats -> score(RtcnModel.parse(files.value()), beats)).collect();
      return result(scored);
    } finally {
      files.destroy();
    }
  }

  private static Iterator<Scored> score(RtcnModel model, Iterator<Images.Image> beats) {
    List<Images.Image> list = new ArrayList<>();
    beats.forEachRemaining(list::add);
    float[][] probabilities =
        model.predict(list.stream().map(Images.Image::values).toArray(float[][]::new));
    List<Scored> scored = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      Images.Image image = list.get(i);
      scored.add(new Scored(image.id(), image.patientId(), image.label(), probabilities[i]));
    }
    return scored.iterator();
  }

  private Result result(List<Scored> scored) {
    // Beats of one patient may bear different labels; each label of a patient is a case.
    Map<List<String>, List<Scored>> cases = new TreeMap<>(Comparator.comparing(List::toString));
    for (Scored beat : scored) {
      cases
          .computeIfAbsent(List.of(beat.label, beat.patientId), key -> new ArrayList<>())
          .add(beat);
    }
    double[] loss = new double[classes.size()];
    double[] right = new double[classes.size()];
    int[] count = new int[classes.size()];
    cases.forEach(
        (key, beats) -> {
          double[] mean = mean(beats);
          int truth = classes.indexOf(key.get(0));
          loss[truth] -= Math.log(Math.max(SMALLEST, mean[truth]));
          right[truth] += argMax(mean) == truth ? 1 : 0;
          count[truth]++;
        });
    double meanLoss = 0;
    double accuracy = 0;
    int present = 0;
    for (int c = 0; c < count.length; c++) {
      if (count[c] > 0) {
        meanLoss += loss[c] / count[c];
        accuracy += right[c] / count[c];
        present++;
      }
    }
    return new Result(meanLoss / present, accuracy / present, Arrays.stream(count).sum());
  }

  private double[] mean(List<Scored> beats) {
    // Summed in a fixed order, whatever partitions they came from.
    beats.sort(Comparator.comparing(beat -> beat.id));
    double[] mean = new double[classes.size()];
    for (Scored beat : beats) {
      for (int c = 0; c < mean.length; c++) {
        mean[c] += beat.probabilities[c] / beats.size();
      }
    }
    return mean;
  }

  private static int argMax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  @Override
  public void close() {
    images.unpersist(false);
  }
}
