package org.rtcn.jobs.augment;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How many beats of each class to generate.
 *
 * @param classes one entry per class that has training beats, in the order of the class list
 */
public record AugmentationPlan(List<ForClass> classes) {

  /**
   * One class.
   *
   * @param label the class
   * @param patients training patients
   * @param beats real training beats
   * @param toMake beats to generate
   */
  public record ForClass(String label, long patients, long beats, int toMake) {}

  public AugmentationPlan {
    classes = List.copyOf(classes);
  }

  /**
   * Tops each class up to a share of the largest.
   *
   * @param patients training patients by class
   * @param beats training beats by class; classes without any are left out
   */
  static AugmentationPlan of(
      AugmentOptions options, Map<String, Long> patients, Map<String, Long> beats) {
    long largest =
        options.classes().stream().mapToLong(k -> beats.getOrDefault(k, 0L)).max().orElse(0);
    List<ForClass> rows = new ArrayList<>();
    for (String label : options.classes()) {
      long real = beats.getOrDefault(label, 0L);
      if (real > 0) {
        long missing = Math.round(options.targetRatio() * largest) - real;
        long most = Math.min(options.maxPerClass(), Math.round(options.maxRatio() * real));
        int toMake = (int) Math.max(0, Math.min(missing, most));
        rows.add(new ForClass(label, patients.getOrDefault(label, 0L), real, toMake));
      }
    }
    return new AugmentationPlan(rows);
  }

  /** The classes that the model learns: those with training beats. */
  List<String> labels() {
    return classes.stream().map(ForClass::label).toList();
  }

  /** Beats to generate over all classes. */
  int total() {
    return classes.stream().mapToInt(ForClass::toMake).sum();
  }

  /** Prints the plan as a small table. */
  void print(PrintStream out) {
    out.printf(
        "           %-16s %10s %14s %12s%n", "class", "patients", "training beats", "to generate");
    for (ForClass row : classes) {
      out.printf(
          Locale.ROOT,
          "           %-16s %,10d %,14d %,12d%n",
          row.label(),
          row.patients(),
          row.beats(),
          row.toMake());
    }
  }
}
