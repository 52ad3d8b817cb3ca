package org.rtcn.jobs.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.metrics.DetectionThreshold;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.random.RandomStreams;
import org.rtcn.jobs.train.ExampleWeights.PatientBeats;
import org.rtcn.jobs.transform.TransformStage;
import scala.Tuple2;

/**
 * Patients of the training folds that the network does not learn from, so that training can be
 * stopped where it no longer helps them, and the threshold of detection be chosen on them. One
 * decision per patient, as {@code Aggregation} makes it: the mean of the means of their records.
 * Every class counts the same.
 */
final class Validation implements AutoCloseable {
  private static final double SMALLEST = 1e-7;
  private static final int BEATS_PER_PASS = 128;

  private final JavaRDD<Images.Image> images;
  private final List<String> classes;

  /**
   * @param images of validation patients alone, as the spectrograms table has them
   * @param classes in the order of the head
   */
  Validation(JavaRDD<Images.Image> images, List<String> classes) {
    // Not on the heap, which must not grow with them.
    this.images = images.persist(StorageLevel.DISK_ONLY());
    this.classes = List.copyOf(classes);
  }

  /**
   * What the validation patients say of a network.
   *
   * @param loss mean over classes of the mean of -log p(true class) of their patients
   * @param balancedAccuracy mean over classes of the share of patients classified correctly
   * @param patients of them all
   */
  record Result(double loss, double balancedAccuracy, int patients) {}

  /** One beat's probabilities. A class, no record: Kryo 4 cannot fill records. */
  private static final class Scored implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String id;
    private final float[] probabilities;

    Scored(String id, float[] probabilities) {
      this.id = id;
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

  /** Scores every validation beat and decides per patient, on the executors. */
  Result of(RtcnModel model) {
    List<String> names = classes;
    return scored(
        model,
        patients ->
            result(
                patients
                    .mapToPair(beats -> verdict(beats._1()._1(), beats._2(), names))
                    .reduceByKey(Verdicts::plus)
                    .collectAsMap()));
  }

  /** The threshold of detection that tells these patients apart best. */
  DetectionThreshold threshold(RtcnModel model) {
    List<String> names = classes;
    Decision kinds = Decision.among(names);
    if (!kinds.decidesDetection()) {
      return DetectionThreshold.FIXED;
    }
    return scored(
        model,
        patients -> {
          Map<Boolean, Map<Integer, Long>> steps =
              Map.of(true, new TreeMap<>(), false, new TreeMap<>());
          patients
              .mapToPair(beats -> step(beats._1()._1(), beats._2(), names))
              .reduceByKey(Long::sum)
              // As many rows as steps, whatever the number of patients.
              .collectAsMap()
              .forEach((at, cases) -> steps.get(at._1()).put(at._2(), cases));
          return DetectionThreshold.highestYouden(steps.get(true), steps.get(false));
        });
  }

  private <T> T scored(
      RtcnModel model,
      Function<JavaPairRDD<Tuple2<Integer, String>, Iterable<Scored>>, T> ofPatients) {
    Broadcast<Map<String, byte[]>> files =
        JavaSparkContext.fromSparkContext(images.context())
            .broadcast(new TreeMap<>(model.toFiles()));
    List<String> names = classes;
    try {
      return ofPatients.apply(
          images
              .mapPartitionsToPair(
                  beats -> new Scoring(RtcnModel.parse(files.value()), names, beats))
              // Beats of one patient may bear different labels; each label of a patient is a case.
              .groupByKey());
    } finally {
      files.destroy();
    }
  }

  /** Streams beats through the model, keyed by class and patient. */
  private static final class Scoring implements Iterator<Tuple2<Tuple2<Integer, String>, Scored>> {
    private final RtcnModel model;
    private final List<String> classes;
    private final Iterator<Images.Image> beats;
    private Iterator<Tuple2<Tuple2<Integer, String>, Scored>> ready = Collections.emptyIterator();

    Scoring(RtcnModel model, List<String> classes, Iterator<Images.Image> beats) {
      this.model = model;
      this.classes = classes;
      this.beats = beats;
    }

    @Override
    public boolean hasNext() {
      if (!ready.hasNext() && beats.hasNext()) {
        ready = pass();
      }
      return ready.hasNext();
    }

    @Override
    public Tuple2<Tuple2<Integer, String>, Scored> next() {
      if (!hasNext()) {
        throw new NoSuchElementException("Every beat was read");
      }
      return ready.next();
    }

    private Iterator<Tuple2<Tuple2<Integer, String>, Scored>> pass() {
      List<Images.Image> batch = new ArrayList<>();
      while (batch.size() < BEATS_PER_PASS && beats.hasNext()) {
        batch.add(beats.next());
      }
      float[][] probabilities =
          model.predict(batch.stream().map(Images.Image::values).toArray(float[][]::new));
      List<Tuple2<Tuple2<Integer, String>, Scored>> scored = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        Images.Image image = batch.get(i);
        scored.add(
            new Tuple2<>(
                new Tuple2<>(classes.indexOf(image.label()), image.patientId()),
                new Scored(image.id(), probabilities[i])));
      }
      return scored.iterator();
    }
  }

  /**
   * Cases of one class. Losses are added as whole multiples of 2⁻³⁰, so that their sum does not
   * depend on its order. A class, no record: Kryo 4 cannot fill records.
   */
  private static final class Verdicts implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final double UNIT = 0x1p-30;
    private final long lossUnits;
    private final long right;
    private final long cases;

    Verdicts(long lossUnits, long right, long cases) {
      this.lossUnits = lossUnits;
      this.right = right;
      this.cases = cases;
    }

    static Verdicts of(double loss, boolean right) {
      return new Verdicts(Math.round(loss / UNIT), right ? 1 : 0, 1);
    }

    Verdicts plus(Verdicts other) {
      return new Verdicts(
          Math.addExact(lossUnits, other.lossUnits), right + other.right, cases + other.cases);
    }
  }

  private static Tuple2<Integer, Verdicts> verdict(
      int truth, Iterable<Scored> beats, List<String> classes) {
    double[] mean = mean(beats, classes.size());
    double loss = -Math.log(Math.max(SMALLEST, mean[truth]));
    // The threshold is chosen when the weights are.
    int answer = Decision.among(classes).answer(mean, DetectionThreshold.FIXED.probability());
    return new Tuple2<>(truth, Verdicts.of(loss, answer == truth));
  }

  private static Tuple2<Tuple2<Boolean, Integer>, Long> step(
      int truth, Iterable<Scored> beats, List<String> classes) {
    Decision kinds = Decision.among(classes);
    double probability = kinds.infarctProbability(mean(beats, classes.size()));
    return new Tuple2<>(
        new Tuple2<>(kinds.isInfarct(truth), DetectionThreshold.stepOf(probability)), 1L);
  }

  private static Result result(Map<Integer, Verdicts> byClass) {
    double loss = 0;
    double accuracy = 0;
    long cases = 0;
    for (Verdicts verdicts : new TreeMap<>(byClass).values()) {
      loss += verdicts.lossUnits * Verdicts.UNIT / verdicts.cases;
      accuracy += (double) verdicts.right / verdicts.cases;
      cases += verdicts.cases;
    }
    return new Result(loss / byClass.size(), accuracy / byClass.size(), Math.toIntExact(cases));
  }

  private static double[] mean(Iterable<Scored> beats, int classes) {
    SortedMap<String, List<Scored>> records = new TreeMap<>();
    beats.forEach(
        beat ->
            records
                .computeIfAbsent(TransformStage.recordId(beat.id), id -> new ArrayList<>())
                .add(beat));
    double[] mean = new double[classes];
    for (List<Scored> record : records.values()) {
      // Summed in a fixed order, whatever partitions they came from.
      record.sort(Comparator.comparing(beat -> beat.id));
      for (Scored beat : record) {
        for (int c = 0; c < mean.length; c++) {
          mean[c] += beat.probabilities[c] / record.size() / records.size();
        }
      }
    }
    return mean;
  }

  @Override
  public void close() {
    images.unpersist(false);
  }
}
