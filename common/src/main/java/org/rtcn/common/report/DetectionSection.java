package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.LevelEvaluation;

/**
 * What was measured of infarction against none.
 *
 * @param levels of which one or more measured it
 * @param threshold of detection, with its origin, in words
 */
public record DetectionSection(List<LevelEvaluation> levels, String threshold) implements Section {
  public DetectionSection {
    levels = List.copyOf(levels);
  }

  @Override
  public String id() {
    return "detection";
  }

  @Override
  public String heading() {
    return "Infarction or not";
  }

  @Override
  public String html() {
    Map<String, Object> model = new HashMap<>(detection(Views.reversed(levels)));
    model.put("threshold", threshold);
    return Templates.fill("detection.ftlh", model);
  }

  /** A matrix per level, and one table with a column per level; without matrices: not measured. */
  private static Map<String, Object> detection(List<LevelEvaluation> levels) {
    List<Map<String, Object>> matrices = new ArrayList<>();
    for (LevelEvaluation level : levels) {
      level
          .detection()
          .ifPresent(
              m ->
                  matrices.add(
                      Map.of(
                          "level",
                          level.level().word(),
                          "total",
                          Figures.count(m.matrix().total()),
                          "matrix",
                          Views.matrix(m.matrix()),
                          "charts",
                          DetectionCharts.of(level.level().word(), level))));
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    for (FigureName name : FigureName.of(FigureName.Scope.DETECTION)) {
      rows.add(
          Map.of(
              "label",
              name.label(),
              "cells",
              levels.stream().map(level -> Views.cell(level.figure(name))).toList()));
    }
    return Map.of("matrices", matrices, "rows", rows);
  }
}
