package org.rtcn.common.report;

import java.util.List;
import java.util.Map;

/**
 * The folds of a cross-validation.
 *
 * @param rows one per fold
 */
public record FoldsSection(List<Row> rows) implements Section {
  /**
   * One fold of a cross-validation, one decision per patient.
   *
   * @param heldOut patients measured
   * @param trained patients that trained its model
   */
  public record Row(
      int fold,
      long heldOut,
      long trained,
      double balancedAccuracy,
      double accuracy,
      double macroAuroc,
      double detectionAuroc) {}

  public FoldsSection {
    rows = List.copyOf(rows);
  }

  @Override
  public String id() {
    return "folds";
  }

  @Override
  public String heading() {
    return "Folds";
  }

  @Override
  public String html() {
    return Templates.fill(
        "folds.ftlh",
        Map.of(
            "rows",
            rows.stream()
                .map(
                    fold ->
                        Map.of(
                            "fold", Integer.toString(fold.fold()),
                            "heldOut", Figures.count(fold.heldOut()),
                            "trained", Figures.count(fold.trained()),
                            "balanced", Figures.three(fold.balancedAccuracy()),
                            "accuracy", Figures.three(fold.accuracy()),
                            "auroc", Figures.three(fold.macroAuroc()),
                            "detection", Figures.three(fold.detectionAuroc())))
                .toList()));
  }
}
