package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.LevelEvaluation;

/**
 * Whether probabilities are what they say.
 *
 * @param level of the headline, as trained
 * @param after the same after temperature scaling; empty where no temperature was fitted
 */
public record CalibrationSection(LevelEvaluation level, Optional<LevelEvaluation> after)
    implements Section {
  private static final List<FigureName> CALIBRATION_ROWS =
      List.of(
          FigureName.LOG_LOSS,
          FigureName.BRIER,
          FigureName.ECE,
          FigureName.DETECTION_BRIER,
          FigureName.DETECTION_CALIBRATION_SLOPE,
          FigureName.DETECTION_CALIBRATION_INTERCEPT);

  @Override
  public String id() {
    return "calibration";
  }

  @Override
  public String heading() {
    return "Are the probabilities calibrated?";
  }

  @Override
  public String html() {
    return Templates.fill("calibration.ftlh", view());
  }

  private Map<String, Object> view() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (FigureName name : CALIBRATION_ROWS) {
      List<Map<String, String>> cells = new ArrayList<>();
      cells.add(Views.cell(level.figure(name)));
      after.ifPresent(of -> cells.add(Views.cell(of.figure(name))));
      rows.add(Map.of("label", Views.label(name), "cells", cells));
    }
    return Map.of(
        "headlineLevel",
        level.level().word(),
        "rows",
        rows,
        "after",
        after.isPresent(),
        "charts",
        Stream.concat(
                level.detection().map(of -> DetectionCharts.calibration("as trained", of)).stream(),
                after
                    .flatMap(LevelEvaluation::detection)
                    .map(of -> DetectionCharts.calibration("after temperature scaling", of))
                    .stream())
            .toList());
  }
}
