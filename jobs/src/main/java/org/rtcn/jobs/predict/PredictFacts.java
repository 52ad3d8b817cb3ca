package org.rtcn.jobs.predict;

import org.rtcn.jobs.run.StageFact;

/** What {@code predict} states of itself in its manifest. */
public final class PredictFacts {
  private static final String STAGE = "predict";

  /** The model that answered. */
  public static final StageFact<String> MODEL_ID = StageFact.of(STAGE, "model_id", String.class);

  private PredictFacts() {}
}
