package org.rtcn.common.formats;

import java.util.Optional;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.LeadNames;

/**
 * A stored lead.
 *
 * @param name the lead's label, or the source's name where it is none of {@link Lead}, such as V7
 * @param lead empty for other leads
 * @param millivoltsPerStep what one step of the source's integers stands for, 0 where it stores
 *     numbers with fractions
 */
public record EcgChannel(String name, Optional<Lead> lead, double millivoltsPerStep) {

  /** A lead by the source's name for it. */
  public static EcgChannel named(String name, double millivoltsPerStep) {
    Optional<Lead> lead = LeadNames.parse(name);
    return new EcgChannel(
        lead.map(Lead::label).orElseGet(() -> LeadNames.plain(name)), lead, millivoltsPerStep);
  }
}
