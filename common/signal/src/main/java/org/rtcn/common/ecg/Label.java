package org.rtcn.common.ecg;

/** The label of a recording: what {@code records.label} holds. */
public enum Label {
  /** Healthy control. */
  HC,
  AMI,
  ASMI,
  ALMI,
  ASLMI,
  IMI,
  ILMI,
  IPMI,
  IPLMI,
  PMI,
  PLMI,
  LMI,
  /** Infarction of more than one site in one recording. */
  MI_MULTIPLE,
  /** Infarction without a stated site. */
  MI_UNLOCALISED,
  /** Neither infarction nor healthy. */
  OTHER,
  /** No label was given (prediction). */
  UNKNOWN;

  /** Whether the label is a myocardial infarction, of whatever site. */
  public boolean isInfarction() {
    return switch (this) {
      case HC, OTHER, UNKNOWN -> false;
      default -> true;
    };
  }

  /** The label of a single infarct site. */
  public static Label of(InfarctSite site) {
    return valueOf(site.name());
  }
}
