package org.rtcn.jobs.gate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import org.rtcn.jobs.run.StageFact;

/** What {@code gate} states of itself in its manifest. */
public final class GateFacts {
  private static final String STAGE = "gate";

  /** Whether the night may pass: {@code open} or {@code closed}. */
  public static final StageFact<String> STATE = StageFact.of(STAGE, "gate", String.class);

  /** Why it is closed. */
  public static final StageFact<List<String>> REASONS =
      StageFact.of(STAGE, "reasons", new TypeReference<>() {});

  /** A line per figure. */
  public static final StageFact<List<String>> SAID =
      StageFact.of(STAGE, "said", new TypeReference<>() {});

  private GateFacts() {}
}
