package org.rtcn.common.explain;

import org.rtcn.common.nn.RtcnModel;

/** The maps of leads and segments that an answer can be explained with. */
public enum MapKind {
  /** Contributions in log odds: {@link LeadSegmentExplainer}. */
  LEAD_SEGMENT("lead × segment"),
  /** Grad-CAM in time, shared among the leads; no sign: {@link GradCamSegments}. */
  GRAD_CAM("Grad-CAM");

  private final String label;

  MapKind(String label) {
    this.label = label;
  }

  /** In words. */
  public String label() {
    return label;
  }

  /** Makes such maps; for one thread. */
  public MapMaker maker(RtcnModel model, HealthyReference reference) {
    return this == LEAD_SEGMENT
        ? new LeadSegmentExplainer(model, reference)
        : new GradCamSegments(model);
  }
}
