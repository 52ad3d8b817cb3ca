package org.rtcn.jobs.tables;

import java.util.List;
import java.util.Locale;
import org.rtcn.common.ecg.Lead;

/** The twelve lead columns: {@code lead_i} … {@code lead_v6}. */
public final class LeadColumns {
  /** Column names in the order of {@link Lead#STANDARD_12}. */
  public static final List<String> NAMES =
      Lead.STANDARD_12.stream().map(LeadColumns::name).toList();

  private LeadColumns() {}

  /** The column of one lead, for example {@code lead_avr}. */
  public static String name(Lead lead) {
    return "lead_" + lead.name().toLowerCase(Locale.ROOT);
  }
}
