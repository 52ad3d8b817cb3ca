package org.rtcn.jobs.ablate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.rtcn.jobs.crossval.CrossvalOptions.Augmentation;

/** One way to treat classes of unequal size; all else is the same. */
public enum Arm {
  NONE("none", "every beat counts alike", Augmentation.NONE),
  CLASS_WEIGHTS("class-weights", "the loss of a rare class weighs more", Augmentation.NONE),
  OVERSAMPLING("oversampling", "beats of a rare class are seen more often", Augmentation.NONE),
  DDPM(
      "ddpm",
      "generated beats fill up the rare classes; every beat counts alike",
      Augmentation.DDPM);

  private final String word;
  private final String note;
  private final Augmentation augmentation;

  Arm(String word, String note, Augmentation augmentation) {
    this.word = word;
    this.note = note;
    this.augmentation = augmentation;
  }

  /** As settings write it. */
  public String word() {
    return word;
  }

  /** In words. */
  public String note() {
    return note;
  }

  Augmentation augmentation() {
    return augmentation;
  }

  /**
   * What it sets. All arms make equally many steps: generated beats share those of the recorded.
   */
  List<String> settings() {
    List<String> own =
        switch (this) {
          case NONE, DDPM -> List.of("train.balance=beats");
          case CLASS_WEIGHTS -> List.of("train.balance=classes", "train.balance-by=loss");
          case OVERSAMPLING -> List.of("train.balance=classes", "train.balance-by=draws");
        };
    return Stream.concat(own.stream(), Stream.of("train.epoch-of=recorded-beats")).toList();
  }

  /**
   * The arm of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Arm of(String word) {
    return Arrays.stream(values())
        .filter(arm -> arm.word.equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid arm \""
                        + word
                        + "\": write some of "
                        + Arrays.stream(values()).map(Arm::word).toList()));
  }
}
