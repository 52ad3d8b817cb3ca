package org.rtcn.jobs.ablate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import org.rtcn.jobs.run.StageFact;

/** What {@code ablate} states of itself in its manifest. */
public final class AblateFacts {
  private static final String STAGE = "ablate";

  /** The comparison's lines, the primary end point last. */
  public static final StageFact<List<String>> LINES =
      StageFact.of(STAGE, "lines", new TypeReference<>() {});

  /** The primary end point. */
  public static final StageFact<String> PRIMARY = StageFact.of(STAGE, "primary", String.class);

  private AblateFacts() {}
}
