package org.rtcn.common.ecg;

/** Where an infarct lies, by the codes of PTB-XL; PTB's header spellings fold onto them. */
public enum InfarctSite {
  AMI("anterior"),
  ASMI("antero-septal"),
  ALMI("antero-lateral"),
  ASLMI("antero-septo-lateral"),
  IMI("inferior"),
  ILMI("infero-lateral"),
  IPMI("infero-posterior"),
  IPLMI("infero-postero-lateral"),
  PMI("posterior"),
  PLMI("postero-lateral"),
  LMI("lateral");

  private final String description;

  InfarctSite(String description) {
    this.description = description;
  }

  /** The site in words, for example {@code antero-septal}. */
  public String description() {
    return description;
  }
}
