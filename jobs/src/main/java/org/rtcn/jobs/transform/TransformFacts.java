package org.rtcn.jobs.transform;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import java.util.Map;
import org.rtcn.jobs.run.StageFact;

/** What {@code transform} states of itself in its manifest. */
public final class TransformFacts {
  private static final String STAGE = "transform";

  /** Some refused recordings, and why. */
  public static final StageFact<List<String>> RECORDS_REFUSED =
      StageFact.of(STAGE, "records_refused", new TypeReference<>() {});

  /** Beats by label. */
  public static final StageFact<Map<String, Long>> BEATS_BY_LABEL =
      StageFact.of(STAGE, "beats_by_label", new TypeReference<>() {});

  private TransformFacts() {}
}
