package org.rtcn.common.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.Variant;

/**
 * The headline figures, with what must be known to read them.
 *
 * @param protocol how patients were held out, in a sentence
 * @param level that the headline speaks of
 * @param variants per variant its levels: rules fitted on validation patients, and baselines
 * @param counts held-out patients, records, beats and the like
 * @param classes the model's classes in order
 * @param remarks what a reader must know to read the figures correctly
 */
public record SummarySection(
    String protocol,
    LevelEvaluation level,
    Map<Variant, List<LevelEvaluation>> variants,
    List<Count> counts,
    List<String> classes,
    List<String> remarks)
    implements Section {
  public SummarySection {
    variants = Collections.unmodifiableMap(new LinkedHashMap<>(variants));
    counts = List.copyOf(counts);
    classes = List.copyOf(classes);
    remarks = List.copyOf(remarks);
  }

  @Override
  public String id() {
    return "summary";
  }

  @Override
  public String heading() {
    return "Summary";
  }

  @Override
  public String html() {
    return Templates.fill(
        "summary.ftlh",
        Map.of(
            "protocol", protocol,
            "headlineLevel", level.level().word(),
            "headlines",
                Headline.of(level, Views.at(variants, level.level())).stream()
                    .map(SummarySection::view)
                    .toList(),
            "counts", counts.stream().map(Views::of).toList(),
            "classNames",
                classes.stream()
                    .map(name -> Map.of("code", name, "words", Views.className(name)))
                    .toList(),
            "remarks", remarks));
  }

  private static Map<String, Object> view(Headline headline) {
    return Map.of(
        "beside",
        headline.beside().entrySet().stream()
            .map(
                other ->
                    Map.of(
                        "name", other.getKey(), "value", Figures.three(other.getValue().value())))
            .toList(),
        "label",
        headline.label(),
        "value",
        Figures.three(headline.interval().value()),
        "interval",
        headline.interval().hasBounds()
            ? Figures.three(headline.interval().low())
                + " to "
                + Figures.three(headline.interval().high())
            : "no interval",
        "baseline",
        Figures.three(headline.baseline()),
        "baselineLabel",
        headline.baselineLabel());
  }
}
