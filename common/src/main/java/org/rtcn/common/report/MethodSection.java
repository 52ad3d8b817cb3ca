package org.rtcn.common.report;

import java.util.Map;

/** What was done, and who described it. */
public record MethodSection() implements Section {
  @Override
  public String id() {
    return "method";
  }

  @Override
  public String heading() {
    return "Method and its source";
  }

  @Override
  public String html() {
    return Templates.fill("method.ftlh", Map.of());
  }
}
