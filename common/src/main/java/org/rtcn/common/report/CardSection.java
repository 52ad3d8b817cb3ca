package org.rtcn.common.report;

import java.util.List;
import java.util.Map;

/**
 * The model card (Mitchell et al. 2019).
 *
 * @param entries in their order
 */
public record CardSection(List<Entry> entries) implements Section {
  /** One entry of the model card. */
  public record Entry(String heading, String text) {}

  public CardSection {
    entries = List.copyOf(entries);
  }

  @Override
  public String id() {
    return "card";
  }

  @Override
  public String heading() {
    return "Model card";
  }

  @Override
  public String html() {
    return Templates.fill("card.ftlh", Map.of("entries", entries));
  }
}
