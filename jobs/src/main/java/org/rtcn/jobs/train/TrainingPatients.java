package org.rtcn.jobs.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.ImageStandardizer;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.random.RandomStreams;

/**
 * Age and sex of the patients that a network learns from: the scale of the ages, and what generated
 * beats are lent. A generated beat belongs to nobody, but "nothing is known of the patient" must
 * not become the mark of the classes that were filled up.
 */
final class TrainingPatients implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Per class, each patient's numbers before standardising. */
  private final Map<String, List<float[]>> byLabel;

  private final double meanAge;
  private final double ageDeviation;

  private TrainingPatients(
      Map<String, List<float[]>> byLabel, double meanAge, double ageDeviation) {
    this.byLabel = byLabel;
    this.meanAge = meanAge;
    this.ageDeviation = ageDeviation;
  }

  /**
   * Gathers them, every patient once per class, as the first record by id says.
   *
   * @param images with {@code age_years} and {@code sex}
   * @param heldBack patients that the network does not learn from
   * @throws UserException if nobody's age or sex is known
   */
  static TrainingPatients of(Dataset<Row> images, Set<String> heldBack) {
    Map<String, List<float[]>> byLabel = new TreeMap<>();
    Set<List<String>> seen = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    Map<String, Float> ages = new TreeMap<>();
    boolean known = false;
    for (Row row :
        images
            .select("record_id", "patient_id", "label", "age_years", "sex")
            .distinct()
            .orderBy("record_id")
            .collectAsList()) {
      String patient = row.getString(1);
      if (heldBack.contains(patient) || !seen.add(List.of(patient, row.getString(2)))) {
        continue;
      }
      float[] numbers = new float[PatientInput.AGE_SEX.numbers()];
      PatientInput.AGE_SEX.write(
          numbers, 0, row.isNullAt(3) ? Float.NaN : row.getFloat(3), row.getString(4));
      byLabel.computeIfAbsent(row.getString(2), label -> new ArrayList<>()).add(numbers);
      ages.putIfAbsent(patient, numbers[0]);
      known |= !Float.isNaN(numbers[0]) || numbers[1] != 0;
    }
    if (!known) {
      throw new UserException(
          "Cannot train with rtcn.train.network.patient-input = age-sex: no training patient's age"
              + " or sex is known; set it to none");
    }
    double[] years =
        ages.values().stream()
            .filter(age -> !age.isNaN())
            .mapToDouble(Float::doubleValue)
            .toArray();
    double mean = Arrays.stream(years).average().orElse(0);
    double variance =
        Arrays.stream(years).map(age -> (age - mean) * (age - mean)).average().orElse(0);
    return new TrainingPatients(byLabel, mean, Math.sqrt(variance));
  }

  /** The standardizer with the scale of these patients' ages. */
  ImageStandardizer scale(ImageStandardizer ofImages) {
    return ofImages.withAges(meanAge, ageDeviation);
  }

  /**
   * Gives a generated beat age and sex of a training patient of its class, drawn by its id.
   *
   * @return the image, changed in place
   */
  Images.Image lend(Images.Image image, long seed) {
    List<float[]> patients = byLabel.get(image.label());
    float[] numbers =
        patients.get(RandomStreams.of(seed, "patient", image.id()).nextInt(patients.size()));
    float[] values = image.values();
    System.arraycopy(numbers, 0, values, values.length - numbers.length, numbers.length);
    return image;
  }
}
