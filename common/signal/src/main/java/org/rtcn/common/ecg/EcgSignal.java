package org.rtcn.common.ecg;

import java.util.List;

/**
 * Simultaneous leads of one recording.
 *
 * @param fsHz sampling rate in Hz
 * @param leads names of the rows
 * @param millivolts {@code [lead][sample]} in mV; NaN where the recorder marked the sample invalid.
 *     Not copied: the caller hands the arrays over.
 */
@SuppressWarnings("ArrayRecordComponent")
public record EcgSignal(double fsHz, List<Lead> leads, float[][] millivolts) {

  /**
   * @throws IllegalArgumentException if the rate is not positive, or the rows differ in number from
   *     the leads or in length from each other
   */
  public EcgSignal {
    leads = List.copyOf(leads);
    if (!(fsHz > 0)) {
      throw new IllegalArgumentException("Invalid sampling rate " + fsHz + " Hz: must be positive");
    }
    if (leads.size() != millivolts.length) {
      throw new IllegalArgumentException(
          "Invalid signal: " + leads.size() + " leads but " + millivolts.length + " rows");
    }
    for (float[] row : millivolts) {
      if (row.length != millivolts[0].length) {
        throw new IllegalArgumentException(
            "Invalid signal: rows of " + millivolts[0].length + " and " + row.length + " samples");
      }
    }
  }

  /** Samples per lead. */
  public int sampleCount() {
    return millivolts.length == 0 ? 0 : millivolts[0].length;
  }

  /**
   * The twelve standard leads in table order, {@code [lead][sample]}: the arrays themselves; zeros
   * for a lead that is absent.
   */
  public float[][] standardLeads() {
    float[][] rows = new float[Lead.STANDARD_12.size()][];
    for (int lead = 0; lead < rows.length; lead++) {
      int at = leads.indexOf(Lead.STANDARD_12.get(lead));
      rows[lead] = at < 0 ? new float[sampleCount()] : millivolts[at];
    }
    return rows;
  }

  /** Length in seconds. */
  public double durationSeconds() {
    return sampleCount() / fsHz;
  }
}
