package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What reporting guidelines ask for, answered by facts of the run alone.
 *
 * @param facts what the run did, in sentences
 * @param sections ids of the page's sections, which answers point to
 */
public record ChecklistSection(Map<Checklist.Fact, String> facts, Set<String> sections)
    implements Section {
  private static final List<String> GUIDELINES = List.of("TRIPOD+AI", "STARD", "STARD-AI");

  public ChecklistSection {
    facts = Map.copyOf(facts);
    sections = Set.copyOf(sections);
  }

  @Override
  public String id() {
    return "checklist";
  }

  @Override
  public String heading() {
    return "Reporting checklist";
  }

  @Override
  public String html() {
    List<Checklist.Item> items = Checklist.items(facts, sections);
    List<Map<String, Object>> lists = new ArrayList<>();
    for (String guideline : GUIDELINES) {
      List<Checklist.Item> of =
          items.stream().filter(item -> item.guideline().equals(guideline)).toList();
      lists.add(
          Map.of(
              "name",
              guideline,
              "items",
              of,
              "answered",
              of.stream().filter(Checklist.Item::isAnswered).count(),
              "of",
              of.size()));
    }
    return Templates.fill("checklist.ftlh", Map.of("lists", lists));
  }
}
