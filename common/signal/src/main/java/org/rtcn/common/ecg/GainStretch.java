package org.rtcn.common.ecg;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Samples that were stored with the same gains: a whole recording, or some of its segments.
 *
 * @param fromSample the first of them; they go on to the next stretch
 * @param aduPerMillivolt gain of each lead of the signal; null for a lead that was not recorded
 */
public record GainStretch(int fromSample, List<Float> aduPerMillivolt) {
  public GainStretch {
    // Unlike List.copyOf this takes nulls.
    aduPerMillivolt = Collections.unmodifiableList(new ArrayList<>(aduPerMillivolt));
  }
}
