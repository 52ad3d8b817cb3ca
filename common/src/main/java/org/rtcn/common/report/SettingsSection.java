package org.rtcn.common.report;

import java.util.List;
import java.util.Map;

/**
 * The effective settings.
 *
 * @param settings in their order
 */
public record SettingsSection(List<Setting> settings) implements Section {
  /** One effective setting. */
  public record Setting(String key, String value) {}

  public SettingsSection {
    settings = List.copyOf(settings);
  }

  @Override
  public String id() {
    return "settings";
  }

  @Override
  public String heading() {
    return "Settings";
  }

  @Override
  public String html() {
    return Templates.fill("settings.ftlh", Map.of("settings", settings));
  }
}
