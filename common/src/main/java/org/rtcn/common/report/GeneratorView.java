package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.rtcn.common.report.ReportData.GeneratedClass;
import org.rtcn.common.report.ReportData.Generator;
import org.rtcn.common.report.ReportData.StepError;

/** How good the generated beats are, as tables and a chart. */
final class GeneratorView {
  /** Trivial guesses are far above it where there is little noise; the chart ends here. */
  private static final double TOP = 2;

  private GeneratorView() {}

  static Map<String, Object> of(Generator generator) {
    return Map.of(
        "classes", generator.classes().stream().map(GeneratorView::cells).toList(),
        "transfer", generator.transfer().stream().map(GeneratorView::transfer).toList(),
        "levels", generator.steps().size(),
        "steps", words(generator.steps()),
        "chart", chart(generator.steps()));
  }

  private static Map<String, Object> cells(GeneratedClass row) {
    return Map.of(
        "name",
        row.className(),
        "cells",
        List.of(
            Figures.count(row.generated()) + " / " + Figures.count(row.real()),
            two(row.recognisedGenerated()) + " / " + two(row.recognisedReal()),
            Figures.three(row.deviationGeneratedMv())
                + " / "
                + Figures.three(row.deviationRealMv()),
            Figures.three(row.mmd2()) + " / " + Figures.three(row.mmd2Halves()),
            Figures.three(row.frechetMv2()) + " / " + Figures.three(row.frechetMv2Halves()),
            two(row.rtcnFrechet()) + " / " + two(row.rtcnFrechetHalves()),
            two(row.spectrumDb()) + " / " + two(row.spectrumDbHalves()),
            Figures.three(row.nearestMv()) + " / " + Figures.three(row.nearestOtherPatientMv()),
            Figures.three(row.warpedMv())));
  }

  private static Map<String, String> transfer(ReportData.Transfer row) {
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
