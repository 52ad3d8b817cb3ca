package org.rtcn.jobs.train;

import java.io.Serializable;
import org.rtcn.common.averaging.Course;
import org.rtcn.common.nn.ImagePerturbation;
import org.rtcn.common.nn.RtcnConfig;

/**
 * How long and in what portions a network is trained.
 *
 * @param network shapes of images and labels; its dropout and label smoothing
 * @param epochs passes over the examples
 * @param batchSize examples per step of a worker
 * @param averagingFrequency steps of a worker between two averagings
 * @param workers models trained side by side; partitions of the examples
 * @param weighting what an example's weight means
 * @param perturbation what is done to an image each time it is seen
 * @param seed of order, perturbation and dropout
 */
public record TrainingOptions(
    RtcnConfigShape network,
    int epochs,
    int batchSize,
    int averagingFrequency,
    int workers,
    Weighting weighting,
    ImagePerturbation perturbation,
    long seed)
    implements Serializable {

  /** What an example's weight means. */
  public enum Weighting {
    /** It is seen once per epoch, and its loss is multiplied. */
    LOSS,
    /** It is seen so often per epoch, on average, perturbed differently each time. */
    DRAWS
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is not positive
   */
  public TrainingOptions {
    requirePositive("epochs", epochs);
    requirePositive("batch-size", batchSize);
    requirePositive("averaging-frequency", averagingFrequency);
    requirePositive("workers", workers);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("Invalid " + name + " " + value + ": must be positive");
    }
  }

  /**
   * The course of a training: so many steps of each worker per epoch that together they see every
   * example about once, and a row of the learning curve for each.
   */
  public Course course(long examples) {
    long perStep = (long) workers * batchSize;
    int perEpoch = Math.toIntExact(Math.max(1, (examples + perStep - 1) / perStep));
    return new Course(workers, epochs, perEpoch, averagingFrequency, perEpoch, perStep);
  }

  /** What batches need to know of a network. */
  record RtcnConfigShape(
      int channels,
      int leads,
      int voices,
      int columns,
      int classes,
      double labelSmoothing,
      int patientNumbers)
      implements Serializable {
    static RtcnConfigShape of(RtcnConfig config, int leads) {
      return new RtcnConfigShape(
          config.channels(),
          leads,
          config.voices(),
          config.columns(),
          config.classes(),
          config.labelSmoothing(),
          config.patientInput().numbers());
    }

    int imageSize() {
      return channels * voices * columns;
    }
  }
}
