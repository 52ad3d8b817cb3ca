package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The figures of a part of the patients, or why they are withheld. A figure of a handful of
 * patients is noise that reads like a finding, and may point at persons.
 *
 * @param name for example {@code sex=female}
 * @param patients how many there are
 * @param infarcts how many of them have an infarct
 * @param evaluation the figures; absent where there are too few
 */
public record Subgroup(
    String name, long patients, long infarcts, Optional<LevelEvaluation> evaluation) {

  /**
   * What is known of a patient.
   *
   * @param sex male, female or absent
   * @param ageYears age, absent if unknown
   */
  public record Facts(Optional<String> sex, Optional<Double> ageYears) {}

  /**
   * The rule for "too few to report".
   *
   * @param patients fewer than so many patients are not reported
   * @param patientsPerKind nor fewer than so many with and without an infarct
   */
  public record Rule(int patients, int patientsPerKind) {
    /**
     * @throws IllegalArgumentException if a number is not positive
     */
    public Rule {
      if (patients < 1 || patientsPerKind < 1) {
        throw new IllegalArgumentException(
            "Invalid rule for subgroups, "
                + patients
                + " patients and "
                + patientsPerKind
                + " per kind: both must be 1 or more");
      }
    }

    /** In words. */
    public String words() {
      return String.format(
          Locale.ROOT,
          "fewer than %d patients, or fewer than %d with or without an infarct",
          patients,
          patientsPerKind);
    }
  }

  /** Names of all subgroups that are looked at: by sex, and by age in bands. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(List.of("sex=female", "sex=male", "sex=unknown"));
    for (AgeBand band : AgeBand.values()) {
      names.add("age=" + band.label);
    }
    return names;
  }

  /**
   * Measures all subgroups that hold anybody.
   *
   * @param rows patient-level predictions
   * @param facts by patient id; who is not in it is unknown
   */
  public static List<Subgroup> of(
      Evaluator evaluator, List<Prediction> rows, Map<String, Facts> facts, Rule rule) {
    Map<String, List<Prediction>> members = new LinkedHashMap<>();
    names().forEach(name -> members.put(name, new ArrayList<>()));
    for (Prediction row : rows) {
      Facts known = facts.getOrDefault(row.id(), new Facts(Optional.empty(), Optional.empty()));
      members
          .get("sex=" + known.sex().filter(s -> s.matches("male|female")).orElse("unknown"))
          .add(row);
      members.get("age=" + AgeBand.of(known.ageYears()).label).add(row);
    }
    List<Subgroup> groups = new ArrayList<>();
    members.forEach(
        (name, of) -> {
          if (of.isEmpty()) {
            return;
          }
          Cases cases = Cases.of(evaluator.classes(), Level.PATIENT, of);
          long infarcts = 0;
          for (boolean infarct : cases.isInfarct()) {
            infarcts += infarct ? 1 : 0;
          }
          boolean enough =
              of.size() >= rule.patients()
                  && (!evaluator.measuresDetection()
                      || Math.min(infarcts, of.size() - infarcts) >= rule.patientsPerKind());
          groups.add(
              new Subgroup(
                  name,
                  of.size(),
                  infarcts,
                  enough ? Optional.of(evaluator.evaluate(Level.PATIENT, of)) : Optional.empty()));
        });
    return List.copyOf(groups);
  }

  private enum AgeBand {
    YOUNG("under 50", 50),
    MIDDLE("50 to 64", 65),
    OLD("65 to 79", 80),
    // PTB-XL writes 300 for everybody above 89.
    OLDEST("80 and over", Double.POSITIVE_INFINITY),
    UNKNOWN("unknown", Double.NaN);

    private final String label;
    private final double below;

    AgeBand(String label, double below) {
      this.label = label;
      this.below = below;
    }

    static AgeBand of(Optional<Double> years) {
      if (years.isEmpty() || !(years.get() >= 0)) {
        return UNKNOWN;
      }
      for (AgeBand band : values()) {
        if (years.get() < band.below) {
          return band;
        }
      }
      return UNKNOWN;
    }
  }
}
