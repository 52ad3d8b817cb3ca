package org.rtcn.common.nd4j;

import java.util.Locale;
import org.rtcn.common.error.UserException;

/** What is done about a GPU; configured as {@code rtcn.gpu}. */
public enum GpuPolicy {
  /** A usable GPU where the build has CUDA, else the CPU, with one sentence in the log. */
  AUTO,
  /** A usable GPU, or the run ends. */
  REQUIRE,
  /** The CPU. */
  OFF;

  /** The system property that carries the policy to executors. */
  public static final String PROPERTY = "rtcn.gpu";

  /** Makes this the policy of this JVM; before ND4J starts. */
  public void use() {
    System.setProperty(PROPERTY, name().toLowerCase(Locale.ROOT));
  }

  /**
   * The policy of this JVM.
   *
   * @throws UserException if the property is none of the three words
   */
  public static GpuPolicy current() {
    String word = System.getProperty(PROPERTY, "auto");
    for (GpuPolicy policy : values()) {
      if (policy.name().equalsIgnoreCase(word)) {
        return policy;
      }
    }
    throw new UserException("Invalid gpu \"" + word + "\": write one of [auto, require, off]");
  }
}
