package org.rtcn.common.metrics;

import java.util.Locale;

/** What one decision is about. */
public enum Level {
  BEAT,
  RECORD,
  PATIENT;

  /** The word of the tables, for example {@code beat}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
