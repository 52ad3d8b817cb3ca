package org.rtcn.common.explain;

import java.util.Optional;

/** Says which lead and segment speak for an answer. */
public sealed interface MapMaker permits LeadSegmentExplainer, GradCamSegments {
  /**
   * Explains an answer.
   *
   * @param window {@code [lead][sample]} in mV, as the model's beats are cut
   * @param answer index of the class that is explained
   * @return empty where the network gives no probabilities, or its gradients are not finite
   */
  Optional<LeadSegmentMap> explain(float[][] window, int answer);
}
