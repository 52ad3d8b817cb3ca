package org.rtcn.jobs.train;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.ImageStandardizer;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.TestFolds;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.train.ExampleWeights.PatientBeats;
import org.rtcn.jobs.transform.ModelImages;

/**
 * What a training learns from, and what it is validated on: images of the training folds, checked,
 * weighted and standardised. No image goes through the driver; it sees counts and moments.
 */
final class TrainingData implements AutoCloseable {
  private final Settings settings;
  private final Census census;
  private final Generated generated;
  private final Map<String, Double> classShares;
  private final Images.Size size;
  private final ImageStandardizer standardizer;
  private final JavaRDD<Images.Image> validationImages;
  private final JavaRDD<Images.Image> images;
  private final Broadcast<ImageStandardizer> scale;
  private final Broadcast<ExampleWeights> weighting;

  /**
   * Who is learnt from.
   *
   * @param folds which train
   * @param patients all patients of the training folds
   * @param heldBack those of them that validate
   * @param learnedFrom beats of the others
   * @param byClass recorded beats of all of them
   * @param simulated whether any is
   */
  record Census(
      TrainingFolds folds,
      SortedSet<String> patients,
      SortedSet<String> heldBack,
      List<PatientBeats> learnedFrom,
      Map<String, Long> byClass,
      boolean simulated) {}

  /** Generated images, and how many there are of each class. */
  private record Generated(Dataset<Row> images, Map<String, Long> byClass) {
    boolean isEmpty() {
      return byClass.isEmpty();
    }
  }

  /**
   * Reads and checks.
   *
   * @throws UserException if data are missing, disagree, or would let a held-out patient in
   */
  TrainingData(
      StageContext context,
      TrainOptions options,
      boolean withSynthetic,
      Optional<Pretrained> pretrained) {
    settings = context.settings();
    SparkSession spark = context.spark();
    PatientInput told = options.network().patientInput();
    Dataset<Row> real =
        ModelImages.recorded(context.run(), spark, options.input(), told)
            .where(col("label").isInCollection(settings.classes()))
            .where(not(col("fold").isInCollection(settings.testFolds())));
    census = census(context, options, real, pretrained);
    generated = generated(context, options.input(), withSynthetic);
    final ExampleWeights weights =
        new ExampleWeights(
            options.balance(), settings.classes(), census.learnedFrom(), generated.byClass());
    classShares = weights.shares();
    size = Images.size(real, options.input());
    requireSameSize(options.input());
    SortedSet<String> heldBack = census.heldBack();
    JavaRDD<Images.Image> all = Images.of(real, "beat_id", "patient_id", options.input(), told);
    validationImages = all.filter(image -> heldBack.contains(image.patientId()));
    JavaRDD<Images.Image> learnedFrom =
        heldBack.isEmpty() ? all : all.filter(image -> !heldBack.contains(image.patientId()));
    Optional<TrainingPatients> facts =
        told == PatientInput.NONE
            ? Optional.empty()
            : Optional.of(TrainingPatients.of(real, heldBack));
    ImageStandardizer ofImages = standardizer(learnedFrom, options);
    standardizer = facts.map(patients -> patients.scale(ofImages)).orElse(ofImages);
    images = generated.isEmpty() ? learnedFrom : learnedFrom.union(generatedImages(options, facts));
    JavaSparkContext sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
    scale = sc.broadcast(standardizer);
    weighting = sc.broadcast(weights);
  }

  private Census census(
      StageContext context,
      TrainOptions options,
      Dataset<Row> real,
      Optional<Pretrained> pretrained) {
    List<Row> beats =
        real.groupBy("patient_id", "label", "fold", "simulated").count().collectAsList();
    if (beats.isEmpty()) {
      throw new UserException(
          "Cannot train: no image of the classes "
              + settings.classes()
              + " lies outside the held-out folds "
              + settings.testFolds());
    }
    TestFolds.require(context.run(), context.spark(), settings.testFolds(), "train");
    TrainingFolds folds =
        TrainingFolds.of(context.run().read(context.spark(), Table.SPLITS), settings.testFolds());
    beats.forEach(row -> folds.requireTraining(row.getAs("patient_id"), row.getAs("fold")));
    pretrained.ifPresent(of -> of.requireUnseen(folds));
    List<PatientBeats> everyone = patientBeats(beats);
    // Those whom the network knows already would validate what it remembers.
    Set<String> seen = pretrained.map(of -> of.model().trainingPatients()).orElse(Set.of());
    List<Integer> validating = options.loop().validationFolds();
    SortedSet<String> heldBack =
        validating.isEmpty()
            ? Validation.choose(
                everyone.stream().filter(patient -> !seen.contains(patient.patientId())).toList(),
                options.loop().validationShare(),
                settings.seed())
            : ofFolds(beats, validating, seen);
    Map<String, Long> byClass = new TreeMap<>();
    everyone.forEach(patient -> byClass.merge(patient.label(), patient.beats(), Long::sum));
    return new Census(
        folds,
        everyone.stream()
            .map(PatientBeats::patientId)
            .collect(Collectors.toCollection(TreeSet::new)),
        heldBack,
        everyone.stream().filter(patient -> !heldBack.contains(patient.patientId())).toList(),
        byClass,
        beats.stream().anyMatch(row -> row.<Boolean>getAs("simulated")));
  }

  /** The patients of the folds that validate. */
  private static SortedSet<String> ofFolds(
      List<Row> beats, List<Integer> validating, Set<String> seen) {
    SortedSet<String> patients =
        beats.stream()
            .filter(row -> validating.contains(row.<Integer>getAs("fold")))
            .map(row -> row.<String>getAs("patient_id"))
            .filter(patient -> !seen.contains(patient))
            .collect(Collectors.toCollection(TreeSet::new));
    if (patients.isEmpty()) {
      throw new UserException(
          "Cannot validate on the folds "
              + validating
              + ": they hold no patient of the classes who is neither held out nor known to the"
              + " network; change rtcn.train.validation.folds");
    }
    return patients;
  }

  private static List<PatientBeats> patientBeats(List<Row> beats) {
    Map<List<String>, Long> counts = new LinkedHashMap<>();
    for (Row row : beats) {
      counts.merge(
          List.of(row.getAs("patient_id"), row.getAs("label")),
          row.<Long>getAs("count"),
          Long::sum);
    }
    List<PatientBeats> list = new ArrayList<>();
    counts.forEach((key, count) -> list.add(new PatientBeats(key.get(0), key.get(1), count)));
    return list;
  }

  /** Generated images, after making sure that their model has seen the training folds alone. */
  private Generated generated(StageContext context, ImageInput input, boolean withSynthetic) {
    if (!withSynthetic) {
      return new Generated(null, Map.of());
    }
    Dataset<Row> rows =
        ModelImages.generated(context.run(), context.spark(), input)
            .where(col("label").isInCollection(settings.classes()));
    rows.select("fold_scheme")
        .distinct()
        .collectAsList()
        .forEach(row -> census.folds().requireSameScheme(row.getString(0)));
    Map<String, Long> byClass = new TreeMap<>();
    rows.groupBy("label")
        .count()
        .collectAsList()
        .forEach(row -> byClass.put(row.getString(0), row.getLong(1)));
    return new Generated(rows, byClass);
  }

  private void requireSameSize(ImageInput input) {
    if (!generated.isEmpty() && !Images.size(generated.images(), input).equals(size)) {
      throw new UserException(
          "Cannot train: synthetic images are "
              + Images.size(generated.images(), input)
              + ", recorded ones "
              + size
              + "; run augment again with the same rtcn.transform.image");
    }
  }

  private JavaRDD<Images.Image> generatedImages(
      TrainOptions options, Optional<TrainingPatients> facts) {
    JavaRDD<Images.Image> ofTable =
        Images.of(
            generated.images(),
            "synthetic_id",
            null,
            options.input(),
            options.network().patientInput());
    if (facts.isEmpty()) {
      return ofTable;
    }
    TrainingPatients patients = facts.get();
    long seed = settings.seed();
    return ofTable.map(image -> patients.lend(image, seed));
  }

  private ImageStandardizer standardizer(JavaRDD<Images.Image> of, TrainOptions options) {
    // Without what is known of the patient.
    int numbers = size.length() * options.input().parts();
    Function2<ImageStandardizer.Moments, Images.Image, ImageStandardizer.Moments> add =
        (moments, image) -> moments.add(Arrays.copyOf(image.values(), numbers));
    return of.treeAggregate(
            ImageStandardizer.moments(
                size.leads(),
                size.voices(),
                size.columns(),
                options.input(),
                options.compression()),
            add,
            ImageStandardizer.Moments::merge)
        .fit();
  }

  /** What is learnt from, standardised and weighted. */
  JavaRDD<Example> examples() {
    List<String> classes = settings.classes();
    long seed = settings.seed();
    Broadcast<ImageStandardizer> scaling = scale;
    Broadcast<ExampleWeights> weights = weighting;
    return images.map(
        image -> {
          // Taken before the image changes: it is transformed in place.
          float weight = weights.value().of(image);
          scaling.value().transform(image.values());
          return new Example(
              seed, image.id(), classes.indexOf(image.label()), weight, image.values());
        });
  }

  /** The patients held back; empty without validation. To be closed by the caller. */
  Optional<Validation> validation() {
    return census.heldBack().isEmpty()
        ? Optional.empty()
        : Optional.of(new Validation(validationImages, settings.classes()));
  }

  Census census() {
    return census;
  }

  Images.Size size() {
    return size;
  }

  ImageStandardizer standardizer() {
    return standardizer;
  }

  Map<String, Long> generatedByClass() {
    return generated.byClass();
  }

  /** Each class's share of what is learnt from: beats, recorded and generated, by their weight. */
  Map<String, Double> classShares() {
    return classShares;
  }

  /** Recorded beats that are learnt from. */
  long real() {
    return census.learnedFrom().stream().mapToLong(PatientBeats::beats).sum();
  }

  /** Generated beats. */
  long synthetic() {
    return generated.byClass().values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public void close() {
    scale.destroy();
    weighting.destroy();
  }
}
