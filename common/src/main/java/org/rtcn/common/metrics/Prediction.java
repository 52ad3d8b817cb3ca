package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The probabilities that a model gives to one beat, record or patient.
 *
 * @param level what the row is about
 * @param id beat, record or patient id
 * @param dataset source of the recording
 * @param recordId the record; absent at patient level
 * @param patientId the patient; absent where nobody told (new recordings)
 * @param fold the patient's fold; absent where there is none
 * @param truth the label; absent where there is none
 * @param probabilities one per class, in the order of the model's classes
 * @param threshold the probability of infarction from which on an infarct is answered: of the model
 *     that said so, in single precision as tables hold it
 * @param simulated whether the recording is simulated
 */
public record Prediction(
    Level level,
    String id,
    String dataset,
    Optional<String> recordId,
    Optional<String> patientId,
    Optional<Integer> fold,
    Optional<String> truth,
    List<Double> probabilities,
    float threshold,
    boolean simulated) {

  /**
   * @throws IllegalArgumentException if a probability is no number between 0 and 1
   */
  public Prediction {
    probabilities = List.copyOf(probabilities);
    for (double p : probabilities) {
      if (!(p >= 0 && p <= 1 + 1e-6)) {
        throw new IllegalArgumentException(
            "Invalid probability " + p + " of " + id + ": must lie between 0 and 1");
      }
    }
  }

  /** The same row with other probabilities, decided at {@link DetectionThreshold#FIXED}. */
  public Prediction withProbabilities(double[] other) {
    List<Double> list = new ArrayList<>(other.length);
    for (double p : other) {
      list.add(p);
    }
    return with(list, DetectionThreshold.FIXED.probability());
  }

  /** The same row decided at another threshold. */
  public Prediction decidedAt(float other) {
    return with(probabilities, other);
  }

  private Prediction with(List<Double> others, float otherThreshold) {
    return new Prediction(
        level, id, dataset, recordId, patientId, fold, truth, others, otherThreshold, simulated);
  }

  /** Index of the class that is answered. */
  public int answer(Decision decision) {
    return decision.answer(probabilityArray(), threshold);
  }

  /** Whether an infarct is answered. */
  public boolean detects(Decision decision) {
    return decision.detects(probabilityArray(), threshold);
  }

  /** The probabilities as a fresh array. */
  public double[] probabilityArray() {
    return probabilities.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
