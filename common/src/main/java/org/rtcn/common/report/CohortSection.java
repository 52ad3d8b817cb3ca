package org.rtcn.common.report;

import java.util.List;
import java.util.Map;

/**
 * Characteristics of the patients ("Table 1").
 *
 * @param groups for example training, validation, held out
 * @param rows one per characteristic
 */
public record CohortSection(List<String> groups, List<Row> rows) implements Section {
  /** One characteristic, with a cell per group. */
  public record Row(String name, List<String> cells) {
    public Row {
      cells = List.copyOf(cells);
    }
  }

  public CohortSection {
    groups = List.copyOf(groups);
    rows = List.copyOf(rows);
  }

  @Override
  public String id() {
    return "cohort";
  }

  @Override
  public String heading() {
    return "The patients";
  }

  @Override
  public String html() {
    return Templates.fill("cohort.ftlh", Map.of("groups", groups, "rows", rows));
  }
}
