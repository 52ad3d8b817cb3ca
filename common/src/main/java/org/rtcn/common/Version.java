package org.rtcn.common;

/** The version of rtcn-spark, from the jar's manifest. */
public final class Version {
  private Version() {}

  /** For example {@code 0.1.0-SNAPSHOT}; {@code development} outside a jar. */
  public static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
