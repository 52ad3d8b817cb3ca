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
   * @param target beats, real and generated, that the options ask for
   * @param toMake beats to generate: fewer than missing where the options cap them
   */
  public record ForClass(String label, long patients, long beats, long target, int toMake) {
    private boolean isCapped() {
      return beats + toMake < target;
    }
  }

  public AugmentationPlan {
    classes = List.copyOf(classes);
  }

  /**
   * Tops each class up to its own target, or to a share of the largest.
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
        Integer count = options.targets().counts().get(label);
        long target = count == null ? Math.round(options.targets().ratio() * largest) : count;
        long most =
            Math.min(
                options.targets().maxPerClass(), Math.round(options.targets().maxRatio() * real));
        int toMake = (int) Math.max(0, Math.min(target - real, most));
        rows.add(new ForClass(label, patients.getOrDefault(label, 0L), real, target, toMake));
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
        "           %-16s %10s %14s %10s %12s%n",
        "class", "patients", "training beats", "target", "to generate");
    for (ForClass row : classes) {
      out.printf(
          Locale.ROOT,
          "           %-16s %,10d %,14d %,10d %,12d%s%n",
          row.label(),
          row.patients(),
          row.beats(),
          row.target(),
          row.toMake(),
          row.isCapped() ? "   (max-ratio, max-per-class)" : "");
    }
  }
}
