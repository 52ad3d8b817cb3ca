package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The synthetic beats next to the recorded training beats, and the model that drew them.
 *
 * @param classes how good they are, by class
 * @param transfer discriminants of one kind of beats, tried on another
 * @param steps what the diffusion model has learned, by noise level
 * @param simulated whether the recorded beats are simulated
 */
public record GeneratorSection(
    List<OfClass> classes, List<Transfer> transfer, List<StepError> steps, boolean simulated)
    implements Section {
  /** Trivial guesses are far above it where there is little noise; the chart ends here. */
  private static final double TOP = 2;

  /**
   * A figure of the generated beats and what to hold it against; not a number where too few beats
   * leave one undefined.
   *
   * @param reference the same of recorded beats alone; of a distance, that between two halves of
   *     the recorded patients
   */
  public record Compared(double generated, double reference) {
    private String three() {
      return Figures.three(generated) + " / " + Figures.three(reference);
    }

    private String two() {
      return GeneratorSection.two(generated) + " / " + GeneratorSection.two(reference);
    }
  }

  /**
   * The synthetic beats of one class.
   *
   * @param generated how many were compared
   * @param real with how many recorded ones
   * @param recognised share that a linear discriminant of recorded beats recognises; of recorded
   *     beats by one that has not seen their patients
   * @param deviationMv root mean square deviation from the own mean beat
   * @param mmd2 unbiased squared maximum mean discrepancy to the recorded beats
   * @param frechetMv2 Fréchet distance, mV²
   * @param rtcnFrechet Fréchet distance of what the model's head reads, without a unit
   * @param spectrumDb mean distance of the power spectra, dB
   * @param nearest distances to the nearest recorded beat
   */
  public record OfClass(
      String className,
      long generated,
      long real,
      Compared recognised,
      Compared deviationMv,
      Compared mmd2,
      Compared frechetMv2,
      Compared rtcnFrechet,
      Compared spectrumDb,
      Nearest nearest) {}

  /**
   * Medians, mV.
   *
   * @param distance to the nearest recorded beat; from recorded beats to those of other patients
   * @param warped to the nearest recorded beat after time warping
   */
  public record Nearest(Compared distance, double warped) {}

  /** A discriminant of one kind of beats, tried on another. */
  public record Transfer(String what, double balancedAccuracy) {}

  /**
   * Mean squared errors of the predicted noise at one diffusion step: of the model, of the model
   * conditioned on another class, of three trivial guesses.
   *
   * @param gainLow lower end of the 95 % interval of {@code wrongClass - model}
   */
  public record StepError(
      int t,
      double model,
      double wrongClass,
      double sameAsXt,
      double zero,
      double classMean,
      double gainLow) {}

  public GeneratorSection {
    classes = List.copyOf(classes);
    transfer = List.copyOf(transfer);
    steps = List.copyOf(steps);
  }

  @Override
  public String id() {
    return "generator";
  }

  @Override
  public String heading() {
    return "How good the synthetic beats are";
  }

  @Override
  public String html() {
    return Templates.fill(
        "generator.ftlh",
        Map.of(
            "classes", classes.stream().map(GeneratorSection::cells).toList(),
            "transfer", transfer.stream().map(GeneratorSection::transfer).toList(),
            "levels", steps.size(),
            "steps", words(steps),
            "chart", chart(steps),
            "simulated", simulated));
  }

  private static Map<String, Object> cells(OfClass row) {
    return Map.of(
        "name",
        row.className(),
        "cells",
        List.of(
            Figures.count(row.generated()) + " / " + Figures.count(row.real()),
            row.recognised().two(),
            row.deviationMv().three(),
            row.mmd2().three(),
            row.frechetMv2().three(),
            row.rtcnFrechet().two(),
            row.spectrumDb().two(),
            row.nearest().distance().three(),
            Figures.three(row.nearest().warped())));
  }

  private static Map<String, String> transfer(Transfer row) {
    return Map.of("what", row.what(), "value", two(row.balancedAccuracy()));
  }

  private static String words(List<StepError> steps) {
    long best =
        steps.stream()
            .filter(s -> s.model() < Math.min(Math.min(s.sameAsXt(), s.zero()), s.classMean()))
            .count();
    long listens = steps.stream().filter(s -> s.gainLow() > 0).count();
    return steps.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "The model's error lies below that of all three trivial guesses at %d of %d steps;"
                + " conditioned on another class, it is worse at %d of them, beyond the 95 %%"
                + " interval.",
            best,
            steps.size(),
            listens);
  }

  private static String chart(List<StepError> steps) {
    if (steps.isEmpty()) {
      return "";
    }
    List<Chart.Series> lines = new ArrayList<>();
    lines.add(line("the model", steps, StepError::model));
    lines.add(line("conditioned on another class", steps, StepError::wrongClass));
    lines.add(line("guess: the noisy beat", steps, StepError::sameAsXt));
    lines.add(line("guess: zero", steps, StepError::zero));
    lines.add(line("guess: the class mean", steps, StepError::classMean));
    return new Chart(
            "ddpm-steps", "Error of the predicted noise", "diffusion step", "mean squared error")
        .lines(lines, Chart.Form.LINE_AND_POINTS)
        .limits("y", 0, TOP)
        .svg(560, 420);
  }

  private static Chart.Series line(
      String name, List<StepError> steps, ToDoubleFunction<StepError> value) {
    List<StepError> shown =
        steps.stream().filter(step -> value.applyAsDouble(step) <= TOP).toList();
    return new Chart.Series(
        name,
        shown.stream().map(step -> (double) step.t()).toList(),
        shown.stream().map(value::applyAsDouble).toList());
  }

  private static String two(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.2f", value);
  }
}
