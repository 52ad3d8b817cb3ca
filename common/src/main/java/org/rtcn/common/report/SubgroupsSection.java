package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Subgroup;

/**
 * Held-out figures by sex and age.
 *
 * @param groups of the held-out patients
 * @param rule which are not reported, in words
 */
public record SubgroupsSection(List<Subgroup> groups, String rule) implements Section {
  private static final List<FigureName> SUBGROUP_COLUMNS =
      List.of(
          FigureName.BALANCED_ACCURACY,
          FigureName.ACCURACY,
          FigureName.DETECTION_SENSITIVITY,
          FigureName.DETECTION_SPECIFICITY,
          FigureName.DETECTION_AUROC);

  public SubgroupsSection {
    groups = List.copyOf(groups);
  }

  @Override
  public String id() {
    return "subgroups";
  }

  @Override
  public String heading() {
    return "Subgroups";
  }

  @Override
  public String html() {
    return Templates.fill("subgroups.ftlh", Map.of("groups", view(), "rule", rule));
  }

  private List<Map<String, Object>> view() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Subgroup subgroup : groups) {
      rows.add(
          Map.of(
              "name",
              subgroup.name().replace("=", ": "),
              "patients",
              Figures.count(subgroup.patients()),
              "infarcts",
              Figures.count(subgroup.infarcts()),
              "reported",
              subgroup.evaluation().isPresent(),
              "cells",
              subgroup
                  .evaluation()
                  .map(of -> SUBGROUP_COLUMNS.stream().map(n -> Views.cell(of.figure(n))).toList())
                  .orElse(List.of())));
    }
    return rows;
  }
}
