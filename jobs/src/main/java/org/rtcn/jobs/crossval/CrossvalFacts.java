package org.rtcn.jobs.crossval;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import java.util.Map;
import org.rtcn.jobs.evaluate.EvaluateFacts;
import org.rtcn.jobs.run.StageFact;

/** What {@code crossval} states of itself in its manifest. */
public final class CrossvalFacts {
  private static final String STAGE = "crossval";

  /** An id of all folds' models together. */
  public static final StageFact<String> MODEL_ID = StageFact.of(STAGE, "model_id", String.class);

  /** How patients are held out. */
  public static final StageFact<String> PROTOCOL = StageFact.of(STAGE, "protocol", String.class);

  /** The headline figures. */
  public static final StageFact<List<EvaluateFacts.HeadlineFact>> HEADLINES =
      StageFact.of(STAGE, "headlines", new TypeReference<>() {});

  /** What the report's checklist says of the run, by the name of the fact. */
  public static final StageFact<Map<String, String>> CHECKLIST =
      StageFact.of(STAGE, "checklist", new TypeReference<>() {});

  private CrossvalFacts() {}
}
