package org.rtcn.common.report;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One HTML page without scripts and without anything to load: a head, a list of sections, a foot.
 * The same data give the same bytes.
 */
public final class Page {
  /** Fewer sections are found without a table of contents. */
  private static final int CONTENTS_FROM = 5;

  private Page() {}

  /**
   * What stands above the sections.
   *
   * @param kind of page, for example "evaluation report"
   * @param title of the browser's window
   * @param heading the page's
   * @param facts below the heading, by name, for example "model"
   * @param simulated what is to be said of simulated ECG; empty where there is none
   * @param version of rtcn-spark
   */
  public record Head(
      String kind,
      String title,
      String heading,
      Map<String, String> facts,
      String simulated,
      String version) {
    public Head {
      facts = new LinkedHashMap<>(facts);
    }
  }

  /**
   * The page.
   *
   * @throws IllegalArgumentException if two sections have one name
   */
  public static String html(Head head, List<Section> sections) {
    Set<String> ids = new HashSet<>();
    for (Section section : sections) {
      if (!ids.add(section.id())) {
        throw new IllegalArgumentException("Invalid page: two sections " + section.id());
      }
    }
    Map<String, Object> model = new HashMap<>();
    model.put("head", head);
    model.put("contents", sections.size() >= CONTENTS_FROM);
    model.put(
        "sections",
        sections.stream()
            .map(
                section ->
                    Map.of(
                        "id", section.id(), "heading", section.heading(), "html", section.html()))
            .toList());
    return Templates.fill("page.ftlh", model);
  }
}
