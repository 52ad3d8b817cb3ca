package org.rtcn.jobs.compare;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import org.rtcn.jobs.run.StageFact;

/** What {@code compare} states of itself in its manifest. */
public final class CompareFacts {
  private static final String STAGE = "compare";

  /** The comparison's lines. */
  public static final StageFact<List<String>> LINES =
      StageFact.of(STAGE, "lines", new TypeReference<>() {});

  private CompareFacts() {}
}
