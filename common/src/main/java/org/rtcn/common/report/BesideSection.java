package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.Variant;

/**
 * The model, rules and baselines side by side.
 *
 * @param level of the headline
 * @param variants per variant its levels, two variants or more
 */
public record BesideSection(Level level, Map<Variant, List<LevelEvaluation>> variants)
    implements Section {
  private static final List<FigureName> BESIDE_ROWS =
      List.of(
          FigureName.BALANCED_ACCURACY,
          FigureName.ACCURACY,
          FigureName.MACRO_F1,
          FigureName.MACRO_AUROC,
          FigureName.MACRO_AVERAGE_PRECISION,
          FigureName.MCC,
          FigureName.LOG_LOSS,
          FigureName.BRIER,
          FigureName.ECE,
          FigureName.DETECTION_BALANCED_ACCURACY,
          FigureName.DETECTION_SENSITIVITY,
          FigureName.DETECTION_SPECIFICITY,
          FigureName.DETECTION_AUROC,
          FigureName.DETECTION_AVERAGE_PRECISION);

  public BesideSection {
    variants = Collections.unmodifiableMap(new LinkedHashMap<>(variants));
  }

  @Override
  public String id() {
    return "beside";
  }

  @Override
  public String heading() {
    return "Compared with simpler answers";
  }

  @Override
  public String html() {
    Map<Variant, LevelEvaluation> at = Views.at(variants, level);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (FigureName name : BESIDE_ROWS) {
      List<Map<String, String>> cells = new ArrayList<>();
      at.forEach(
          (variant, of) ->
              cells.add(
                  Views.cell(variant.measures(name.scope()) ? of.figure(name) : Optional.empty())));
      rows.add(Map.of("label", Views.label(name), "cells", cells));
    }
    return Templates.fill(
        "beside.ftlh",
        Map.of(
            "headlineLevel",
            level.word(),
            "names",
            at.keySet().stream()
                .map(v -> Map.of("name", v.word().replace('_', ' '), "label", v.label()))
                .toList(),
            "rows",
            rows));
  }
}
