package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who is compared.
 *
 * @param level what one decision is about, for example {@code patient}
 * @param points at which they are compared, the usual one first
 * @param remarks to be read with the figures
 */
public record ContendersSection(String level, List<PointSection> points, List<String> remarks)
    implements Section {
  public ContendersSection {
    points = List.copyOf(points);
    remarks = List.copyOf(remarks);
  }

  @Override
  public String id() {
    return "contenders";
  }

  @Override
  public String heading() {
    return "What is compared";
  }

  @Override
  public String html() {
    List<Map<String, String>> rows = new ArrayList<>();
    for (PointSection point : points) {
      for (PointSection.Contender contender : point.contenders()) {
        rows.add(
            Map.of(
                "name",
                contender.name(),
                "note",
                contender.note() + (point.number() > 1 ? "; " + point.title() : ""),
                "cases",
                Figures.count(contender.cases())));
      }
    }
    return Templates.fill(
        "contenders.ftlh", Map.of("level", level, "rows", rows, "remarks", remarks));
  }
}
